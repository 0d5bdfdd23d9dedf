"""Foreign data in: providers' clients, their translations, and the inbox."""

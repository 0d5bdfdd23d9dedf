"""The database: its engines, transactions, the kernel's own rows, and migrations."""

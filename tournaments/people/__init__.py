"""Who is who in a tournament."""

"""Infrastructure that knows nothing of clans or tournaments."""

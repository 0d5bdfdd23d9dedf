"""What pages show of tournaments: read once, shaped, and pushed when it changes."""

"""Bäige's own rooms: accounts, the kernel, and the composition roots."""

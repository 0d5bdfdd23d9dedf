"""Live pages: what changes travels from the relay to every open page."""

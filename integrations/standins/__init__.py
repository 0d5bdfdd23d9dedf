"""Imitations of providers, on loopback, for the demo, the tests and developers."""

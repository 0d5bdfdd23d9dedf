"""Running the house: settings, the log, background work, and what the operator must know."""

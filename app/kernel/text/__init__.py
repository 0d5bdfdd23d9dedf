"""Words: three languages, names as people type them, and templates."""

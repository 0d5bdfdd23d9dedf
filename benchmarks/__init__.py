"""Scripts that print a ratio measured in one run: `.venv/bin/python -m benchmarks.NAME`."""

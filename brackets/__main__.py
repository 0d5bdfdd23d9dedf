"""`python -m brackets`."""

import sys

from brackets.command_line import run

if __name__ == "__main__":  # pragma: no branch
    sys.exit(run())

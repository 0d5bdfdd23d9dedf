"""Addresses of the built files that browsers are sent besides pages."""

import json
from pathlib import Path

PREFIX = "/static/"
MANIFEST = "manifest.json"


class Assets:
    """Addresses of built files by their plain names."""

    def __init__(self, built: Path) -> None:
        path = built / MANIFEST
        self._names: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def url(self, name: str) -> str:
        """`app.css` to `/static/app.<hash>.css`."""
        return PREFIX + self._names[name]

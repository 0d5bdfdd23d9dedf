"""Built files, kept by browsers for ever."""

import mimetypes
from pathlib import PurePath
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from app.accounts.permissions import route
from app.kernel.errors import NotFound
from app.kernel.text.templating import BUILT

YEAR = "public, max-age=31536000, immutable"
TYPES = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}

_kept: dict[str, tuple[bytes, bytes | None]] = {}


@get("/static/{name:str}", opt=route("site.see", raw=True), sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """One built file; few and small enough to stay in memory."""
    plain, gzipped = _file(name)
    headers = {"cache-control": YEAR, "vary": "Accept-Encoding"}
    body = plain
    if gzipped and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"], body = "gzip", gzipped
    suffix = PurePath(name).suffix
    media = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(body, headers=headers, media_type=media)


def _file(name: str) -> tuple[bytes, bytes | None]:
    if name not in _kept:
        # Looked up among those there are: the system is asked for no name from outside.
        path = next((each for each in BUILT.glob("*") if each.name == name), None)
        if path is None or path.suffix in ("", ".json", ".gz") or not path.is_file():
            raise NotFound
        gzipped = path.with_name(f"{name}.gz")
        _kept[name] = path.read_bytes(), gzipped.read_bytes() if gzipped.exists() else None
    return _kept[name]

"""Pictures of our own, kept by browsers for ever: their name is the hash of their bytes."""

import re

from litestar import Response, get
from litestar.params import FromPath

from app.accounts.permissions import route
from app.files import YEAR
from app.kernel.db.tables import Image
from app.kernel.errors import NotFound

_NAME = re.compile(r"([0-9a-f]{64})\.webp")


@get("/media/{name:str}", opt=route("site.see", raw=True))
async def picture(name: FromPath[str]) -> Response[bytes]:
    """One picture, exactly as we wrote it."""
    asked = _NAME.fullmatch(name)
    row = asked and await Image.select().where(Image.digest == asked[1]).first()
    if not row:
        raise NotFound
    return Response(
        row["body"],
        media_type=row["media_type"],
        headers={"cache-control": YEAR, "x-content-type-options": "nosniff"},
    )

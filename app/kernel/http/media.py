"""Pictures from outside: decoded and written anew, so that nothing else comes along.

Only four formats are read, and their header before anything is decoded. What
is kept is the first frame, square and small, without any metadata.
"""

import asyncio
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image as Picture
from PIL import ImageOps

from app.kernel.db.tables import Image
from app.kernel.errors import N_, UserError

LARGEST_FILE = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MEDIA_TYPE = "image/webp"
AVATAR_SIDE = 128
QUALITY = 82

# Pillow's own limit only warns; ours refuses, and is asked of the header.
Picture.MAX_IMAGE_PIXELS = None


class NoPicture(UserError):
    """The bytes are no picture that is taken."""


async def keep_avatar(body: bytes, *, now: datetime) -> str:
    """Keep a picture as an avatar; its digest. `NoPicture` where it is none.

    Decoding takes memory (64 MB at most): callers take turns.
    """
    made = await asyncio.to_thread(square, body)
    digest = sha256(made).hexdigest()
    await Image.insert(
        Image(digest=digest, media_type=MEDIA_TYPE, body=made, created_at=now)
    ).on_conflict(target=Image.digest, action="DO UPDATE", values=[Image.created_at])
    return digest


def square(body: bytes, side: int = AVATAR_SIDE) -> bytes:
    """The picture's middle as a WebP of `side` pixels; `NoPicture` on anything else."""
    if len(body) > LARGEST_FILE:
        raise NoPicture(N_("The picture is larger than 2 MB."))
    try:
        return _written(_read(body), side)
    except NoPicture:
        raise
    except Exception:  # Pillow raises whatever comes to mind on hostile bytes.
        raise NoPicture(N_("This is no picture we can read.")) from None


def _read(body: bytes) -> Picture.Image:
    _check_size(*_webp_size(body))
    opened = Picture.open(BytesIO(body), formats=FORMATS)
    _check_size(*opened.size)
    if opened.format == "JPEG":
        # Its decoder can give a smaller picture right away.
        opened.draft("RGB", (4 * AVATAR_SIDE, 4 * AVATAR_SIDE))
    return opened


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise NoPicture(N_("This is no picture we can read."))
    if width * height > MOST_PIXELS:
        raise NoPicture(N_("The picture has more than 16 megapixels."))


def _webp_size(body: bytes) -> tuple[int, int]:
    """What a WebP's header says: its decoder takes memory for all of it when it is opened.

    (1, 1) for other formats. Source: RFC 9649, sections 2.5 to 2.7.
    """
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP":
        return 1, 1
    match body[12:16]:
        case b"VP8X":
            return 1 + _little(body[24:27]), 1 + _little(body[27:30])
        case b"VP8 ":
            return _little(body[26:28]) & 0x3FFF, _little(body[28:30]) & 0x3FFF
        case b"VP8L":
            bits = _little(body[21:25])
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise NoPicture(N_("This is no picture we can read."))


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")


def _written(opened: Picture.Image, side: int) -> bytes:
    upright = ImageOps.exif_transpose(opened)
    see_through = upright.has_transparency_data
    small = ImageOps.fit(upright.convert("RGBA" if see_through else "RGB"), (side, side))
    # A new picture takes the pixels over, and no metadata.
    plain = Picture.new(small.mode, small.size)
    plain.paste(small)
    written = BytesIO()
    plain.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()

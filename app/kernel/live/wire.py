"""Messages as they go over the wire: compressed once for all who read them.

A stream's gzip has one header and no end. Each message is a piece of it that
refers to nothing before (RFC 1951, 2.3: a stored block of no length ends it at a
byte), so one compression serves every reader and no stream keeps a window.
"""

import zlib

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LEVEL = 6


def deflated(data: bytes) -> bytes:
    """`data` as a piece of any deflate stream."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


class Sent:
    """One message of a topic, by its number."""

    __slots__ = ("_deflated", "data", "number")

    def __init__(self, number: int, data: bytes) -> None:
        self.number = number
        self.data = data
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """Compressed when the first stream wants it so."""
        if self._deflated is None:
            self._deflated = deflated(self.data)
        return self._deflated

"""Pictures from outside: what is taken, what is refused, and that nothing else comes along."""

import struct
import time
import tracemalloc
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from app.kernel.http.media import LARGEST_FILE, NoPicture, square


def written(kind, size=(200, 120), mode="RGB", **more):
    made = Image.new(mode, size, (200, 40, 40) if mode == "RGB" else 1)
    body = BytesIO()
    made.save(body, kind, **more)
    return body.getvalue()


def read(body):
    made = Image.open(BytesIO(body))
    made.load()
    return made


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side=12_000):
    """144 megapixels of one bit in 17 KB."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    line = b"\0" * (1 + side // 8)
    data = b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(200, 120), (31, 300), (1, 1), (4_000, 3_999)])
def test_four_formats_become_a_small_square_webp(kind, size):
    made = square(written(kind, size))
    assert made[8:12] == b"WEBP"
    assert read(made).size == (128, 128)
    assert len(made) < 8_000


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_other_kinds_of_pixels_are_read(mode):
    assert read(square(written("PNG", mode=mode))).size == (128, 128)


def test_what_is_see_through_stays_so():
    made = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    body = BytesIO()
    made.save(body, "PNG")
    assert read(square(body.getvalue())).getpixel((64, 64))[3] == 0


def test_the_middle_is_kept():
    made = Image.new("RGB", (300, 100), (0, 0, 255))
    made.paste((255, 0, 0), (100, 0, 200, 100))
    body = BytesIO()
    made.save(body, "PNG")
    red, _, blue = read(square(body.getvalue())).convert("RGB").getpixel((64, 64))
    assert red > 200 > 60 > blue


def test_only_the_first_frame_is_kept():
    frames = [Image.new("RGB", (50, 50), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    for kind in ("GIF", "WEBP", "PNG"):
        body = BytesIO()
        frames[0].save(body, kind, save_all=True, append_images=frames[1:])
        made = read(square(body.getvalue()))
        assert getattr(made, "n_frames", 1) == 1
        assert made.convert("RGB").getpixel((9, 9))[0] > 200


def test_no_metadata_comes_along_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "planted-description"
    made = Image.new("RGB", (100, 100), (0, 0, 255))
    made.paste((255, 0, 0), (0, 0, 100, 50))
    body = BytesIO()
    made.save(
        body,
        "JPEG",
        exif=exif,
        comment=b"planted-comment",
        icc_profile=b"planted-profile",
        quality=95,
    )
    assert b"planted" in body.getvalue()
    kept = square(body.getvalue())
    assert b"planted" not in kept
    assert not {"exif", "icc_profile", "xmp"} & set(read(kept).info)
    # What was above is now on the right.
    red, _, _ = read(kept).convert("RGB").getpixel((110, 64))
    assert red > 200


def test_a_bomb_is_refused_by_its_header():
    bomb = png_bomb()
    assert len(bomb) < 20_000
    began = time.monotonic()
    tracemalloc.start()
    with pytest.raises(NoPicture, match="megapixels"):
        square(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.monotonic() - began < 0.5
    assert most < 5_000_000


@pytest.mark.parametrize(
    "header",
    [
        b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (16_382).to_bytes(3, "little") * 2,
        b"VP8 " + struct.pack("<I", 90) + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 9_000, 9_000),
        b"VP8L" + struct.pack("<I", 90) + b"\x2f" + struct.pack("<I", 8_999 | 8_999 << 14),
    ],
)
def test_a_webp_that_says_it_is_huge_is_refused_before_its_decoder_sees_it(header):
    body = b"RIFF" + struct.pack("<I", 200) + b"WEBP" + header + b"\0" * 100
    with pytest.raises(NoPicture, match="megapixels"):
        square(body)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a/*",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"BM" + b"\0" * 60,
        written("BMP"),
        written("TIFF"),
        written("ICO", (32, 32)),
        written("PPM"),
        b"\0" * (LARGEST_FILE + 1),
    ],
)
def test_everything_else_is_refused(body):
    with pytest.raises(NoPicture):
        square(body)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_is_cut_off_is_refused(kind):
    made = Image.effect_noise((200, 200), 90).convert("RGB")
    body = BytesIO()
    made.save(body, kind)
    whole = body.getvalue()
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(NoPicture):
            square(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_hangs_on_a_picture_is_left_behind(kind):
    tail = b"PK\x03\x04" + b"<script>planted</script>"
    assert b"planted" not in square(written(kind) + tail)


def test_a_picture_behind_something_else_is_none():
    with pytest.raises(NoPicture):
        square(b"<script>1</script>" + written("PNG"))


@given(body=some.binary(max_size=300))
def test_no_bytes_raise_anything_else(body):
    for start in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBP"):
        with pytest.raises(NoPicture):
            square(start + body)


@given(place=some.integers(0, 400), value=some.integers(0, 255))
def test_a_changed_byte_is_a_picture_or_none(place, value):
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        body = bytearray(written(kind, (40, 40)))
        body[place % len(body)] = value
        try:
            assert read(square(bytes(body))).size == (128, 128)
        except NoPicture:
            continue

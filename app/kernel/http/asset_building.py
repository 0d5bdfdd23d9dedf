"""Building what browsers are sent besides pages: a script, a style sheet, few fonts.

Done at set-up from the npm packages and our own files; nothing third-party is
committed. Every name carries a hash of its content, so it can be kept for
ever, and text is compressed beforehand.
"""

import gzip
import json
import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from app.kernel.http.assets import MANIFEST, PREFIX

STATIC = Path(__file__).parents[2] / "static"
HTMX = "htmx.org/dist/"
FONTS = "@fontsource-variable/"
SCRIPTS = (HTMX + "htmx.min.js", HTMX + "ext/hx-sse.min.js")
WEIGHTS = (400, 800)

KAZAKH = "ӘәҒғҚқҢңӨөҮүҺһ"
TENGE = "₸"
DIGITS = "0123456789:.,%+- –WL"


class Font(NamedTuple):
    """One font file of ours: which package file, which characters it keeps."""

    source: str
    keep: str | None


FACES = {
    "onest-latin": Font("onest/files/onest-latin-wght-normal.woff2", None),
    "onest-cyrillic": Font("onest/files/onest-cyrillic-wght-normal.woff2", None),
    "onest-kazakh": Font("onest/files/onest-cyrillic-ext-wght-normal.woff2", KAZAKH),
    "onest-tenge": Font("onest/files/onest-latin-ext-wght-normal.woff2", TENGE),
    "tektur-digits": Font("tektur/files/tektur-latin-wght-normal.woff2", DIGITS),
}


def build(node_modules: Path, built: Path) -> bool:
    """Build what has changed; whether anything had."""
    stamp = _stamp(node_modules)
    stamp_file = built / "stamp"
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return False
    built.mkdir(parents=True, exist_ok=True)
    for old in built.iterdir():
        old.unlink()
    names = _pictures(built) | _fonts(node_modules, built)
    names |= _style(built, names) | _script(node_modules, built)
    (built / MANIFEST).write_text(json.dumps(names, indent=1))
    stamp_file.write_text(stamp)
    return True


def _sources() -> list[Path]:
    return sorted(path for kind in ("css", "js", "img") for path in (STATIC / kind).iterdir())


def _stamp(node_modules: Path) -> str:
    # This file is the recipe: what it does differently must be built anew.
    digest = sha256(Path(__file__).read_bytes())
    inputs = [node_modules / name for name in SCRIPTS]
    inputs += [node_modules / FONTS / font.source for font in FACES.values()]
    for path in (*inputs, *_sources()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _write(built: Path, name: str, content: bytes, *, compress: bool) -> dict[str, str]:
    stem, _, ending = name.rpartition(".")
    hashed = f"{stem}.{sha256(content).hexdigest()[:10]}.{ending}"
    (built / hashed).write_bytes(content)
    if compress:
        (built / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return {name: hashed}


def _pictures(built: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in sorted((STATIC / "img").iterdir()):
        names |= _write(built, path.name, path.read_bytes(), compress=path.suffix == ".svg")
    return names


def _style(built: Path, names: dict[str, str]) -> dict[str, str]:
    text = "\n".join(path.read_text() for path in sorted((STATIC / "css").iterdir()))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text).replace(";}", "}").replace(": ", ":")
    text = re.sub(
        r"url\(([\w.-]+)(#\w+)?\)",
        lambda found: f"url({PREFIX}{names[found[1]]}{found[2] or ''})",
        text,
    )
    return _write(built, "app.css", text.encode(), compress=True)


def _script(node_modules: Path, built: Path) -> dict[str, str]:
    parts = [(node_modules / name).read_text() for name in SCRIPTS]
    ours = [path.read_text() for path in sorted((STATIC / "js").iterdir())]
    parts += [re.sub(r"^\s*(//.*)?\n?", "", each, flags=re.MULTILINE) for each in ours]
    text = "\n;".join(re.sub(r"//# sourceMappingURL=.*", "", part) for part in parts)
    return _write(built, "app.js", text.encode(), compress=True)


def _fonts(node_modules: Path, built: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, font in FACES.items():
        made = _font(node_modules / FONTS / font.source, font.keep, built / "font.tmp")
        names |= _write(built, f"{name}.woff2", made, compress=False)
    return names


def _font(source: Path, keep: str | None, scratch: Path) -> bytes:
    """The font with only the weights and characters we use."""
    font: Any = TTFont(source, recalcTimestamp=False)
    if "wght" in {axis.axisTag for axis in font["fvar"].axes}:
        font = _reread(instancer.instantiateVariableFont(font, {"wght": WEIGHTS}))
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "tnum", "mark", "ccmp", "locl"]
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in keep] if keep else font.getBestCmap())
    subsetter.subset(font)
    subset.save_font(font, scratch, options)
    content = scratch.read_bytes()
    scratch.unlink()
    return content


def _reread(font: Any) -> Any:
    # The subsetter trips over glyphs whose variations the instancer removed.
    content = BytesIO()
    font.flavor = None
    font.save(content)
    return TTFont(content, recalcTimestamp=False)

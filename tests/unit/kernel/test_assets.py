"""What browsers are sent: named by content, whole, within the budgets."""

import gzip
import json
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.kernel.http import asset_building as assets
from app.kernel.http.asset_building import build
from app.kernel.http.assets import Assets
from app.kernel.text.templating import ROOT, TEMPLATES

NODE_MODULES = ROOT / "node_modules"
KIBIBYTE = 1024

pytestmark = pytest.mark.skipif(
    not (NODE_MODULES / "htmx.org").exists(), reason="needs the npm packages: make run"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets") / "built"
    assert build(NODE_MODULES, folder)
    return folder


@pytest.fixture(scope="module")
def names(built: Path) -> dict[str, str]:
    return json.loads((built / assets.MANIFEST).read_text())


def text(built: Path, names: dict[str, str], name: str) -> str:
    return (built / names[name]).read_text()


def compressed(built: Path, name: str) -> int:
    return (built / f"{name}.gz").stat().st_size


def test_an_address_names_the_content(built: Path) -> None:
    url = Assets(built).url("app.css")
    assert re.fullmatch(r"/static/app\.[0-9a-f]{10}\.css", url)
    assert (built / url.removeprefix(assets.PREFIX)).exists()


def test_nothing_is_built_twice(built: Path) -> None:
    before = sorted(built.iterdir())
    assert not build(NODE_MODULES, built)
    assert sorted(built.iterdir()) == before


def test_the_same_inputs_give_the_same_names(built: Path, names: dict[str, str]) -> None:
    (built / "stamp").unlink()
    assert build(NODE_MODULES, built)
    assert json.loads((built / assets.MANIFEST).read_text()) == names


def test_text_lies_compressed_beside_itself(built: Path, names: dict[str, str]) -> None:
    for name in names.values():
        if not name.endswith(".woff2"):
            beside = gzip.decompress((built / f"{name}.gz").read_bytes())
            assert beside == (built / name).read_bytes()


def test_the_style_names_only_built_files(built: Path, names: dict[str, str]) -> None:
    style = text(built, names, "app.css")
    used = re.findall(r"url\(/static/([\w.-]+)", style)
    assert len(used) == style.count("url(") > 5
    assert set(used) <= set(names.values())


def test_the_script_holds_htmx_its_stream_and_our_page(built: Path, names: dict[str, str]) -> None:
    script = text(built, names, "app.js")
    assert "hx-sse" in script
    assert "data-theme-toggle" in script
    assert "sourceMappingURL" not in script


def test_every_icon_of_the_templates_is_drawn(built: Path, names: dict[str, str]) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', text(built, names, "icons.svg")))
    pages = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    asked = {name for page in pages for name in re.findall(r'icon\("([\w-]+)"', page)}
    assert asked <= drawn
    assert {f"tamga-{form}" for form in range(16)} <= drawn


def test_the_fonts_hold_every_letter_of_the_three_languages(
    built: Path, names: dict[str, str]
) -> None:
    letters: set[int] = set()
    for name in assets.FACES:
        if name.startswith("onest"):
            letters |= set(TTFont(built / names[f"{name}.woff2"]).getBestCmap())
    kazakh = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
    wanted = kazakh + kazakh.upper() + "abcxyzABCXYZ0123456789₸–·«»"
    assert {letter for letter in wanted if ord(letter) not in letters} == set()


def test_the_first_visit_stays_small(built: Path, names: dict[str, str]) -> None:
    fonts = sum((built / name).stat().st_size for name in names.values() if "woff2" in name)
    assert compressed(built, names["app.js"]) <= 20 * KIBIBYTE
    assert compressed(built, names["app.css"]) <= 15 * KIBIBYTE
    assert fonts <= 42 * KIBIBYTE

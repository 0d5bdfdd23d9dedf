"""Template rules: every word translated, nothing unescaped, nothing inline.

Run: `.venv/bin/python .ci/templates.py`.
"""

import re
import sys
from pathlib import Path

from jinja2 import Environment
from jinja2.nodes import Filter

from app.kernel.text.templating import environment

ROOT = Path(__file__).parents[1] / "templates"
# Names that are the same in every language.
NAMES = {"Бәйге", "OpenDota", "Dota 2", "Counter-Strike 2", "ҚАЗ", "РУС", "ENG"}
INLINE = re.compile(r"\s(?:style|on\w+|hx-on[\w:-]*)\s*=|<script(?![^>]*\bsrc=)|javascript:", re.I)
WORDS = re.compile(r"[^\W\d_]{2,}")
COMMENT, STATEMENT = re.compile(r"\{#.*?#\}", re.S), re.compile(r"\{%.*?%\}", re.S)
EXPRESSION, TAG = re.compile(r"\{\{.*?\}\}", re.S), re.compile(r"<[^>]*>")
# A macro may make an attribute of its own.
ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")


def wrong(path: Path) -> list[str]:
    """What is wrong with one template."""
    source = path.read_text()
    tree = Environment(autoescape=True).parse(source)
    lines = [
        f"{path.relative_to(ROOT)}: |{node.name} switches escaping off"
        for node in tree.find_all(Filter)
        if node.name in ("safe", "forceescape")
    ]
    if found := INLINE.search(source):
        lines.append(f"{path.relative_to(ROOT)}: inline {found[0].strip()!r}")
    if words := _untranslated(source):
        lines.append(f"{path.relative_to(ROOT)}: not translated: {words!r}")
    return lines


def _untranslated(source: str) -> str:
    """Words that would reach a reader as they stand: outside of Jinja and of tags."""
    text = STATEMENT.sub(" ", COMMENT.sub(" ", source))
    text = ATTRIBUTE.sub(" ", TAG.sub(" ", EXPRESSION.sub("0", text)))
    for name in NAMES:
        text = text.replace(name, " ")
    return " ".join(WORDS.findall(re.sub(r"&\w+;", " ", text)))


def compiles() -> None:
    """Every template is valid Jinja."""
    known = environment("en")
    for name in known.list_templates():
        known.get_template(name)


if __name__ == "__main__":
    compiles()
    found = [line for path in sorted(ROOT.rglob("*.html")) for line in wrong(path)]
    print("\n".join(found) or "templates: well")
    sys.exit(bool(found))

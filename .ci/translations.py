"""Catalogues: `update` gathers the messages, `check` fails on any that is not whole.

A catalogue is whole when every message of code and templates is in it, none
is fuzzy or empty, the braces are those of the original, and every plural form
is there. Run: `.venv/bin/python .ci/translations.py check`.
"""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = ("kk", "ru", "en")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
FOLDERS = ("app", "clans", "tournaments", "integrations", "templates")
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
BRACES = re.compile(r"\{\w*\}")
# Kazakh has two forms in gettext, Russian three.
FORMS = {"kk": 2, "ru": 3, "en": 2}


def gathered() -> Catalog:
    """Every message of the project, where it is used left out."""
    catalogue = Catalog(project="baige", charset="utf-8", fuzzy=False)
    for folder in FOLDERS:
        found = extract_from_dir(
            ROOT / folder, METHODS, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS
        )
        for _file, _line, message, _comments, _context in found:
            catalogue.add(message)
    return catalogue


def path(locale: str) -> Path:
    return ROOT / "app" / "locale" / locale / "LC_MESSAGES" / "baige.po"


def read(locale: str) -> Catalog:
    with path(locale).open("rb") as file:
        return read_po(file, locale=locale)


def update() -> None:
    template = gathered()
    for locale in LOCALES:
        catalogue = read(locale)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.fuzzy = False
        with path(locale).open("wb") as file:
            write_po(file, catalogue, sort_output=True, omit_header=False, width=100)


def check() -> list[str]:
    template = gathered()
    return [line for locale in LOCALES for line in _wrong(locale, template)]


def _wrong(locale: str, template: Catalog) -> list[str]:
    catalogue = read(locale)
    wanted = {message.id for message in template if message.id}
    known = {message.id: message for message in catalogue if message.id}
    lines = [f"{locale}: missing {id_!r}" for id_ in wanted - known.keys()]
    lines += [f"{locale}: not used any more {id_!r}" for id_ in known.keys() - wanted]
    for id_ in wanted & known.keys():
        lines += [f"{locale}: {why} {id_!r}" for why in _faults(locale, known[id_])]
    return lines


def _faults(locale: str, message: Message) -> list[str]:
    # English is the original: it may stay empty.
    plural = isinstance(message.id, tuple)
    texts = list(message.string) if plural else [message.string]
    if locale == "en" and not any(texts):
        return []
    faults = ["fuzzy"] if message.fuzzy else []
    if not all(texts) or (plural and len(texts) != FORMS[locale]):
        faults.append("untranslated")
    original = set(BRACES.findall(message.id[1] if plural else message.id))
    if any(set(BRACES.findall(text)) - original for text in texts if text):
        faults.append("other braces in")
    if not plural and texts[0] and set(BRACES.findall(texts[0])) != original:
        faults.append("braces are lost in")
    return faults


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    else:
        wrong = check()
        print("\n".join(wrong) or "translations: whole")
        sys.exit(bool(wrong))

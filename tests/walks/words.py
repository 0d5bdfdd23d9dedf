"""Whether a refusal says why, in the visitor's language and in words of its catalogue."""

import html
import re
from functools import cache

from app.kernel.text import i18n

ERROR = re.compile(
    r'<h1>(?P<page>[^<]+)</h1>\s*<p class="small muted">'
    r'|<li><a href="#[\w-]+">(?P<field>[^<]+)</a></li>',
    re.DOTALL,
)
HOLE = re.compile(r"\\\{\w+\\\}")


@cache
def sentences(language: str) -> re.Pattern[str]:
    """Any sentence of the catalogue, with anything filled in."""
    texts = i18n.language(language)._texts
    found = [
        text
        for key, value in texts.items()
        for text in ((value,) if isinstance(value, str) else value) or (key,)
    ]
    if language == "en":
        found += texts
    whole = [HOLE.sub(".+", re.escape(text)) for text in found if text]
    return re.compile("|".join(sorted(whole, key=len, reverse=True)), re.DOTALL)


def reasons(page: str) -> list[str]:
    """What a page says against it: as a page of its own, or beside its fields."""
    return [html.unescape(m["page"] or m["field"]).strip() for m in ERROR.finditer(page)]


def says_why(page: str, language: str) -> bool:
    said = reasons(page)
    return bool(said) and all(sentences(language).fullmatch(each) for each in said)

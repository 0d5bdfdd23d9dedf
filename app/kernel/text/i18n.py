"""Three equal languages: Kazakh, Russian, English.

Message ids are whole English sentences with named braces. Catalogues are
gettext files read through Babel; the English one holds only plural forms.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from app.kernel.errors import Message

LOCALES = ("kk", "ru", "en")
DEFAULT = "kk"
FOLDER = Path(__file__).parents[2] / "locale"
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


class Language:
    """One language: its sentences, plural rule, and ways to write dates."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = Locale.parse(code)
        with (FOLDER / code / "LC_MESSAGES" / "baige.po").open("rb") as file:
            catalogue = read_po(file, locale=code)
        self._plural: Callable[[int], int] = c2py(catalogue.plural_expr)
        self._texts: dict[str, str | tuple[str, ...]] = {
            (message.id if isinstance(message.id, str) else message.id[0]): (
                message.string if isinstance(message.string, str) else tuple(message.string or ())
            )
            for message in catalogue
            if message.id
        }

    def knows(self, text: str) -> bool:
        """Whether it is one of our sentences."""
        return text in self._texts

    def gettext(self, text: str, **params: Any) -> Markup:
        """The sentence in this language, its parameters escaped and filled in."""
        found = self._texts.get(text)
        return self._fill(found if isinstance(found, str) and found else text, params)

    def ngettext(self, one: str, many: str, n: int, **params: Any) -> Markup:
        """The form for `n` things; `{n}` is filled in by itself."""
        forms = self._texts.get(one)
        if isinstance(forms, tuple) and all(forms):
            text = forms[min(self._plural(n), len(forms) - 1)]
        else:
            text = one if n == 1 else many
        return self._fill(text, {"n": self.number(n), **params})

    def message(self, message: Message | None) -> Markup:
        """A `Message`, or nothing for None."""
        return self.gettext(message.text, **message.params) if message else Markup()

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._locale))

    def date(self, moment: datetime, zone: str) -> str:
        """`17 Oct 2026` in the zone."""
        return str(format_date(_local(moment, zone), "d MMM y", locale=self._locale))

    def clock(self, moment: datetime, zone: str) -> str:
        """`19:50` in the zone."""
        return str(format_time(_local(moment, zone), "HH:mm", locale=self._locale))

    def short(self, moment: datetime, zone: str) -> str:
        """`17 Oct, 19:50`, where the zone is said elsewhere."""
        return str(format_datetime(_local(moment, zone), "d MMM, HH:mm", locale=self._locale))

    def moment(self, moment: datetime, zone: str) -> str:
        """`17 Oct 2026, 19:50 (UTC+5)`: never a time without its zone."""
        local = _local(moment, zone)
        day = format_datetime(local, "d MMM y, HH:mm", locale=self._locale)
        return f"{day} ({offset(local)})"

    def _fill(self, text: str, params: Mapping[str, Any]) -> Markup:
        shown = {
            key: self.message(value) if isinstance(value, Message) else value
            for key, value in params.items()
        }
        # The sentence is ours and plain; only what is filled in can be hostile.
        return escape(text).format(**shown) if shown else escape(text)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def offset(local: datetime) -> str:
    """`UTC+5` or `UTC+5:30`."""
    minutes = int((local.utcoffset() or local - local).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


@cache
def language(code: str) -> Language:
    return Language(code)


def negotiate(*wishes: str | None, accept: str = "") -> str:
    """The first wish we speak, else the best of Accept-Language, else Kazakh."""
    for wish in wishes:
        if wish in LOCALES:
            return wish
    for part in sorted(accept.split(","), key=_weight, reverse=True):
        if (code := part.split(";")[0].strip().lower()[:2]) in LOCALES:
            return code
    return DEFAULT


def _weight(part: str) -> float:
    _, _, quality = part.partition("q=")
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0


def zone_or_none(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None when there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None

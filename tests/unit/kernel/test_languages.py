"""Sentences, plurals, dates: three equal languages."""

from datetime import UTC, datetime

import pytest

from app.kernel.errors import Message
from app.kernel.text.i18n import LOCALES, language, negotiate

MOMENT = datetime(2026, 10, 17, 14, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("kk", {1: "1 клан", 2: "2 клан", 5: "5 клан"}),
        ("ru", {1: "1 клан", 3: "3 клана", 5: "5 кланов", 11: "11 кланов", 21: "21 клан"}),
        ("en", {0: "0 clans", 1: "1 clan", 5: "5 clans"}),
    ],
)
def test_plural_forms(code, forms):
    said = {n: str(language(code).ngettext("{n} clan", "{n} clans", n)) for n in forms}
    assert said == forms


@pytest.mark.parametrize("code", LOCALES)
def test_what_people_typed_is_escaped_and_never_a_format(code):
    said = language(code).gettext("Welcome, {name}.", name="<b>{name.__class__}</b>")
    assert "&lt;b&gt;{name.__class__}&lt;/b&gt;" in said
    nested = Message("Welcome, {name}.", name=Message("Winner of M{number}", number="<i>"))
    assert "&lt;i&gt;" in language(code).message(nested)
    assert "<" not in language(code).message(nested)


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Almaty", "UTC+5"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC-2:30"),
        ("UTC", "UTC+0"),
    ],
)
def test_a_time_is_never_without_its_zone(zone, offset):
    assert language("en").moment(MOMENT, zone).endswith(f"({offset})")


def test_dates_are_written_as_each_language_does():
    assert language("en").moment(MOMENT, "Asia/Almaty") == "17 Oct 2026, 19:50 (UTC+5)"
    assert language("ru").date(MOMENT, "Asia/Almaty") == "17 окт. 2026"
    assert "қаз" in language("kk").date(MOMENT, "Asia/Almaty")


@pytest.mark.parametrize(
    ("wishes", "accept", "expected"),
    [
        (("ru", "en"), "kk", "ru"),
        ((None, "en"), "kk", "en"),
        (("xx", None), "de, en;q=0.5, ru;q=0.9", "ru"),
        ((), "de", "kk"),
        ((), "en;q=nonsense, ru", "ru"),
        ((), "", "kk"),
    ],
)
def test_whose_wish_counts(wishes, accept, expected):
    assert negotiate(*wishes, accept=accept) == expected

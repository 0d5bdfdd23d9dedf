"""Names as eyes read them."""

import pytest

from app.kernel.http.security import csrf_matches, csrf_token, local_path
from app.kernel.text.names import clean, free_slug, skeleton, slug, wrong_name, wrong_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Көкжал", "Kөкжал"),
        ("Navi", "NAVI"),
        ("C0met", "Comet"),
        ("paypal", "раураl"),
        ("Team  X", "team-x"),
        ("ｆｕｌｌ", "full"),
        ("Ёлка", "Елка"),
    ],
)
def test_look_alikes_share_a_skeleton(one, other):
    assert skeleton(clean(one)) == skeleton(clean(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Ертіс", "Есіл"), ("Altai", "Altay Foxes"), ("ULT", "UKI")]
)
def test_different_names_do_not(one, other):
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Күзгі Бәйге 2026", "kuzgi-baige-2026"),
        ("Ұлытау & Ңғқөүһ", "ulytau-ngqouh"),
        ("!!!", "x"),
        ("Щука Ёж", "schuka-ezh"),
    ],
)
def test_addresses(name, address):
    assert slug(name) == address


@pytest.mark.parametrize(
    "name", ["", "a", "x" * 10_240, "a\u202eb", "a\0b", "<b>x</b>", "...", "a\u200bb"]
)
def test_names_that_are_refused(name):
    assert wrong_name(name, shortest=2, longest=24)


@pytest.mark.parametrize("name", ["Ақбөкен", "Chalk & Stone", "O'Neill's", "m1nor", "Ертіс-2"])
def test_names_that_are_fine(name):
    assert wrong_name(name, shortest=2, longest=24) is None


def test_longer_text():
    assert wrong_text("Бірінші жол\nекінші", longest=100) is None
    assert wrong_text("x" * 101, longest=100)
    assert wrong_text("a\u202eb", longest=100)


def test_form_tokens_differ_each_time_and_match_only_their_secret():
    first, second = csrf_token("secret"), csrf_token("secret")
    assert first != second
    assert csrf_matches(first, "secret")
    assert csrf_matches(second, "secret")
    for token in ("", "zz", "00", "00" * 64, first[:-2], first + "00", first[::-1]):
        assert not csrf_matches(token, "secret")
    assert not csrf_matches(first, "another")


@pytest.mark.parametrize(
    "target", ["//x", "/\\x", "https://x", "javascript:x", "x", "", None, "/a\nb", "\\x"]
)
def test_addresses_elsewhere_are_not_followed(target):
    assert local_path(target) == "/"


def test_addresses_here_are():
    assert local_path("/clans/x?page=2") == "/clans/x?page=2"


@pytest.mark.parametrize("letter", ["각", "ﷺ", "ﬃ", "ß", "㍍", "ŉ"])
def test_a_names_key_never_outgrows_its_column(letter):
    """PostgreSQL refuses what is longer than the column; SQLite takes anything."""
    for longest, column in ((24, 64), (5, 12)):
        name = clean(letter * longest)
        if wrong_name(name, shortest=2, longest=longest) is None:
            assert 0 < len(skeleton(name)) <= column


def test_whole_syllables_are_one_letter_of_a_key():
    assert skeleton("각") == "각"


@pytest.mark.parametrize(
    ("wanted", "used", "free"),
    [
        ("a", (), "a"),
        ("a", ("a", "a-2"), "a-3"),
        ("new", (), "new-2"),
        ("new", ("new-2",), "new-3"),
    ],
)
def test_an_address_is_nobody_elses(wanted, used, free):
    assert free_slug(wanted, used) == free

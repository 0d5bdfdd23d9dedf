"""What organisers type to name a FACEIT competition or a team."""

import pytest

from tournaments import competitions

UUID = "4af3f365-8333-418c-8677-eba68d63ff00"
SITE = "https://www.faceit.com"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (UUID, f"championship:{UUID}"),
        (f"  {UUID.upper()} ", f"championship:{UUID}"),
        (f"{SITE}/en/championship/{UUID}/Steppe%20Open", f"championship:{UUID}"),
        (f"{SITE}/ru/championship/{UUID}?tab=overview", f"championship:{UUID}"),
        (f"faceit.com/kk/hub/{UUID}", f"hub:{UUID}"),
        (f"http://faceit.com/pt-br/hub/{UUID}/x/y#z", f"hub:{UUID}"),
        (f"hub:{UUID}", f"hub:{UUID}"),
        (f"championship:{UUID}", f"championship:{UUID}"),
        (f"{SITE}/en/team/{UUID}", None),
        (f"https://evil.test/en/hub/{UUID}", None),
        (f"{SITE}/en/hub/{UUID}0", None),
        ("Steppe Open", None),
        ("", None),
        (f"{SITE}/en/hub/{UUID}/" + "x" * 300, None),
    ],
)
def test_a_competition(typed, kept):
    assert competitions.faceit_competition(typed) == kept
    if kept:
        assert competitions.faceit_competition(competitions.address(kept)) == kept


@pytest.mark.parametrize(
    ("game", "typed", "kept"),
    [
        ("cs2", UUID, UUID),
        ("cs2", f"{SITE}/en/teams/{UUID.upper()}", UUID),
        ("cs2", f"{SITE}/en/players/{UUID}", None),
        ("cs2", "8255888", None),
        ("dota2", " 8255888 ", "8255888"),
        ("dota2", UUID, None),
        ("dota2", "0", None),
        ("dota2", "٧٤", None),
        ("dota2", "9" * 11, None),
    ],
)
def test_a_team(game, typed, kept):
    assert competitions.team(game, typed) == kept


def test_nothing_kept_is_nothing_shown():
    assert competitions.address(None) == ""

"""Whose game it was: by registered team, else by at least three of five players, clearly."""

import pytest

from tournaments.matching import Attached, Candidate, attach
from tournaments.reports import ReportedSide

ONE = frozenset("abcde")
TWO = frozenset("vwxyz")


def candidate(entrant, steam_ids, team_id=None):
    return Candidate(entrant=entrant, team_id=team_id, steam_ids=frozenset(steam_ids))


CANDIDATES = [candidate(1, ONE, "T1"), candidate(2, TWO, "T2")]


def side(steam_ids="", team_id=None, **fields):
    return ReportedSide(steam_ids=tuple(steam_ids), team_id=team_id, **fields)


def test_all_players_are_theirs():
    found = attach((side("abcde"), side("vwxyz")), CANDIDATES)
    assert found == Attached(entrants=(1, 2), by="steam", matched=10, of_players=10)


def test_the_order_is_the_providers():
    found = attach((side("vwxyz"), side("abcde")), CANDIDATES)
    assert found.entrants == (2, 1)


@pytest.mark.parametrize(
    ("first", "second", "matched"),
    [("abcpq", "vwxrs", 6), ("abcdq", "vwxrs", 7), ("abcde", "vwxyz", 10)],
)
def test_three_of_five_are_enough(first, second, matched):
    found = attach((side(first), side(second)), CANDIDATES)
    assert (found.entrants, found.matched, found.of_players) == ((1, 2), matched, 10)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("abpqr", "vwxyz"),
        ("abcde", "vwpqr"),
        ("abcde", ""),
        ("", ""),
        # Both sides cannot be the same clan.
        ("abcde", "abcde"),
    ],
)
def test_two_of_five_are_not(first, second):
    assert attach((side(first), side(second)), CANDIDATES) is None


def test_a_clear_margin_is_two_players():
    sides = (side("abcpq"), side("vwxyz"))
    close = candidate(3, "bcpq")
    assert attach(sides, [*CANDIDATES, close]) is None
    # Three of one clan and one of another are clear enough; two are not.
    assert attach(sides, [*CANDIDATES, candidate(3, "p")]).entrants == (1, 2)
    assert attach(sides, [*CANDIDATES, candidate(3, "pq")]) is None
    assert attach((side("abcde"), side("vwxyz")), [*CANDIDATES, candidate(3, "abc")]).entrants == (
        1,
        2,
    )


def test_a_single_candidate_needs_no_margin():
    assert attach((side("abc"), side("vwx")), CANDIDATES[:1]) is None
    mixed = [candidate(1, "abc"), candidate(2, "vwx")]
    assert attach((side("abc"), side("vwx")), mixed).entrants == (1, 2)


def test_a_registered_team_is_known_without_its_players():
    found = attach((side(team_id="T2"), side(team_id="T1")), CANDIDATES)
    assert found == Attached(entrants=(2, 1), by="team", matched=0, of_players=10)
    half = attach((side("abcde"), side("pqrst", "T2")), CANDIDATES)
    assert (half.entrants, half.by, half.matched) == ((1, 2), "team", 5)
    half = attach((side("pqrst", "T2"), side("abcde")), CANDIDATES)
    assert (half.entrants, half.by) == ((2, 1), "team")


def test_a_team_of_nobody_here_says_nothing():
    assert attach((side("abcde", "X"), side("vwxyz", "Y")), CANDIDATES).by == "steam"
    assert attach((side(team_id="X"), side(team_id="T2")), CANDIDATES) is None
    # Entrants without a team are not the team that a side without one is.
    without = [candidate(1, ONE), candidate(2, TWO)]
    assert attach((side("ab"), side("vwxyz")), without) is None


def test_names_say_nothing():
    sides = (side("ab", name="Clan 1"), side("vwxyz", name="Clan 2"))
    assert attach(sides, CANDIDATES) is None


def test_more_players_than_ten_are_counted_as_seen():
    found = attach((side("abcdefg"), side("vwxyzuts")), CANDIDATES)
    assert (found.matched, found.of_players) == (10, 15)

"""From bytes to verdict: a series' deliveries in any order, doubled and late, end in the same state.

Each case invents a series, has every source that could know of it tell it in its
own bytes (with faults), and lets the inbox's rules, the translations and the
verdict make of it what they do. The database has no part in it; the same on both
databases is `tests/integration/test_order_of_deliveries.py`.
"""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.operation.settings import Settings
from integrations.base import Delivery, Unusable
from integrations.matchzy.events import LOAD, Load, head_of
from integrations.registry import BY_NAME, introduce
from integrations.standins.dota_games import Game
from integrations.standins.faceit_matches import Match, Team, match_id, uuid
from integrations.standins.game_server_events import Outcome, events_of
from tests.property.playing import often
from tournaments import games, told_series
from tournaments.attaching import Place
from tournaments.evidence import game_seen, series_seen
from tournaments.matching import Attached, Candidate, attach
from tournaments.verdict import Said, Terms, weigh

START = datetime(2026, 3, 1, 18, tzinfo=UTC)
LINE_UPS = [tuple(str(76561198300000000 + side * 10 + n) for n in range(5)) for side in (1, 2)]
A, B = 71, 72
MATCH = {"id": 5, "entrant_a": A, "entrant_b": B}
CANDIDATES = [
    Candidate(entrant=entrant, team_id=None, steam_ids=frozenset(line_up))
    for entrant, line_up in zip((A, B), LINE_UPS, strict=True)
]
CHAMPIONSHIP = uuid("cup")

introduce(Settings())


# -- a series, told by everybody -------------------------------------------


def winners(best_of):
    """Who wins which game, until one has enough of them."""

    def play(wins):
        score, played = [0, 0], []
        for winner in wins:
            played.append(winner)
            score[winner] += 1
            if score[winner] > best_of // 2:
                return played
        return played

    return st.lists(st.sampled_from([0, 1]), min_size=best_of, max_size=best_of).map(play)


@st.composite
def dota(draw):
    """A Dota 2 series: OpenDota and Steam each know some of its games; one is corrected."""
    best_of = draw(st.sampled_from([1, 3, 5]))
    played = draw(winners(best_of))
    told = []
    for number, winner in enumerate(played):
        flipped = draw(st.booleans())
        game = Game(
            match_id=8_000_000_001 + number,
            radiant=LINE_UPS[1 if flipped else 0],
            dire=LINE_UPS[0 if flipped else 1],
            radiant_win=(winner == 0) != flipped,
            started_at=START + timedelta(hours=number),
            league_id=77,
            anonymous=False,
        )
        wrong = msgspec.structs.replace(game, radiant_win=not game.radiant_win)
        for provider, shape in (("opendota", "as_json"), ("steam", "as_steam")):
            if provider == "opendota" or draw(st.booleans()):
                first = [wrong] if draw(st.integers(0, 5)) == 0 else []
                told.append([(provider, _of_game(each, shape)) for each in [*first, game]])
    return Terms(best_of), {"league_id": "77", "faceit": None, "game": "dota2"}, told


def _of_game(game, shape):
    body = msgspec.json.encode(getattr(game, shape)())
    return Delivery(subject=str(game.match_id), body=body)


@st.composite
def on_a_server(draw):
    """A Counter-Strike 2 series on our own server, with lost events, after a crash perhaps."""
    best_of = draw(st.sampled_from([1, 2, 3]))
    drawn_or_won = st.sampled_from([(13, 4), (2, 13), (13, 11), (16, 14), (11, 13)])
    maps = tuple(draw(st.lists(drawn_or_won, min_size=best_of, max_size=best_of)))
    maps = maps[: _needed(best_of, maps)]
    told = []
    if draw(st.booleans()):
        told += _load(31, best_of, maps[:1], draw(st.sets(st.sampled_from(LOSABLE))), crashed=True)
    told += _load(32, best_of, maps, draw(st.sets(st.sampled_from(LOSABLE))))
    terms = Terms(best_of, draws=best_of == 2)
    return terms, {"league_id": None, "faceit": None, "game": "cs2"}, told


LOSABLE = ("series_start", "series_end", "map_picked", "going_live", "map_result:0")


def _needed(best_of, maps):
    score = [0, 0]
    for count, (a, b) in enumerate(maps, start=1):
        score[int(b > a)] += 1
        if max(score) > best_of // 2:
            return count
    return len(maps)


def _load(load, best_of, maps, lost, *, crashed=False):
    config = {
        "matchid": load,
        "num_maps": best_of,
        "maplist": ["de_nuke", "de_inferno", "de_mirage"],
        "team1": {"id": str(A), "name": "A", "players": dict.fromkeys(LINE_UPS[0], "a")},
        "team2": {"id": str(B), "name": "B", "players": dict.fromkeys(LINE_UPS[1], "b")},
        "clinch_series": best_of != 2,
        "skip_veto": False,
        "cvars": {},
    }
    events = events_of(config, Outcome(maps=maps))
    if crashed:
        events = [each for each in events if each["event"] not in ("map_result", "series_end")]
    kept = [each for each in events if not _lost(each, lost, last=len(maps) - 1)]
    first = Load(
        match=MATCH["id"],
        entrants=(A, B),
        best_of=best_of,
        maps=("de_nuke", "de_inferno", "de_mirage"),
        loaded_at=START + timedelta(minutes=load),
    )
    bodies = [msgspec.json.encode(each) for each in kept]
    parts = [(LOAD, msgspec.json.encode(first)), *((head_of(each).part, each) for each in bodies)]
    return [
        [("matchzy", Delivery(subject=str(load), part=part, body=body))] for part, body in parts
    ]


def _lost(event, lost, *, last):
    name, number = event["event"], event.get("map_number")
    # A lost last map_result is made good by series_end, so not both.
    if name == "map_result" and number == last:
        return False
    return name in lost or f"{name}:{number}" in lost


@st.composite
def at_faceit(draw):
    """A FACEIT match: first running, then over, its maps late; webhooks said nothing of it."""
    best_of = draw(st.sampled_from([1, 3]))
    played = draw(winners(best_of))
    rounds = [(13, 5) if winner == 0 else (7, 13) for winner in played]
    maps = tuple(("de_nuke", *each) for each in rounds)
    forfeit = draw(st.booleans()) and draw(st.booleans())
    match = Match(
        match_id=match_id("1"),
        competition=CHAMPIONSHIP,
        first=Team(name="A", steam_ids=LINE_UPS[0]),
        second=Team(name="B", steam_ids=LINE_UPS[1]),
        winner=played[-1],
        best_of=best_of,
        maps=() if forfeit else maps,
        forfeit=forfeit,
        rounds_as_score=best_of == 1 and draw(st.booleans()),
        finished_at=START + timedelta(hours=1),
    )
    running = msgspec.structs.replace(match, status="ONGOING")
    told = [[("faceit", _details(each)) for each in (running, match)]]
    if not forfeit:
        stats = Delivery(
            subject=match.match_id, part="stats", body=msgspec.json.encode(match.stats())
        )
        told.append([("faceit", stats)])
    tournament = {"league_id": None, "faceit": f"championship:{CHAMPIONSHIP}", "game": "cs2"}
    return Terms(best_of), tournament, told


def _details(match):
    return Delivery(
        subject=match.match_id, part="details", body=msgspec.json.encode(match.as_json())
    )


SAID = st.lists(
    st.builds(Said, st.sampled_from([0, 1]), st.sampled_from([(1, 0), (2, 1), (0, 2), (1, 1)])),
    max_size=2,
    unique_by=lambda each: each.side,
)


# -- what the house makes of it --------------------------------------------


def made_of(terms, tournament, arrived, said):
    """The verdict after these arrivals, by the inbox's rules: the same bytes once."""
    subjects = {}
    for number, (provider, each) in enumerate(arrived):
        at = START + timedelta(days=1, seconds=number)
        kept = subjects.setdefault((provider, each.subject), {})
        kept.setdefault((each.part, each.body), msgspec.structs.replace(each, received_at=at))
    seen, whole = [], []
    for (provider, _), kept in subjects.items():
        try:
            told = BY_NAME[provider].translate(list(kept.values()))
        except Unusable:
            continue
        seen += [_seen(each, tournament) for each in told.games]
        whole += [_seen_whole(told.series, tournament)] if told.series else []
    return weigh(terms, seen, whole, said)


def _place(sides):
    if all(side.entrant for side in sides):
        entrants = tuple(side.entrant for side in sides)
        return Place(MATCH, Attached(entrants=entrants, by="server", matched=10, of_players=10))
    attached = attach(sides, CANDIDATES)
    assert attached is not None
    return Place(MATCH, attached)


def _seen(report, tournament):
    columns = games.columns_of(_place(report.sides), report, tournament)
    return game_seen({**columns, "source": report.source, "external_id": report.external_id})


def _seen_whole(report, tournament):
    columns = told_series.columns_of(_place(report.sides), report, tournament)
    return series_seen({**columns, "source": report.source})


def essence(verdict):
    return (
        verdict.outcome,
        verdict.certainty,
        verdict.source,
        verdict.score,
        verdict.stuck,
        verdict.counted,
        frozenset(verdict.agreeing),
        frozenset(verdict.against),
    )


def shuffled(told, chance):
    """All deliveries, some of them more than once, in any order; only a correction
    arrives after what it corrects, or it would be none."""
    queue = [list(each) for each in told]
    arrived = []
    while queue:
        mine = chance.choice(queue)
        arrived.append(mine.pop(0))
        queue = [each for each in queue if each]
        if chance.random() < 0.3:
            arrived.append(chance.choice(arrived))
    return arrived


@often(300, 10_000)
@given(st.one_of(dota(), on_a_server(), at_faceit()), SAID, st.randoms(use_true_random=False))
def test_the_same_state_in_whatever_order(case, said, chance):
    terms, tournament, told = case
    plain = [each for group in told for each in group]
    straight = essence(made_of(terms, tournament, plain, said))
    for _ in range(2):
        chance.shuffle(said)
        assert essence(made_of(terms, tournament, shuffled(told, chance), said)) == straight
    # Told whole and without captains, a series is decided: the test looks at results.
    alone = made_of(terms, tournament, plain, [])
    assert alone.outcome is not None
    assert alone.certainty == "final"

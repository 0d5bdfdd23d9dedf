"""What all voices together make of a match: a pure fold that is blind to order.

Voices are providers' games and series, and the two captains. A referee's ruling
is above all of them and never comes here. The same evidence gives the same
verdict, in whatever order and however often it was delivered.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

import brackets
from tournaments.series import Series, Side, fold_series, is_final_score, winner_of

Certainty = Literal["open", "provisional", "final", "disputed"]

# Of complete voices that disagree the strongest stands until somebody rules: a
# server or league that was ours to begin with, then both captains, then a
# provider that only recognised the players.
TRUSTED, CAPTAINS, RECOGNISED, CLAIM = 3, 2, 1, 0


class GameSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A game as one source tells it, turned to the match's sides.

    `space` and `external_id` say which game it is, `series` which load of a
    server it belongs to, `number` its place there. `winner` None: drawn.
    `told_whole`: its source speaks through the whole series (`SeriesSeen`), so the
    game has no say: one source is one voice, however much of it has arrived.
    """

    source: str
    space: str
    external_id: str
    started_at: datetime
    winner: Side | None
    series: str = ""
    number: int | None = None
    trusted: bool = False
    told_whole: bool = False


class SeriesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A series as one source tells it whole, turned to the match's sides."""

    source: str
    kind: str
    winner: Side | None
    score: tuple[int, int] | None = None
    trusted: bool = False


class Said(msgspec.Struct, frozen=True):
    """The score that a side's captain reports."""

    side: Side
    score: tuple[int, int]


class Terms(msgspec.Struct, frozen=True):
    """What a match is played to; `draws`: its format has them."""

    best_of: int
    head_start: int = 0
    draws: bool = False


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the match, complete when it has an `outcome`."""

    sources: tuple[str, ...]
    weight: int
    outcome: brackets.Outcome | None
    score: tuple[int, int] | None = None
    counted: frozenset[str] = frozenset()
    split: tuple[str, ...] = ()
    stuck: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What stands, by whose word, and how sure it is.

    `agreeing` sources say the same, `against` say otherwise. `score` is the
    running one while nothing is decided. `counted` names the games that made
    the score, by external id. `stuck`: it ended in a way the format has not (a
    draw), so that a person must decide.
    """

    outcome: brackets.Outcome | None = None
    source: str = ""
    authority: str = "games"
    certainty: Certainty = "open"
    agreeing: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    score: tuple[int, int] | None = None
    counted: frozenset[str] = frozenset()
    stuck: bool = False


def weigh(
    terms: Terms,
    games: Sequence[GameSeen] = (),
    series: Sequence[SeriesSeen] = (),
    said: Sequence[Said] = (),
) -> Verdict:
    """The verdict over all evidence of one match."""
    heard = [each for each in games if not each.told_whole]
    told = [*_from_games(terms, heard), *(_from_series(terms, each) for each in series)]
    voices = [*told, *_from_captains(said)]
    complete = sorted((each for each in voices if each.outcome), key=_rank)
    standing = [each for each in complete if each.weight > CLAIM]
    if not standing:
        return _undecided(told, said, complete)
    best = standing[0]
    agreeing = [each for each in complete if _same(each, best)]
    against = [each for each in complete if not _same(each, best)]
    sources = _names(agreeing)
    assert best.outcome is not None, "it is complete"
    return Verdict(
        outcome=_fullest(agreeing),
        source=best.sources[0],
        authority="captains" if best.weight == CAPTAINS else "games",
        certainty=_certainty(best, agreeing, against),
        agreeing=sources,
        against=tuple(dict.fromkeys([*_names(against), *best.split])),
        score=best.score,
        counted=frozenset().union(*(each.counted for each in complete)),
    )


def _undecided(told: Sequence[Voice], said: Sequence[Said], claims: Sequence[Voice]) -> Verdict:
    """Nobody's word is enough yet; captains who contradict each other need a referee."""
    disputed = len({each.score for each in said}) > 1
    furthest = max(told, key=lambda each: (sum(each.score or (0, 0)), each.sources), default=None)
    return Verdict(
        certainty="disputed" if disputed else "open",
        agreeing=_names(told),
        against=_names(claims) if disputed else (),
        score=furthest.score if furthest else None,
        counted=furthest.counted if furthest else frozenset(),
        stuck=any(each.stuck for each in told),
    )


def _certainty(best: Voice, agreeing: Sequence[Voice], against: Sequence[Voice]) -> Certainty:
    captains_for = sum(each.weight == CLAIM for each in agreeing)
    # One captain against the other captain and a provider is outvoted.
    serious = [each for each in against if each.weight > CLAIM or not captains_for]
    if serious or best.split:
        return "disputed"
    if best.weight >= CAPTAINS or len(_names(agreeing)) > 1:
        return "final"
    return "provisional"


def _rank(voice: Voice) -> tuple[int, int, tuple[str, ...]]:
    return -voice.weight, -len(voice.sources), voice.sources


def _same(one: Voice, other: Voice) -> bool:
    a, b = one.outcome, other.outcome
    assert a is not None, "only complete voices are compared"
    assert b is not None, "only complete voices are compared"
    same_score = a.score == b.score or a.score is None or b.score is None
    return a.winner == b.winner and a.drawn == b.drawn and same_score


def _fullest(agreeing: Sequence[Voice]) -> brackets.Outcome | None:
    """The strongest account that has a score; a walkover keeps its own kind."""
    first = agreeing[0].outcome
    assert first is not None, "it is complete"
    if first.score is not None or first.kind != "played":
        return first
    return next((each.outcome for each in agreeing if each.outcome and each.outcome.score), first)


def _names(voices: Iterable[Voice]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in voices for name in each.sources))


# -- voices ----------------------------------------------------------------


def _from_games(terms: Terms, games: Sequence[GameSeen]) -> list[Voice]:
    """One voice for each series of games; a load that another one replaced is silent."""
    by_series = sorted(games, key=lambda game: (game.space, game.series))
    voices: dict[str, list[tuple[datetime, Voice]]] = {}
    for (space, _), group in groupby(by_series, key=lambda game: (game.space, game.series)):
        played = list(group)
        latest = max(game.started_at for game in played)
        voices.setdefault(space, []).append((latest, _of_series(terms, played)))
    return [voice for loads in voices.values() for voice in _current(loads)]


def _current(loads: list[tuple[datetime, Voice]]) -> list[Voice]:
    """All that came to an end; else the one that was played last."""
    complete = [voice for _, voice in loads if voice.outcome or voice.stuck]
    if complete:
        return complete
    return [max(loads, key=lambda each: (each[0], each[1].sources))[1]]


def _of_series(terms: Terms, games: Sequence[GameSeen]) -> Voice:
    ordered = sorted(games, key=lambda game: (game.external_id, not game.trusted, game.source))
    told = {id_: list(same) for id_, same in groupby(ordered, key=lambda game: game.external_id)}
    # Of sources that contradict each other about one game the first is heard.
    heard = sorted(
        (same[0] for same in told.values()),
        key=lambda game: (game.number or 0, game.started_at, game.external_id),
    )
    folded = fold_series(terms.best_of, [game.winner for game in heard], terms.head_start)
    counted = heard[: folded.counted]
    same_games = [each for game in counted for each in told[game.external_id]]
    outcome = _ended(terms, folded)
    return Voice(
        sources=tuple(sorted({each.source for each in same_games})),
        weight=TRUSTED if all(game.trusted for game in counted) else RECOGNISED,
        outcome=outcome,
        score=folded.score,
        counted=frozenset(game.external_id for game in counted),
        split=tuple(
            sorted(
                {
                    each.source
                    for each in same_games
                    if each.winner != told[each.external_id][0].winner
                }
            )
        ),
        stuck=folded.over and outcome is None,
    )


def _ended(terms: Terms, folded: Series) -> brackets.Outcome | None:
    if not folded.over:
        return None
    if folded.winner is not None:
        return brackets.Outcome(winner=folded.winner, kind="played", score=folded.score)
    even = folded.score[0] == folded.score[1]
    # Drawn games make a draw of a best of 1; in a longer series somebody decides.
    if not terms.draws or not even or (folded.drawn and terms.best_of > 1):
        return None
    return brackets.Outcome(winner=None, kind="played", score=folded.score)


def _from_series(terms: Terms, told: SeriesSeen) -> Voice:
    outcome, stuck = _told_outcome(terms, told)
    return Voice(
        sources=(told.source,),
        weight=TRUSTED if told.trusted else RECOGNISED,
        outcome=outcome,
        score=told.score,
        stuck=stuck,
    )


def _told_outcome(terms: Terms, told: SeriesSeen) -> tuple[brackets.Outcome | None, bool]:
    """The outcome, and whether it needs a person because there is none."""
    if told.kind == "cancelled":
        return None, True
    if told.kind == "walkover" and told.winner is not None:
        return brackets.Outcome(winner=told.winner, kind="walkover", score=None), False
    if told.winner is None and not terms.draws:
        return None, True
    score = told.score
    if score is None and terms.best_of == 1 and told.winner is not None:
        score = (1, 0) if told.winner == 0 else (0, 1)
    fits = score is not None and is_final_score(
        terms.best_of, score, terms.head_start, draws=terms.draws
    )
    if score is not None and (not fits or winner_of(score) != told.winner):
        return None, True
    return brackets.Outcome(winner=told.winner, kind="played", score=score), False


def _from_captains(said: Sequence[Said]) -> list[Voice]:
    """Both agreeing are a voice, one alone a claim; who contradict are two claims."""
    if len({each.side for each in said}) == 2 and len({each.score for each in said}) == 1:
        return [_captains(said[0].score, CAPTAINS)]
    return [_captains(each.score, CLAIM, side=each.side) for each in said]


def _captains(score: tuple[int, int], weight: int, side: int | None = None) -> Voice:
    outcome = brackets.Outcome(winner=winner_of(score), kind="played", score=score)
    name = "captains" if side is None else f"captain {side}"
    return Voice(sources=(name,), weight=weight, outcome=outcome, score=score)

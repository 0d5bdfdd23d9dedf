"""The games of a match that providers know: put down once, corrected in place."""

from datetime import datetime
from typing import Any

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments import results
from tournaments.attaching import EARLY, Place
from tournaments.evidence import games_of, verdict_on
from tournaments.fitness import competitions_of
from tournaments.play import Play
from tournaments.reports import GameReport
from tournaments.series import Side
from tournaments.sources import source_of, space_of
from tournaments.tables import Game, Match

# What a later delivery may correct.
CORRECTABLE = (
    *("winner", "drawn", "score_a", "score_b", "entrant_a", "entrant_b"),
    *("started_at", "duration", "label", "number"),
)


async def put_down(
    found: Place, report: GameReport, tournament: Row, *, named: bool, now: datetime
) -> bool:
    """Whether anything is new. `named`: a captain or the organiser says that it counts,
    so it is taken again where it did not count any more."""
    columns = columns_of(found, report, tournament)
    known = (
        await Game.select()
        .where((Game.source == report.source) & (Game.external_id == report.external_id))
        .first()
    )
    if known is None:
        await Game.insert(
            Game(
                match=found.match["id"],
                source=report.source,
                external_id=report.external_id,
                recorded_at=now,
                **columns,
            )
        )
        await _tell(found, report, columns, now=now)
        return True
    return await _correct(known, found, columns, report, named=named, now=now)


async def _correct(
    known: Row, found: Place, columns: Row, report: GameReport, *, named: bool, now: datetime
) -> bool:
    changed = {name: columns[name] for name in CORRECTABLE if columns[name] != known[name]}
    if named and known["voided_at"] is not None:
        changed |= {"voided_at": None, "match": found.match["id"]}
    if not changed:
        return False
    await Game.update({getattr(Game, name): value for name, value in changed.items()}).where(
        Game.id == known["id"]
    )
    if "winner" in changed or "drawn" in changed:
        message = Message(
            N_("{provider} has corrected game {game}."),
            provider=source_of(report.source).title,
            game=report.external_id,
        )
        await results.tell(known["match"], "provider", message, now=now, url=report.url)
    return True


def columns_of(found: Place, report: GameReport, tournament: Row) -> dict[str, Any]:
    flipped = found.attached.entrants[0] != found.match["entrant_a"]
    scores = [side.score for side in report.sides]
    if flipped:
        scores.reverse()
    return {
        "space": space_of(report.source),
        "series": report.series,
        "number": report.number,
        "label": report.label,
        "winner": winner_of(found, report),
        "drawn": report.winner is None,
        "trusted": report.trusted or report.competition in competitions_of(tournament),
        "told_whole": report.told_whole,
        "score_a": scores[0],
        "score_b": scores[1],
        "started_at": report.started_at,
        "duration": report.duration,
        "matched_by": found.attached.by,
        "matched": found.attached.matched,
        "of_players": found.attached.of_players,
        "entrant_a": found.match["entrant_a"],
        "entrant_b": found.match["entrant_b"],
        "url": report.url,
    }


def winner_of(found: Place, report: GameReport) -> Side:
    """The match's side that won the game (of a drawn one it means nothing)."""
    won = found.attached.entrants[report.winner or 0]
    return 0 if won == found.match["entrant_a"] else 1


async def pass_on(play: Play, match: Row) -> list[Row]:
    """Move games beyond the end of a match to the pair's next match; those matches.

    A deciding game can arrive before the match before it is known to be over.
    """
    others: list[Row] = await (
        Match.select()
        .where(
            (Match.stage == match["stage"])
            & (Match.id != match["id"])
            & (Match.state == "ready")
            & one_of(Match.entrant_a, [match["entrant_a"], match["entrant_b"]])
            & one_of(Match.entrant_b, [match["entrant_a"], match["entrant_b"]])
        )
        .order_by(Match.id)
    )
    if not others:
        return []
    verdict = await verdict_on(match, draws=play.state.format.draws)
    spare = [
        game
        for game in await games_of(match)
        if not game["series"] and game["external_id"] not in verdict.counted
    ]
    reached: dict[int, Row] = {}
    for game in spare:
        other = next((each for each in others if _fits(game, each)), None)
        if other is not None:
            flip = other["entrant_a"] != match["entrant_a"]
            await Game.update(_turned(game, other, flip=flip)).where(Game.id == game["id"])
            reached[other["id"]] = other
    return list(reached.values())


def _fits(game: Row, match: Row) -> bool:
    return match["ready_at"] is not None and game["started_at"] >= match["ready_at"] - EARLY


def _turned(game: Row, match: Row, *, flip: bool) -> dict[Any, Any]:
    a, b = game["score_a"], game["score_b"]
    return {
        Game.match: match["id"],
        Game.entrant_a: match["entrant_a"],
        Game.entrant_b: match["entrant_b"],
        Game.winner: 1 - game["winner"] if flip else game["winner"],
        Game.score_a: b if flip else a,
        Game.score_b: a if flip else b,
    }


SAID = {
    "hand": N_("The organiser says that {provider}'s game {game} is this one."),
    "server": N_("{provider}: the map {game} is over."),
    "map": N_("{provider}: {game} ended {a}:{b}."),
    "team": N_("{provider} knows game {game}: the registered teams played it."),
    "steam": N_(
        "{provider} knows game {game}: {matched} of {players} players matched, {minutes} min."
    ),
}


async def _tell(found: Place, report: GameReport, columns: Row, *, now: datetime) -> None:
    text = SAID["map" if report.told_whole else found.attached.by]
    scores = columns["score_a"], columns["score_b"]
    known = {
        "provider": source_of(report.source).title,
        "game": report.label or report.external_id,
        "matched": found.attached.matched,
        "players": found.attached.of_players,
        "minutes": round(report.duration / 60),
        "a": "–" if scores[0] is None else scores[0],
        "b": "–" if scores[1] is None else scores[1],
    }
    params = {name: value for name, value in known.items() if "{" + name + "}" in text}
    message = Message(text, **params)
    await results.tell(found.match["id"], "provider", message, now=now, url=report.url)

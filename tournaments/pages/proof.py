"""How we know the score, shaped for the match page: its games, and who says what."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments.verdict import Verdict


class Telling(msgspec.Struct, frozen=True):
    """One source's account of one game. Sides matched by team or hand show no players."""

    source: str
    external_id: str
    url: str | None
    matched: int
    of_players: int


class GameView(msgspec.Struct, frozen=True):
    """One game, told by one source or several. `winner` None: drawn.

    `length` is minutes and seconds. `counts`: it is part of the score; `clash`:
    its sources do not agree.
    """

    label: str
    score: tuple[str, str]
    winner: int | None
    length: str
    started_at: datetime
    tellings: list[Telling]
    counts: bool
    clash: bool


class VoiceView(msgspec.Struct, frozen=True):
    """Who says what: a source (or, for a captain, the side), the score, and whether
    that is the result; `agrees` None while there is none."""

    source: str
    side: int | None
    says: str
    agrees: bool | None


class ProofView(msgspec.Struct, frozen=True):
    """`state` says in words how sure the result is; `live` is the game under way."""

    games: list[GameView]
    voices: list[VoiceView]
    state: Message | None
    live: Row | None


STATES = {
    "single": N_("Provisional: one source says so. A second one, or a captain, makes it final."),
    "disputed": N_("Disputed: not everybody says the same. The organiser decides."),
    "ruled": N_("Final: the organiser has ruled."),
    "captains": N_("Final: both captains agree."),
    "agreed": N_("Final: two sources agree."),
    "trusted": N_("Final: from the league or the server of this tournament."),
}


def proof(
    match: Row,
    games: Sequence[Row],
    series: Sequence[Row],
    reports: Sequence[Row],
    result: Row | None,
    verdict: Verdict,
    live: Row | None,
) -> ProofView:
    """All of it, from the match's rows and the verdict over them."""
    return ProofView(
        games=_games(games, verdict),
        voices=[
            *_voices_of_games(games, verdict, result),
            *(_voice_of_series(each, result) for each in series),
            *(_voice_of_captain(each, result) for each in reports),
        ],
        state=_state(match, result, verdict),
        live=live if match["state"] == "ready" else None,
    )


def _state(match: Row, result: Row | None, verdict: Verdict) -> Message | None:
    if result is None:
        return Message(STATES["disputed"]) if match["flag"] == "disputed" else None
    if result["authority"] == "ruling":
        return Message(STATES["ruled"])
    if match["flag"]:
        return Message(STATES[match["flag"]])
    if result["authority"] == "captains":
        return Message(STATES["captains"])
    return Message(STATES["agreed" if len(verdict.agreeing) > 1 else "trusted"])


def _games(rows: Sequence[Row], verdict: Verdict) -> list[GameView]:
    """Each game once, in the order they were played."""
    by_id = sorted(rows, key=lambda row: (row["space"], row["external_id"], row["source"]))
    found = [
        _game(list(same), verdict)
        for _, same in groupby(by_id, key=lambda row: (row["space"], row["external_id"]))
    ]
    return sorted(found, key=lambda game: game.started_at)


def _game(same: list[Row], verdict: Verdict) -> GameView:
    first = same[0]
    scores = [first["score_a"], first["score_b"]]
    return GameView(
        label=first["label"],
        score=tuple("–" if each is None else str(each) for each in scores),  # type: ignore[arg-type]
        winner=None if first["drawn"] else first["winner"],
        length="{}:{:02}".format(*divmod(first["duration"], 60)) if first["duration"] else "",
        started_at=first["started_at"],
        tellings=[
            Telling(row["source"], _id(row), row["url"], row["matched"], row["of_players"])
            for row in same
        ],
        counts=first["told_whole"] or first["external_id"] in verdict.counted,
        clash=len({(row["winner"], row["drawn"]) for row in same}) > 1,
    )


def _id(row: Row) -> str:
    """The game's id as its source shows it; a part of a series has none of its own."""
    return "" if row["told_whole"] else str(row["external_id"])


def _voices_of_games(rows: Sequence[Row], verdict: Verdict, result: Row | None) -> list[VoiceView]:
    """Each provider once, with the score its counting games make."""
    found = []
    for source in sorted({row["source"] for row in rows}):
        mine = [
            row for row in rows if row["source"] == source and row["external_id"] in verdict.counted
        ]
        won = [sum(not row["drawn"] and row["winner"] == side for row in mine) for side in (0, 1)]
        agrees = None if result is None else source in verdict.agreeing
        if mine:
            found.append(VoiceView(source, None, f"{won[0]}:{won[1]}", agrees))
    return found


def _voice_of_series(row: Row, result: Row | None) -> VoiceView:
    says = "" if row["score_a"] is None else f"{row['score_a']}:{row['score_b']}"
    if not says and row["winner"] is not None:
        says = "W:–" if row["winner"] == 0 else "–:W"
    agrees = None if result is None else row["winner"] == result["winner"]
    return VoiceView(row["source"], None, says, agrees)


def _voice_of_captain(row: Row, result: Row | None) -> VoiceView:
    says = f"{row['score_a']}:{row['score_b']}"
    agrees = None
    if result is not None:
        agrees = result["score_a"] is None or (row["score_a"], row["score_b"]) == (
            result["score_a"],
            result["score_b"],
        )
    return VoiceView("captains", row["side"], says, agrees)

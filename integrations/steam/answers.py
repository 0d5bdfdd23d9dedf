"""What Steam's answers hold. Lenient: unknown keys, nulls, and numbers as text are borne."""

from typing import TypeVar

import msgspec

from integrations.base import Broken, NotYet

# `result.status` of match calls.
DONE, RETRY, HIDDEN = 1, 2, 15
FOUND_VANITY = 1
# What GetMatchDetails said while it lived, and a look-up might: such a match never comes.
NEVER = {
    "Match ID not found",
    "Practice matches are not available via GetMatchDetails",
}

Shape = TypeVar("Shape")


class Never(NotYet):
    """Steam says that it will never show this match."""


class TryLater(Exception):
    """Steam could not find it out just now (status 2)."""


class Listed(msgspec.Struct, frozen=True):
    """A match as a history lists it, without its winner: its id and sequence number."""

    id: str
    sequence: str


class Summary(msgspec.Struct):
    """A profile; a private one has little more than its name and picture."""

    steamid: str = ""
    personaname: str | None = None
    avatarfull: str | None = None
    avatarmedium: str | None = None
    avatar: str | None = None

    @property
    def picture(self) -> str:
        """The address of the largest picture there is, or nothing."""
        return self.avatarfull or self.avatarmedium or self.avatar or ""


class Bans(msgspec.Struct):
    """Bans of one account; `days` is since the latest one and 0 where there is none."""

    steam_id: str = msgspec.field(name="SteamId", default="")
    community: bool | None = msgspec.field(name="CommunityBanned", default=False)
    vac: int | None = msgspec.field(name="NumberOfVACBans", default=0)
    games: int | None = msgspec.field(name="NumberOfGameBans", default=0)
    days: int | None = msgspec.field(name="DaysSinceLastBan", default=0)


class LiveSide(msgspec.Struct):
    team_id: int | None = None
    team_name: str | None = None


class LiveScore(msgspec.Struct):
    score: int | None = None


class Scoreboard(msgspec.Struct):
    duration: float | None = None
    radiant: LiveScore | None = None
    dire: LiveScore | None = None


class LiveGame(msgspec.Struct):
    """A game being played; before it starts it has no scoreboard."""

    match_id: int | None = None
    lobby_id: int | None = None
    league_id: int | None = None
    radiant_team: LiveSide | None = None
    dire_team: LiveSide | None = None
    radiant_series_wins: int | None = None
    dire_series_wins: int | None = None
    series_type: int | None = None
    stream_delay_s: float | None = None
    scoreboard: Scoreboard | None = None


class _Listed(msgspec.Struct):
    match_id: int | None = None
    match_seq_num: int | None = None


class _Matches(msgspec.Struct):
    status: int | None = None
    error: str | None = None
    results_remaining: int | None = None
    matches: list[msgspec.Raw] | None = None


class _Games(msgspec.Struct):
    games: list[LiveGame | None] | None = None


class _MatchAnswer(msgspec.Struct):
    result: _Matches


class _LiveAnswer(msgspec.Struct):
    result: _Games


class _Summaries(msgspec.Struct):
    players: list[Summary | None] | None = None


class _SummaryAnswer(msgspec.Struct):
    response: _Summaries


class _BansAnswer(msgspec.Struct):
    players: list[Bans | None]


class _Vanity(msgspec.Struct):
    success: int | None = None
    steamid: str | None = None


class _VanityAnswer(msgspec.Struct):
    response: _Vanity


def history(body: bytes) -> tuple[list[Listed], int]:
    """The matches of one page, and how many follow it."""
    result = _result(body)
    rows = [_read(raw, _Listed) for raw in _objects(result)]
    listed = [
        Listed(str(row.match_id), str(row.match_seq_num))
        for row in rows
        if row.match_id and row.match_seq_num and row.match_id > 0 and row.match_seq_num > 0
    ]
    return listed, max(0, result.results_remaining or 0)


def match_in(body: bytes, match_id: str) -> bytes:
    """The bytes of that match's own object. The look-up gives the next one where it is not."""
    for raw in _objects(_result(body)):
        if str(_read(raw, _Listed).match_id) == match_id:
            return raw
    raise NotYet("another match has this sequence number")


def live_games(body: bytes) -> list[LiveGame]:
    return [each for each in _read(body, _LiveAnswer).result.games or [] if each]


def summaries(body: bytes) -> dict[str, Summary]:
    found = _read(body, _SummaryAnswer).response.players or []
    return {each.steamid: each for each in found if each and each.steamid}


def bans(body: bytes) -> dict[str, Bans]:
    return {each.steam_id: each for each in _read(body, _BansAnswer).players if each}


def vanity(body: bytes) -> str:
    found = _read(body, _VanityAnswer).response
    if found.success != FOUND_VANITY or not found.steamid:
        raise NotYet("nobody has this address")
    return found.steamid


def _result(body: bytes) -> _Matches:
    result = _read(body, _MatchAnswer).result
    if result.error in NEVER:
        raise Never("Steam does not show this match")
    if result.status == RETRY:
        raise TryLater("Steam asks to try again")
    if result.status == HIDDEN:
        raise NotYet("this history is hidden")
    if result.status != DONE:
        raise Broken("Steam could not say")
    return result


def _objects(result: _Matches) -> list[bytes]:
    return [bytes(raw) for raw in result.matches or [] if bytes(raw) != b"null"]


def _read(body: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except (msgspec.DecodeError, RecursionError):
        raise Broken("the answer has another shape") from None

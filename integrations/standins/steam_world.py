"""What a stand-in Steam knows, counts, and does wrong when told to."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from app.kernel import clock
from integrations.dota2 import STEAM_BASE
from integrations.standins.dota_games import Game
from integrations.standins.misbehaving import FAULTS, Misbehaving

KEY = "0123456789ABCDEF0123456789ABCDEF"
DAY_LIMIT, MINUTE_LIMIT = 100_000, 300
LOOK_UP_SECONDS = 5
LOOK_UP = "GetMatchHistoryBySequenceNum"
PAGE = 100

FORBIDDEN = (
    b"<html><head><title>Forbidden</title></head><body><h1>Forbidden</h1>Access is denied. "
    b"Retrying will not help. Please verify your <pre>key=</pre> parameter.</body></html>"
)
TOO_MANY = b"<html><head><title>429 Too Many Requests</title></head></html>"
HIDDEN = {
    "status": 15,
    "statusDetail": "Cannot get match history for a user that hasn't allowed it",
}


class Profile(msgspec.Struct, kw_only=True):
    """One person's profile. A private one shows little; `picture` is an address of its own."""

    steam_id: str
    name: str = "somebody"
    private: bool = False
    picture: str = ""
    vac_bans: int = 0
    game_bans: int = 0
    community_banned: bool = False
    days_since_ban: int = 0


class World(Misbehaving):
    """Invented games and people, and the limits of the real one.

    `games` may be those of the stand-in OpenDota. `hidden` accounts hide their
    history, `missing` games are listed but never served, `live` are being
    played, `pictures` are what avatars are made of, by Steam id.
    """

    KINDS: ClassVar = {
        **FAULTS,
        "error": (500, b"{}"),
        "forbidden": (403, FORBIDDEN),
        "limit": (429, TOO_MANY),
        "later": (200, b'{"result":{"status":2,"statusDetail":"Error retrieving match data"}}'),
        "gone": (200, b'{"result":{"error":"Match ID not found"}}'),
        "practice": (
            200,
            b'{"result":{"error":"Practice matches are not available via GetMatchDetails"}}',
        ),
    }
    LIMITS: ClassVar = frozenset({"limit"})

    def __init__(
        self,
        now: Callable[[], datetime] = clock.now,
        games: dict[int, Game] | None = None,
        key: str = KEY,
    ) -> None:
        super().__init__(now)
        self.games = {} if games is None else games
        self.key = key
        self.hidden: set[str] = set()
        self.missing: set[int] = set()
        self.live: list[dict[str, Any]] = []
        self.profiles: dict[str, Profile] = {}
        self.vanity: dict[str, str] = {}
        self.pictures: dict[str, bytes] = {}
        self.minute_limit, self.day_limit = MINUTE_LIMIT, DAY_LIMIT
        self.look_up_seconds = LOOK_UP_SECONDS
        self._spent: Counter[tuple[str, int]] = Counter()

    def publish(self, game: Game) -> None:
        """Let a game be known; publishing it again corrects it."""
        self.games[game.match_id] = game

    def meet(self, profile: Profile) -> None:
        """Let a person have a profile."""
        self.profiles[profile.steam_id] = profile

    def history(self, params: dict[str, str]) -> dict[str, Any]:
        """A page of a league's or an account's games, newest first, up to a match id."""
        account, league = params.get("account_id"), params.get("league_id")
        if account in self.hidden:
            return HIDDEN
        games = [each for each in self.games.values() if _is_of(each, account, league)]
        start = int(params.get("start_at_match_id") or 0) or 2**63
        rows = sorted(
            (each for each in games if each.match_id <= start), key=lambda each: -each.match_id
        )
        shown = rows[: min(PAGE, int(params.get("matches_requested") or PAGE))]
        return {
            "status": 1,
            "num_results": len(shown),
            "total_results": len(games),
            "results_remaining": len(rows) - len(shown),
            "matches": [each.as_listed() for each in shown],
        }

    def sequence(self, params: dict[str, str]) -> dict[str, Any]:
        """Games from a sequence number on, in that order."""
        start = int(params.get("start_at_match_seq_num") or 0)
        rows = sorted(
            (
                each
                for each in self.games.values()
                if each.match_seq_num >= start and each.match_id not in self.missing
            ),
            key=lambda each: each.match_seq_num,
        )
        most = min(PAGE, int(params.get("matches_requested") or PAGE))
        return {"status": 1, "matches": [each.as_steam() for each in rows[:most]]}

    def over(self, method: str) -> bool:
        """Count a call; whether it was one too many."""
        now = int(self._now().timestamp())
        windows = [("minute", 60, self.minute_limit), ("day", 24 * 3600, self.day_limit)]
        if method == LOOK_UP and self.look_up_seconds:
            windows.append((LOOK_UP, self.look_up_seconds, 1))
        for name, seconds, _ in windows:
            self._spent[name, now // seconds] += 1
        return any(self._spent[name, now // seconds] > most for name, seconds, most in windows)


def _is_of(game: Game, account: str | None, league: str | None) -> bool:
    if league and str(game.league_id) != league:
        return False
    players = game.radiant + game.dire
    return not account or str(STEAM_BASE + int(account)) in players

"""What a stand-in OpenDota knows, counts, and does wrong when told to."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec

from app.kernel import clock
from integrations.standins.dota_games import Game

MINUTE_LIMIT, DAY_LIMIT, KEY_LIMIT = 60, 3_000, 300
SLOW_SECONDS = 30.0

# What goes wrong: (status, body). `cut`, `slow` and `drop` need more than that.
FAULTS: dict[str, tuple[int, bytes] | None] = {
    "limit": (429, b'{"error":"minute rate limit exceeded"}'),
    "daily": (429, b'{"error":"daily api limit exceeded"}'),
    "error": (500, b'{"error":"Internal Server Error"}'),
    "html": (200, b"<!doctype html><title>Just a moment...</title>"),
    "empty": (200, b""),
    "null": (200, b"null"),
    "unauthorized": (401, b'{"error":"Unauthorized"}'),
    "forbidden": (400, b'{"error":"Invalid API key format"}'),
    "redirect": (302, b""),
    "cut": None,
    "drop": None,
    "slow": None,
}


class Fault(msgspec.Struct):
    """One way to misbehave, on paths that begin with `path`, `times` times or for ever."""

    kind: str
    path: str = "/"
    times: int | None = None


class World:
    """What the stand-in knows, and how it misbehaves when told to.

    `faults` maps the beginning of a path to one of `FAULTS`; the longest wins.
    `calls` counts calls by the first word of their path, `refused` those over
    a limit (a client that keeps to its budget causes none).
    """

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        self.games: dict[int, Game] = {}
        self.faults: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.refused = 0
        self.limit, self.day_limit, self.key_limit = MINUTE_LIMIT, DAY_LIMIT, KEY_LIMIT
        self.slow_seconds = SLOW_SECONDS
        self._times: dict[str, int] = {}
        self._late: Counter[int] = Counter()
        self._spent: Counter[tuple[str, str]] = Counter()
        self._now = now

    def publish(self, game: Game) -> None:
        """Let a game be known; publishing it again corrects it."""
        self.games[game.match_id] = game

    def fault(self, kind: str, path: str = "/", times: int | None = None) -> None:
        """Misbehave from now on, `times` times or for ever; see `faults`."""
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        self.faults[path] = kind
        self._times.pop(path, None)
        if times is not None:
            self._times[path] = times

    def heal(self) -> None:
        """Behave again."""
        self.faults.clear()
        self._times.clear()

    def game(self, match_id: int) -> Game | None:
        """The game once it is available; asking counts as one of its `late_polls`."""
        game = self.games.get(match_id)
        if game is None or (game.available_at and self._now() < game.available_at):
            return None
        if self._late[match_id] < game.late_polls:
            self._late[match_id] += 1
            return None
        return game

    def league(self, league_id: int) -> list[int]:
        """The league's ids as OpenDota lists them: newest first here, the newest twice."""
        ids = [game.match_id for game in self.games.values() if game.league_id == league_id]
        return ids[::-1] + ids[-1:]

    def spend(self, key: str) -> dict[str, int]:
        """Count a call; what is left by name of window (below 0: one too many)."""
        now = self._now()
        windows = {"minute": f"{now:%Y%m%d%H%M}", "day": f"{now:%Y%m%d}"}
        most = {"minute": self.key_limit} if key else {"minute": self.limit, "day": self.day_limit}
        for window in most:
            self._spent[key, windows[window]] += 1
        return {window: most[window] - self._spent[key, windows[window]] for window in most}

    def next_fault(self, path: str) -> str:
        """The fault this call meets, or nothing; a counted one wears off."""
        begins = max((each for each in self.faults if path.startswith(each)), key=len, default=None)
        if begins is None:
            return ""
        kind = self.faults[begins]
        if begins in self._times:
            self._times[begins] -= 1
            if self._times[begins] <= 0:
                del self.faults[begins], self._times[begins]
        return kind

"""What a stand-in OpenDota knows, counts, and does wrong when told to."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from app.kernel import clock
from integrations.standins.dota_games import Game
from integrations.standins.misbehaving import FAULTS, Misbehaving

MINUTE_LIMIT, DAY_LIMIT, KEY_LIMIT = 60, 3_000, 300


class World(Misbehaving):
    """Invented games, and the limits of the real one: a clock minute and a UTC day."""

    KINDS: ClassVar = {
        **FAULTS,
        "limit": (429, b'{"error":"minute rate limit exceeded"}'),
        "daily": (429, b'{"error":"daily api limit exceeded"}'),
        "forbidden": (400, b'{"error":"Invalid API key format"}'),
    }
    LIMITS: ClassVar = frozenset({"limit", "daily"})

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__(now)
        self.games: dict[int, Game] = {}
        self.limit, self.day_limit, self.key_limit = MINUTE_LIMIT, DAY_LIMIT, KEY_LIMIT
        self._late: Counter[int] = Counter()
        self._spent: Counter[tuple[str, str]] = Counter()

    def publish(self, game: Game) -> None:
        """Let a game be known; publishing it again corrects it."""
        self.games[game.match_id] = game

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

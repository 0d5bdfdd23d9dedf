"""What Steam says of bans, as people read it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from app.accounts.tables import SteamProfile
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row


class Bans(msgspec.Struct, frozen=True):
    """Bans of one Steam account; `days` is since the latest one, None where unknown."""

    vac: int
    games: int
    community: bool
    days: int | None

    @property
    def any(self) -> bool:
        return bool(self.vac or self.games or self.community)


def bans_of(row: Row, *, now: datetime) -> Bans | None:
    """Of a `SteamProfile`'s row; None until it was fetched. Steam counted days until then."""
    if row["fetched_at"] is None:
        return None
    days = row["days_since_ban"]
    if days is not None:
        days += max(0, (now - row["fetched_at"]).days)
    return Bans(row["vac_bans"], row["game_bans"], row["community_banned"], days)


async def bans_of_players(players: Iterable[int], *, now: datetime) -> dict[int, Bans]:
    """Those of these players who are banned somewhere, as far as they let Steam be asked."""
    ids = sorted(set(players))
    rows = await SteamProfile.select(
        *SteamProfile.all_columns(), SteamProfile.account.player.as_alias("player")
    ).where(one_of(SteamProfile.account.player, ids) & SteamProfile.account.steam_id.is_not_null())
    found = {row["player"]: bans_of(row, now=now) for row in rows}
    return {player: bans for player, bans in found.items() if bans and bans.any}

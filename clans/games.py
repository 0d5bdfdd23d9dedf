"""The games we know, and how many play them."""

from typing import NamedTuple


class GameRules(NamedTuple):
    """`players` are on the server; `substitutes` may be added to a line-up."""

    name: str
    players: int
    substitutes: int


GAMES = {
    "dota2": GameRules("Dota 2", players=5, substitutes=2),
    "cs2": GameRules("Counter-Strike 2", players=5, substitutes=2),
}

"""Who came where, as far as it is known.

Competition places as esports uses them: those who lose in one round share the
place below everybody who went further (3, 5, 9 ...), whatever was played
beside them. A place nobody earned (a double forfeit in the final) stays free.
"""

from collections.abc import Iterable

from brackets.model import Match
from brackets.single_elimination import shared_place

Placements = list[tuple[int, list[int]]]


def placements(matches: Iterable[Match], rounds: int) -> Placements:
    """First place of each tie group with its seeds, best place first; `rounds` to the final."""
    places: dict[int, int] = {}
    for match in matches:
        if match.bracket == "third_place":
            places |= _third_place(match)
        else:
            places |= _elimination(match, rounds)
    groups: dict[int, list[int]] = {}
    for seed, place in sorted(places.items()):
        groups.setdefault(place, []).append(seed)
    return sorted(groups.items())


def _elimination(match: Match, rounds: int) -> dict[int, int]:
    if match.state not in ("decided", "bye"):
        return {}
    place = shared_place(match.round, rounds)
    gone = [slot.seed for slot in match.slots if slot.seed and slot.seed != match.winner]
    places = dict.fromkeys(gone, place)
    if match.winner and match.round == rounds:
        places[match.winner] = 1
    return places


def _third_place(match: Match) -> dict[int, int]:
    if match.winner is None:
        return {}
    return {match.winner: 3} | ({match.loser: 4} if match.loser else {})

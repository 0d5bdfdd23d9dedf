"""Rounds of a knock-out, as single and double elimination build them."""

from brackets.graph import EMPTY, Graph, best_of, paired
from brackets.model import Options
from brackets.seeding import bracket_order, bracket_size


def upper_round(
    graph: Graph, options: Options, earlier: list[int], entrants: int, *names: str
) -> list[int]:
    """The round after `earlier`, in which nobody has lost yet; the first one when there is none.

    Byes go to the top seeds, one each. `names` is what its length may be called.
    """
    number = graph.rounds[earlier[0]] + 1 if earlier else 1
    length = best_of(options, "upper", number, *names)
    made = [
        graph.add(f"U{number}.{position}", "upper", number, position, length)
        for position in range(1, (len(earlier) or bracket_size(entrants)) // 2 + 1)
    ]
    if earlier:
        feed(graph, earlier, made)
    else:
        _seed(graph, made, entrants)
    return made


def _seed(graph: Graph, matches: list[int], entrants: int) -> None:
    order = bracket_order(2 * len(matches))
    for match, (a, b) in zip(matches, paired(order), strict=True):
        graph.put(match, a, b if b <= entrants else EMPTY)


def feed(graph: Graph, earlier: list[int], later: list[int]) -> None:
    """Winners of neighbours meet."""
    for match, (a, b) in zip(later, paired(earlier), strict=True):
        graph.winner_to[a] = 2 * match
        graph.winner_to[b] = 2 * match + 1

"""Double elimination: lose twice and you are out.

Lower rounds come in pairs: in the first the survivors meet each other, in the
second those who drop from the upper bracket come in. The order in which they
drop decides how early two can meet again.

Without a grand final the winners of both brackets share the qualification, in
this order. A reset is played only when the one without a loss loses.
"""

from brackets.elimination import feed, upper_round
from brackets.errors import require_between
from brackets.graph import Graph, best_of
from brackets.model import Options, Spec

SMALLEST, LARGEST = 2, 4_096
SHORTEST_WITH_ADVANTAGE = 3


def plan(spec: Spec) -> Graph:
    """The graph of a double-elimination stage; `BadSpec` when there is none."""
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    graph = Graph()
    upper, lower = upper_round(graph, spec.options, [], spec.entrants), list[int]()
    while True:
        lower = _lower(graph, spec.options, lower, upper)
        if len(upper) == 1:
            break
        upper = upper_round(graph, spec.options, upper, spec.entrants)
    _grand_final(graph, spec.options, upper[0], lower)
    graph.tiers.reverse()
    return graph


def _lower(graph: Graph, options: Options, lower: list[int], upper: list[int]) -> list[int]:
    """The lower rounds after an upper one: its losers come in; the last round made."""
    number = graph.rounds[upper[0]]
    if number == 1:
        return _first(graph, options, upper) if len(upper) > 1 else []
    made = _round(graph, options, 2 * number - 2, len(upper))
    for match, survivor, dropping in zip(made, lower, _dropped(upper, number), strict=True):
        graph.loser_to[dropping] = 2 * match
        graph.winner_to[survivor] = 2 * match + 1
    if len(made) == 1:
        return made
    halved = _round(graph, options, 2 * number - 1, len(made) // 2)
    feed(graph, made, halved)
    return halved


def _first(graph: Graph, options: Options, upper: list[int]) -> list[int]:
    made = _round(graph, options, 1, len(upper) // 2)
    for place, match in enumerate(made):
        graph.loser_to[upper[2 * place]] = 2 * match
        graph.loser_to[upper[2 * place + 1]] = 2 * match + 1
    return made


def _round(graph: Graph, options: Options, number: int, matches: int) -> list[int]:
    length = best_of(options, "lower", number)
    made = [
        graph.add(f"L{number}.{position}", "lower", number, position, length)
        for position in range(1, matches + 1)
    ]
    graph.tiers.append(made)
    return made


# -- dropping --------------------------------------------------------------

# For each size the flips of the second, third ... upper round. A flip says at
# which levels, the top one first, the halves of the round change places: "1"
# swaps the halves, "11" also the quarters in each (so it reverses the quarters).
# The earliest rematch is 1, 2, 3, 3, 4, 5, 5, 5, 5 and 6 lower rounds before the
# last one: the best that flips can do up to 64, the best found above.
FLIPS: dict[int, tuple[str, ...]] = {
    8: ("1",),
    16: ("1", "1"),
    32: ("1", "11", "1"),
    64: ("01", "1", "11", "1"),
    128: ("01", "101", "11", "11", "1"),
    256: ("01", "1", "11", "111", "11", "1"),
    512: ("01", "11", "111", "1", "101", "1", "1"),
    1024: ("01", "011", "1", "1011", "1101", "111", "11", "1"),
    2048: ("0011", "011", "1", "111", "01", "1101", "101", "11", "1"),
    4096: ("001", "1011", "1", "01", "011", "11", "111", "111", "11", "1"),
}


def _dropped(upper: list[int], number: int) -> list[int]:
    """The matches of an upper round in the order in which their losers drop."""
    if len(upper) == 1:
        return upper
    flips = FLIPS[2**number * len(upper)][number - 2]
    mask = int(flips, 2) * len(upper) >> len(flips)
    return [upper[place ^ mask] for place in range(len(upper))]


# -- the end ---------------------------------------------------------------


def _grand_final(graph: Graph, options: Options, upper: int, lower: list[int]) -> None:
    if options.grand_final == "none":
        graph.tiers.append([upper])
        return
    length = best_of(options, "final", 1, "final")
    if options.grand_final == "advantage":
        length = max(length, SHORTEST_WITH_ADVANTAGE)
    final = graph.add("F1.1", "final", 1, 1, length)
    _lead_to_final(graph, upper, lower, final)
    graph.tiers.append([final])
    if options.grand_final == "advantage":
        graph.head_start[final] = (1, 0)
    if options.grand_final == "reset":
        _reset(graph, options, final)


def _lead_to_final(graph: Graph, upper: int, lower: list[int], final: int) -> None:
    graph.winner_to[upper] = 2 * final
    if lower:
        graph.winner_to[lower[0]] = 2 * final + 1
    else:
        # Two entrants: the loser of the only upper match is the lower bracket.
        graph.loser_to[upper] = 2 * final + 1


def _reset(graph: Graph, options: Options, final: int) -> None:
    reset = graph.add("F2.1", "final", 2, 1, best_of(options, "final", 2, "final"))
    graph.loser_to[final] = 2 * reset
    graph.winner_to[final] = 2 * reset + 1
    graph.reset = reset
    graph.tiers.append([reset])

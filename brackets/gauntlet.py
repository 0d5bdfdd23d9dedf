"""Gauntlet (stepladder): the last two play, the winner meets the next one up.

The best seed waits at the top and plays once. Who loses takes the place of
the step, so nobody shares one.
"""

from brackets.errors import require_between
from brackets.graph import Graph, best_of
from brackets.model import Spec

SMALLEST, LARGEST = 2, 256


def plan(spec: Spec) -> Graph:
    """One match a round; the last one is the final."""
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    graph = Graph()
    for number in range(1, spec.entrants):
        final = ("final",) if number == spec.entrants - 1 else ()
        length = best_of(spec.options, "upper", number, *final)
        match = graph.add(f"U{number}.1", "upper", number, 1, length)
        graph.first[2 * match] = spec.entrants - number
        if number == 1:
            graph.first[2 * match + 1] = spec.entrants
        else:
            graph.winner_to[match - 1] = 2 * match + 1
        graph.tiers.append([match])
    graph.tiers.reverse()
    return graph

"""GSL groups: four entrants, double elimination without a final.

The winners of the opening matches play for first place, the losers against
going out; the decider between the two left gives second place. It may repeat
an opening match. More groups are filled by snake. Source: Valve's Major
supplemental rulebook of 2022, GSL rule.
"""

from brackets.errors import BadSpec, require_between
from brackets.graph import Graph, best_of
from brackets.model import Options, Spec
from brackets.seeding import snake_groups

IN_A_GROUP = 4
MOST_GROUPS = 64


def plan(spec: Spec) -> Graph:
    """Five matches for each group; `BadSpec` unless the groups are full."""
    groups = spec.options.groups
    require_between("groups", groups, 1, MOST_GROUPS)
    if spec.entrants != IN_A_GROUP * groups:
        raise BadSpec(f"{groups} GSL groups need {IN_A_GROUP * groups} entrants")
    graph = Graph()
    graph.groups = snake_groups(spec.entrants, groups)
    made = [_opening(graph, spec.options, number) for number in range(1, groups + 1)]
    for round_, add in ((2, _second), (3, _decider)):
        for number, matches in enumerate(made, start=1):
            add(graph, spec.options, number, round_, matches)
    return graph


def _match(graph: Graph, options: Options, group: int, round_: int, position: int) -> int:
    length = best_of(options, f"group:{group}", round_, f"group:{round_}")
    return graph.add(f"G{group}.{round_}.{position}", f"group:{group}", round_, position, length)


def _opening(graph: Graph, options: Options, group: int) -> list[int]:
    """First against fourth, second against third."""
    a, b, c, d = graph.groups[group - 1]
    made = [_match(graph, options, group, 1, position) for position in (1, 2)]
    graph.put(made[0], a, d)
    graph.put(made[1], b, c)
    return made


def _second(graph: Graph, options: Options, group: int, round_: int, matches: list[int]) -> None:
    """The winners' match, then the losers' match."""
    winners = _match(graph, options, group, round_, 1)
    losers = _match(graph, options, group, round_, 2)
    for side, opening in enumerate(matches[:2]):
        graph.winner_to[opening] = 2 * winners + side
        graph.loser_to[opening] = 2 * losers + side
    matches += [winners, losers]


def _decider(graph: Graph, options: Options, group: int, round_: int, matches: list[int]) -> None:
    winners, losers = matches[2:]
    decider = _match(graph, options, group, round_, 1)
    graph.loser_to[winners] = 2 * decider
    graph.winner_to[losers] = 2 * decider + 1
    graph.group_places.append([(winners, 1), (decider, 2), (losers, 3)])

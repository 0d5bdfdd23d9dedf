"""`python -m brackets VERB < in.json > out.json`: the engine without a program.

play: a stage from its spec and results.  draw: the plan alone.
next: the next Swiss round.  check: what is wrong with a finished stage.
A bad spec ends with exit code 2 and one line on stderr.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TextIO

import msgspec

import brackets
from brackets import checker, next_round
from brackets.errors import BadSpec, BracketError
from brackets.finished import Finished
from brackets.model import Match, Spec
from brackets.playing import Entry, play_by_list, play_by_rule, rule
from brackets.stage import Stage

Plain = dict[str, Any]


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """A spec with the results so far: entries, or the name of a rule."""

    format: str
    entrants: int
    options: brackets.Options = brackets.Options()
    results: str | list[Entry] = msgspec.field(default_factory=list)

    @property
    def spec(self) -> Spec:
        return Spec(self.format, self.entrants, self.options)


def main(arguments: list[str], stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one verb; the exit code."""
    try:
        if len(arguments) != 1 or arguments[0] not in VERBS:
            raise BadSpec(f"usage: python -m brackets {'|'.join(VERBS)} < in.json > out.json")
        answer = VERBS[arguments[0]](stdin.read())
    except (msgspec.DecodeError, UnicodeDecodeError, BracketError, RecursionError) as error:
        print(f"brackets: {' '.join(str(error).split())}", file=stderr)
        return 2
    stdout.write(msgspec.json.encode(answer).decode() + "\n")
    return 0


def play(text: bytes) -> Plain:
    """Play the stage as far as the results go."""
    request = msgspec.json.decode(text, type=Request)
    if isinstance(request.results, str):
        stage = play_by_rule(request.spec, rule(request.results))
    else:
        stage = play_by_list(request.spec, request.results)
    return played(stage)


def draw(text: bytes) -> Plain:
    """The plan: every match with where its two slots come from."""
    stage = brackets.start(msgspec.json.decode(text, type=Request).spec)
    return {"matches": [_drawn(match) for match in stage.matches]}


def pair(text: bytes) -> Plain:
    """The next round of a Swiss."""
    return next_round.answer(msgspec.json.decode(text, type=next_round.Request))


def check(text: bytes) -> Plain:
    """The properties that a finished stage violates; none is well."""
    return {"violations": checker.violations(msgspec.json.decode(text, type=Finished))}


VERBS: Mapping[str, Callable[[bytes], Plain]] = {
    "play": play,
    "draw": draw,
    "next": pair,
    "check": check,
}


# -- answers ---------------------------------------------------------------


def played(stage: Stage) -> Plain:
    """What `play` answers."""
    return {
        "rounds": _rounds(stage),
        "matches_played": sum(match.state == "decided" for match in stage.matches),
        "placements": stage.placements,
        "standings": [_standing(stage, row) for row in stage.standings],
        "ready": [_shown(match) for match in stage.ready],
        "complete": stage.complete,
    }


def _shown(match: Match) -> list[int]:
    """The seeds there are: the better one first, in a Swiss or a ladder the better placed."""
    seeds = [seed for seed in match.seeds if seed is not None]
    return seeds if match.bracket in ("swiss", "ladder") else sorted(seeds)


def _rounds(stage: Stage) -> list[Plain]:
    """Rounds with their known matches; rounds without a real match are left out."""
    rounds: dict[tuple[str, int], Plain] = {}
    for match in stage.matches:
        new: Plain = {"bracket": match.bracket, "round": match.round, "matches": [], "byes": []}
        shown = rounds.setdefault((match.bracket, match.round), new)
        seeds = _shown(match)
        if match.state == "bye":
            shown["byes"] += seeds
        elif len(seeds) == 2:
            shown["matches"].append(
                {"seeds": seeds, "winner": match.winner, "best_of": match.best_of}
            )
    for (bracket, _), shown in rounds.items():
        if stage.spec.format == "round_robin":
            group = stage.graph.groups[int(bracket.partition(":")[2]) - 1]
            playing = {seed for match in shown["matches"] for seed in match["seeds"]}
            shown["byes"] = [seed for seed in group if seed not in playing]
        shown["byes"].sort()
    return [shown for shown in rounds.values() if shown["matches"] or _scores(shown)]


def _scores(round_: Plain) -> bool:
    """A Swiss round in which somebody rests counts even when nobody plays."""
    return round_["bracket"] == "swiss" and bool(round_["byes"])


def _standing(stage: Stage, row: brackets.Standing) -> Plain:
    plain: Plain = {
        "seed": row.seed,
        "place": row.place,
        "points": _number(row.points),
        "wins": row.wins,
        "losses": row.losses,
        "tie_breaks": row.values,
    }
    if stage.format.draws:
        plain["draws"] = row.draws
    if len(stage.graph.groups) > 1:
        plain["group"] = row.group
    return plain


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _drawn(match: Match) -> Plain:
    return {
        "id": match.id,
        "bracket": match.bracket,
        "round": match.round,
        "slots": [_source(slot.source) for slot in match.slots],
    }


def _source(source: brackets.Source) -> Plain:
    match source:
        case brackets.Seed(seed=seed):
            return {"seed": seed}
        case brackets.WinnerOf(match=id_):
            return {"winner_of": id_}
        case brackets.LoserOf(match=id_):
            return {"loser_of": id_}
        case _:
            return {"bye": True}


def run() -> int:
    return main(sys.argv[1:], sys.stdin.buffer, sys.stdout, sys.stderr)

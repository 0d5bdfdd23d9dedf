"""`python -m brackets VERB < in.json > out.json`: the engine without a program.

play: a stage from its spec and results.  draw: the plan alone.
A bad spec ends with exit code 2 and one line on stderr.
"""

import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, BinaryIO, TextIO

import msgspec

import brackets
from brackets.errors import BadSpec, BracketError
from brackets.model import Match, Options, Outcome, Spec
from brackets.stage import Stage

Plain = dict[str, Any]


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One result: seeds, the seed that won, and the score in the order of `seeds`."""

    seeds: tuple[int, int]
    winner: int | None = None
    score: tuple[int, int] | None = None
    round: int | None = None


class Request(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    entrants: int
    options: Options = Options()
    results: str | list[Entry] = msgspec.field(default_factory=list)


def main(arguments: list[str], stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one verb; the exit code."""
    try:
        if len(arguments) != 1 or arguments[0] not in VERBS:
            raise BadSpec(f"usage: python -m brackets {'|'.join(VERBS)} < in.json > out.json")
        request = msgspec.json.decode(stdin.read(), type=Request)
        answer = VERBS[arguments[0]](request)
    except (msgspec.DecodeError, BracketError, RecursionError) as error:
        print(f"brackets: {' '.join(str(error).split())}", file=stderr)
        return 2
    stdout.write(msgspec.json.encode(answer).decode() + "\n")
    return 0


def play(request: Request) -> Plain:
    """Play the stage as far as the results go."""
    stage = brackets.start(Spec(request.format, request.entrants, request.options))
    if isinstance(request.results, str):
        _play_by_rule(stage, _rule(request.results))
    else:
        _play_by_list(stage, request.results)
    return _played(stage)


def draw(request: Request) -> Plain:
    """The plan: every match with where its two slots come from."""
    stage = brackets.start(Spec(request.format, request.entrants, request.options))
    return {"matches": [_drawn(match) for match in stage.matches]}


VERBS: Mapping[str, Callable[[Request], Plain]] = {"play": play, "draw": draw}


# -- results ---------------------------------------------------------------


def _rule(name: str) -> Callable[[int, int, int], int]:
    """(better seed, worse seed, how many times they meet) to the winner.

    `sha256:TAG` is the rule of the format vectors: the better seed wins when
    the first byte of SHA-256 of "TAG:low:high:k" is even.
    """
    if name == "lower_seed_wins":
        return lambda low, _high, _times: low
    if name.startswith("sha256:"):
        tag = name.removeprefix("sha256:")
        return lambda low, high, times: (
            high if sha256(f"{tag}:{low}:{high}:{times}".encode()).digest()[0] % 2 else low
        )
    raise BadSpec(f"there is no results rule {name!r}")


def _play_by_rule(stage: Stage, rule: Callable[[int, int, int], int]) -> None:
    met: dict[tuple[int, int], int] = {}
    while ready := stage.ready:
        for match in ready:
            low, high = sorted(_seeds(match))
            met[low, high] = met.get((low, high), 0) + 1
            winner = rule(low, high, met[low, high])
            stage.apply(match.id, Outcome(_slot_of(match, winner)))


def _play_by_list(stage: Stage, entries: list[Entry]) -> None:
    waiting: dict[tuple[int, ...], list[Entry]] = {}
    for entry in entries:
        waiting.setdefault(tuple(sorted(entry.seeds)), []).append(entry)
    moved = True
    while moved:
        moved = False
        for match in stage.ready:
            if found := _take(waiting.get(tuple(sorted(_seeds(match))), []), match):
                stage.apply(match.id, _outcome(match, found))
                moved = True
    if left := [entry for some in waiting.values() for entry in some]:
        raise BadSpec(f"{left[0].seeds[0]} v {left[0].seeds[1]} is not a match of this stage")


def _take(entries: list[Entry], match: Match) -> Entry | None:
    for index, entry in enumerate(entries):
        if entry.round in (None, match.round):
            return entries.pop(index)
    return None


def _outcome(match: Match, entry: Entry) -> Outcome:
    if entry.winner not in entry.seeds:
        raise BadSpec(f"{entry.seeds[0]} v {entry.seeds[1]} needs one of them as its winner")
    score = entry.score
    if score and _slot_of(match, entry.seeds[0]) == 1:
        score = (score[1], score[0])
    return Outcome(_slot_of(match, entry.winner), score=score)


# -- answers ---------------------------------------------------------------


def _seeds(match: Match) -> list[int]:
    return [slot.seed for slot in match.slots if slot.seed is not None]


def _slot_of(match: Match, seed: int) -> Any:
    return 0 if match.slots[0].seed == seed else 1


def _played(stage: Stage) -> Plain:
    return {
        "rounds": _rounds(stage),
        "matches_played": sum(match.state == "decided" for match in stage.matches),
        "placements": stage.placements,
        "standings": _standings(stage),
        "ready": [sorted(_seeds(match)) for match in stage.ready],
        "complete": stage.complete,
    }


def _rounds(stage: Stage) -> list[Plain]:
    """Rounds with their known matches; rounds without a real match are left out."""
    rounds: dict[tuple[str, int], Plain] = {}
    for match in stage.matches:
        new: Plain = {"bracket": match.bracket, "round": match.round, "matches": [], "byes": []}
        shown = rounds.setdefault((match.bracket, match.round), new)
        seeds = sorted(_seeds(match))
        if match.state == "bye":
            shown["byes"] += seeds
        elif len(seeds) == 2:
            shown["matches"].append(
                {"seeds": seeds, "winner": match.winner, "best_of": match.best_of}
            )
    for shown in rounds.values():
        shown["byes"].sort()
    return [shown for shown in rounds.values() if shown["matches"]]


def _standings(stage: Stage) -> list[Plain]:
    places = {seed: place for place, seeds in stage.placements for seed in seeds}
    wins = dict.fromkeys(range(1, stage.spec.entrants + 1), 0)
    losses = dict(wins)
    for match in stage.matches:
        if match.state == "decided":
            for seed in _seeds(match):
                (wins if seed == match.winner else losses)[seed] += 1
    return [
        {
            "seed": seed,
            "place": places.get(seed),
            "points": wins[seed],
            "wins": wins[seed],
            "losses": losses[seed],
            "tie_breaks": {},
        }
        for seed in sorted(wins, key=lambda each: (places.get(each, 0), each))
    ]


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

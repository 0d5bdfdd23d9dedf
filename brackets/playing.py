"""Playing a stage from results: by a rule, or from a list of entries."""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal

import msgspec

import brackets
from brackets.errors import BadSpec
from brackets.model import Match, Outcome, Spec
from brackets.stage import Stage

Rule = Callable[[int, int, int], int]
"""(better seed, worse seed, how many times they meet) to the winner."""


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One result: seeds, the seed that won (None: a draw), the score in the order of `seeds`."""

    seeds: tuple[int, int]
    winner: int | None = None
    score: tuple[int, int] | None = None
    round: int | None = None


def rule(name: str) -> Rule:
    """The rule of that name.

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


def play_by_rule(spec: Spec, winner_of: Rule) -> Stage:
    """The finished stage."""
    stage = brackets.start(spec)
    met: dict[tuple[int, int], int] = {}
    while ready := stage.ready:
        for match in ready:
            low, high = sorted(_seeds(match))
            met[low, high] = met.get((low, high), 0) + 1
            stage.apply(match.id, Outcome(_slot_of(match, winner_of(low, high, met[low, high]))))
    return stage


def play_by_list(spec: Spec, entries: list[Entry]) -> Stage:
    """The stage as far as the entries go; `BadSpec` for an entry that fits no match.

    In a Swiss a full round of entries with its number is that round's pairing,
    even where the engine would have paired otherwise. So are the entries of the
    round being played; the engine pairs whoever they leave out. On a ladder, where
    anybody may rest, entries that fit no match are the challenges of their round.
    """
    pairings = _full_rounds(spec, entries)
    stage, left = _as_far_as(spec, entries, pairings)
    given = _given(spec, entries)
    if left and given:
        open_ = {number: given[number] for number in given if number == len(stage.rounds)}
        more = given if spec.format == "ladder" else open_
        stage, left = _as_far_as(spec, entries, {**pairings, **more})
    if left:
        raise BadSpec(f"{left[0].seeds[0]} v {left[0].seeds[1]} is not a match of this stage")
    return stage


def _as_far_as(
    spec: Spec, entries: list[Entry], pairings: brackets.Pairings
) -> tuple[Stage, list[Entry]]:
    """The stage after all entries that fit, and the others."""
    stage = Stage(spec, brackets.format_of(spec), pairings=pairings)
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
    return stage, [entry for some in waiting.values() for entry in some]


Given = dict[int, list[tuple[int, int]]]


def _given(spec: Spec, entries: list[Entry]) -> Given:
    """The pairs of a Swiss or a ladder by the rounds that the entries name."""
    format_ = brackets.format_of(spec)
    rounds: Given = {}
    # Swiss with limits is paired by its rules alone.
    if format_.pair and spec.format != "swiss_limits":
        for entry in entries:
            if entry.round is not None:
                rounds.setdefault(entry.round, []).append(entry.seeds)
    return rounds


def _full_rounds(spec: Spec, entries: list[Entry]) -> Given:
    """Those of a Swiss whose every match is in the list."""
    if spec.format == "ladder":
        return {}
    return {
        number: pairs
        for number, pairs in _given(spec, entries).items()
        if len(pairs) == spec.entrants // 2
        and len({s for pair in pairs for s in pair}) == 2 * len(pairs)
    }


def _seeds(match: Match) -> list[int]:
    return [seed for seed in match.seeds if seed is not None]


def _slot_of(match: Match, seed: int) -> Literal[0, 1]:
    return 0 if match.seeds[0] == seed else 1


def _take(entries: list[Entry], match: Match) -> Entry | None:
    for index, entry in enumerate(entries):
        if entry.round in (None, match.round):
            return entries.pop(index)
    return None


def _outcome(match: Match, entry: Entry) -> Outcome:
    pair = f"{entry.seeds[0]} v {entry.seeds[1]}"
    score = entry.score
    if score and _slot_of(match, entry.seeds[0]) == 1:
        score = (score[1], score[0])
    if entry.winner is None:
        if score is None:
            raise BadSpec(f"{pair} needs a winner, or the score of a draw")
        return Outcome(None, score=score)
    if entry.winner not in entry.seeds:
        raise BadSpec(f"{pair} needs one of them as its winner")
    return Outcome(_slot_of(match, entry.winner), score=score)

"""Stages played at random, for properties that hold whatever happens."""

import os
from random import Random

import msgspec
from hypothesis import settings

import brackets
from brackets.model import Match, Options, Outcome, Spec

PROMISED = bool(os.environ.get("BAIGE_TEST_PROMISED"))
"""Whether to try as often as is promised (half an hour) instead of as often as is quick."""


def often(quick: int, promised: int) -> settings:
    """How many examples a property is tried with."""
    return settings(max_examples=promised if PROMISED else quick, deadline=None)


FORMATS = sorted(brackets.FORMATS)


def random_spec(format_: str, entrants: int, chance: Random) -> Spec:
    """A spec of about that many entrants with options that matter to the format."""
    options: dict = {"coin": "x"}
    match format_:
        case "single_elimination":
            options["third_place"] = chance.random() < 0.5
        case "double_elimination":
            options["grand_final"] = chance.choice(["none", "single", "reset", "advantage"])
        case "gsl":
            options["groups"] = max(1, entrants // 4)
            entrants = 4 * options["groups"]
        case "round_robin":
            entrants = min(entrants, 24)
            options["groups"] = chance.randint(1, max(1, entrants // 3))
            options["legs"] = chance.randint(1, 2)
            options["removed"] = chance.choice(["keep", "void"])
            options["best_of"] = chance.choice([1, 2])
        case "ladder":
            options["rounds"] = chance.randint(1, 9)
        case "swiss":
            options["rounds"] = chance.randint(1, 7)
            options["accelerated"] = chance.random() < 0.2
        case "swiss_limits":
            options["wins"], options["losses"] = chance.choice([(3, 3), (2, 2), (3, 2)])
            options["rules"] = chance.choice(["valve-2021", "valve-2022", "valve-2024"])
    return Spec(format_, entrants, Options(**options))


def random_outcome(stage: brackets.Stage, chance: Random, *, calm: bool = False) -> Outcome:
    """A win; unless calm, sometimes a walkover, a draw, or nobody's."""
    winner = chance.randint(0, 1)
    if calm or chance.random() < 0.8:
        return Outcome(winner)
    if chance.random() < 0.4:
        return Outcome(None, "double_forfeit")
    if stage.format.draws and chance.random() < 0.5:
        return Outcome(None)
    return Outcome(winner, chance.choice(["walkover", "forfeit"]))


class Played:
    """A stage with everything that was done to it."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.stage = brackets.start(spec)
        self.outcomes: dict[str, Outcome] = {}

    def step(self, chance: Random, *, calm: bool = False, leaving: float = 0.0) -> Match:
        view = self.stage.match(chance.choice(self.stage.ready_ids))
        outcome = random_outcome(self.stage, chance, calm=calm)
        self.outcomes[view.id] = outcome
        self.stage.apply(view.id, outcome)
        if chance.random() < leaving:
            self.stage.remove(chance.choice(list(self.stage.entrants)))
        return view

    def play(self, chance: Random, *, calm: bool = False, leaving: float = 0.0) -> "Played":
        while self.stage.ready_ids:
            self.step(chance, calm=calm, leaving=leaving)
        return self


def picture(stage: brackets.Stage) -> bytes:
    """Everything anybody can see of a stage."""
    return msgspec.json.encode(
        [
            list(stage.matches),
            stage.standings,
            stage.placements,
            stage.complete,
            sorted(stage.removed),
        ]
    )

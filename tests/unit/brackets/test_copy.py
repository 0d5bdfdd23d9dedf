"""A copy of a stage is alike, and goes its own way."""

import random

import pytest

import brackets

SPECS = [
    brackets.Spec("single_elimination", 9, brackets.Options(third_place=True)),
    brackets.Spec("double_elimination", 7, brackets.Options()),
    brackets.Spec("round_robin", 6, brackets.Options()),
    brackets.Spec("swiss", 9, brackets.Options()),
    brackets.Spec("swiss_limits", 16, brackets.Options()),
    brackets.Spec("gsl", 8, brackets.Options(groups=2)),
    brackets.Spec("gauntlet", 5, brackets.Options()),
    brackets.Spec("ladder", 6, brackets.Options(rounds=3)),
]


def looks(stage: brackets.Stage) -> tuple:
    return (
        list(stage.matches),
        stage.ready_ids,
        stage.removed,
        stage.rounds,
        stage.standings if stage.format.tie_breaks else (),
        stage.placements,
    )


def play_on(stage: brackets.Stage, chance: random.Random, steps: int) -> None:
    for _ in range(steps):
        if not (ready := stage.ready_ids):
            return
        if chance.random() < 0.1 and len(stage.active) > 2:
            stage.remove(chance.choice(stage.active))
        else:
            stage.apply(chance.choice(ready), brackets.Outcome(chance.randint(0, 1), "played"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.format)
def test_neither_notices_what_is_done_to_the_other(spec):
    for seed in range(12):
        chance = random.Random(seed)
        stage = brackets.start(spec)
        play_on(stage, chance, chance.randint(0, 12))
        before, other = looks(stage), stage.copy()
        assert looks(other) == before
        play_on(other, random.Random(seed + 100), 8)
        assert looks(stage) == before
        theirs = looks(other)
        decided = [view.id for view in stage.matches if view.outcome and not view.given]
        if decided:
            stage.undo(chance.choice(decided), cascade=True)
        play_on(stage, chance, 40)
        assert looks(other) == theirs

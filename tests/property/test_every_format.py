"""What holds in every format, whatever happens in it."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import brackets
from brackets.checker import violations
from brackets.command_line import played
from brackets.finished import Finished
from tests.property.playing import (
    FORMATS,
    PROMISED,
    Played,
    often,
    picture,
    random_outcome,
    random_spec,
)

sizes = st.integers(2, 40)
chances = st.integers(0, 2**32).map(Random)
every_format = pytest.mark.parametrize("format_", FORMATS)


@every_format
@often(60, 2_500)
@given(entrants=st.integers(2, 256 if PROMISED else 40), chance=chances)
def test_it_ends_and_places_everybody_who_stayed(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance)).play(chance, leaving=0.05)
    stage = done.stage
    assert stage.complete
    assert stage.ready == []
    placed = [seed for _, seeds in stage.placements for seed in seeds]
    assert sorted(placed) == stage.active
    assert stage.champion not in stage.removed
    places = [place for place, _ in stage.placements]
    assert places == sorted(set(places))
    assert {row.seed for row in stage.standings} == set(stage.entrants)
    assert all((row.place is None) == row.removed for row in stage.standings)


@every_format
@often(50, 1000)
@given(entrants=st.integers(2, 70), chance=chances)
def test_a_calm_stage_violates_nothing(format_, entrants, chance):
    spec = random_spec(format_, entrants, chance)
    stage = Played(spec).play(chance, calm=True).stage
    request = msgspec.to_builtins(spec) | played(stage)
    assert violations(msgspec.convert(request, type=Finished)) == []


@every_format
@often(30, 600)
@given(entrants=sizes, chance=chances)
def test_the_same_truth_in_any_order_is_the_same_stage(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance))
    for _ in range(chance.randint(0, 60)):
        if done.stage.ready:
            done.step(chance, leaving=0.05)
    keys = list(done.outcomes)
    chance.shuffle(keys)
    spec = msgspec.json.decode(msgspec.json.encode(done.spec), type=brackets.Spec)
    again = brackets.fold(
        spec, {key: done.outcomes[key] for key in keys}, removed=done.stage.removed
    )
    assert picture(again) == picture(done.stage)


@every_format
@often(25, 250)
@given(entrants=sizes, chance=chances)
def test_undo_and_redo_restore_bytes(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance))
    for _ in range(chance.randint(0, 40)):
        if not done.stage.ready:
            break
        before = picture(done.stage)
        view = done.step(chance)
        after = picture(done.stage)
        assert done.stage.affected(view.id) == []
        done.stage.undo(view.id)
        assert picture(done.stage) == before
        done.stage.apply(view.id, done.outcomes[view.id])
        assert picture(done.stage) == after
        # Entering the same result again changes nothing.
        assert done.stage.apply(view.id, done.outcomes[view.id]) == []


@every_format
@often(30, 600)
@given(entrants=sizes, chance=chances)
def test_undo_of_any_result_takes_along_what_it_says(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance)).play(chance)
    key = chance.choice(list(done.outcomes)) if done.outcomes else None
    if key is None:
        return
    falling = done.stage.affected(key)
    if falling:
        with pytest.raises(brackets.HasSuccessors) as refused:
            done.stage.undo(key)
        assert refused.value.matches == falling
    old = {view.id: view for view in done.stage.matches}
    changed = done.stage.undo(key, cascade=True)
    kept = {k: v for k, v in done.outcomes.items() if k not in (key, *falling)}
    assert picture(done.stage) == picture(brackets.fold(done.spec, kept))
    now = {view.id: view for view in done.stage.matches}
    assert {k for k in old | now if old.get(k) != now.get(k)} <= set(changed)


@every_format
@often(30, 600)
@given(entrants=sizes, chance=chances)
def test_a_correction_keeps_what_still_fits(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance))
    done.play(chance, leaving=0.02)
    entered = {view.id for view in done.stage.matches if view.outcome and not view.given}
    key = chance.choice(sorted(entered)) if entered else None
    if key is None:
        return
    new = random_outcome(done.stage, chance)
    before = picture(done.stage)
    made = brackets.rebuild(done.stage, outcomes={key: new})
    assert picture(done.stage) == before, "a preview touches nothing"
    kept = {k: v for k, v in done.outcomes.items() if k in entered - set(made.fallen)} | {key: new}
    again = brackets.fold(done.spec, kept, removed=done.stage.removed)
    assert picture(made.stage) == picture(again)
    old = {view.id: view for view in done.stage.matches}
    now = {view.id: view for view in made.stage.matches}
    assert {k for k in old | now if old.get(k) != now.get(k)} == set(made.changed)


@every_format
@often(30, 600)
@given(entrants=sizes, chance=chances)
def test_somebody_who_left_and_comes_back_was_never_gone(format_, entrants, chance):
    done = Played(random_spec(format_, entrants, chance))
    for _ in range(chance.randint(0, 30)):
        if done.stage.ready:
            done.step(chance)
    before = picture(done.stage)
    leaver = chance.choice(list(done.stage.entrants))
    done.stage.remove(leaver)
    assert done.stage.remove(leaver) == []
    assert not [view for view in done.stage.ready if leaver in view.seeds]
    back = brackets.rebuild(done.stage, removed={})
    assert back.fallen == []
    assert picture(back.stage) == before


@every_format
@often(40, 400)
@given(entrants=sizes, chance=chances)
def test_results_that_were_ready_together_may_come_in_any_order(format_, entrants, chance):
    first = Played(random_spec(format_, entrants, chance))
    second = Played(first.spec)
    while first.stage.ready:
        together = {view.id: random_outcome(first.stage, chance) for view in first.stage.ready}
        for done in (first, second):
            keys = list(together)
            chance.shuffle(keys)
            for key in keys:
                done.stage.apply(key, together[key])
        assert picture(first.stage) == picture(second.stage)

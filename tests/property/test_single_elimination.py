"""Properties of single elimination, for every size and course of play."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import brackets
from brackets import Options, Outcome, Spec
from brackets.seeding import bracket_order, bracket_size

sizes = st.integers(2, 256)
kinds = st.sampled_from(
    [
        Outcome(0),
        Outcome(1),
        Outcome(0, "walkover"),
        Outcome(1, "forfeit"),
        Outcome(None, "double_forfeit"),
    ]
)


def picture(stage: brackets.Stage) -> bytes:
    return msgspec.json.encode(list(stage.matches))


def play(stage: brackets.Stage, data: st.DataObject) -> dict[str, Outcome]:
    """Play to the end in any order, with any outcomes."""
    played = {}
    while ready := stage.ready:
        match = data.draw(st.sampled_from(ready))
        played[match.id] = data.draw(kinds)
        stage.apply(match.id, played[match.id])
    return played


@pytest.mark.parametrize("entrants", [*range(2, 257), 1_000, 4_095, 4_096])
def test_the_plan(entrants: int) -> None:
    stage = brackets.start(Spec("single_elimination", entrants))
    matches = list(stage.matches)
    real = [match for match in matches if match.number]
    assert len(real) == entrants - 1
    byes = sorted(slot.seed for m in matches if m.state == "bye" for slot in m.slots if slot.seed)
    assert byes == list(range(1, bracket_size(entrants) - entrants + 1))


@pytest.mark.parametrize("rounds", range(1, 13))
def test_the_best_meet_as_late_as_possible(rounds: int) -> None:
    order = bracket_order(2**rounds)
    for parts in range(1, rounds + 1):
        size = 2 ** (rounds - parts)
        groups = [order[start : start + size] for start in range(0, 2**rounds, size)]
        assert all(sum(seed <= 2**parts for seed in group) == 1 for group in groups)


@settings(max_examples=150, deadline=None)
@given(sizes, st.booleans(), st.data())
def test_it_always_ends_and_places_everyone_once(entrants, third, data) -> None:
    stage = brackets.start(
        Spec("single_elimination", min(entrants, 40), Options(third_place=third))
    )
    play(stage, data)
    assert stage.complete
    placed = [seed for _, seeds in stage.placements for seed in seeds]
    assert sorted(placed) == list(range(1, min(entrants, 40) + 1))


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 40), st.booleans(), st.data())
def test_replay_in_any_order_gives_the_same_bytes(entrants, third, data) -> None:
    spec = Spec("single_elimination", entrants, Options(third_place=third))
    stage = brackets.start(spec)
    played = play(stage, data)
    shuffled = data.draw(st.permutations(list(played)))
    again = brackets.fold(spec, {key: played[key] for key in shuffled})
    assert picture(again) == picture(stage)
    loaded = msgspec.json.decode(msgspec.json.encode(spec), type=Spec)
    assert picture(brackets.fold(loaded, played)) == picture(stage)


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 40), st.booleans(), st.data())
def test_undo_and_redo_restore_the_bytes(entrants, third, data) -> None:
    spec = Spec("single_elimination", entrants, Options(third_place=third))
    stage = brackets.start(spec)
    played = play(stage, data)
    key = data.draw(st.sampled_from(sorted(played)))
    before = picture(stage)
    gone = [*stage.affected(key), key]
    stage.undo(key, cascade=True)
    kept = {each: outcome for each, outcome in played.items() if each not in gone}
    assert picture(stage) == picture(brackets.fold(spec, kept))
    for each in reversed(gone):
        stage.apply(each, played[each])
    assert picture(stage) == before


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 64), st.data())
def test_what_changed_is_exactly_what_is_said_to_have_changed(entrants, data) -> None:
    stage = brackets.start(Spec("single_elimination", entrants, Options(third_place=True)))
    while ready := stage.ready:
        before = {match.id: match for match in stage.matches}
        match = data.draw(st.sampled_from(ready))
        said = stage.apply(match.id, data.draw(kinds))
        really = {match.id for match in stage.matches if before[match.id] != match}
        assert really <= set(said)
        assert len(said) <= 20

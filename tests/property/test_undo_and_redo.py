"""A stage under every verb, in any order: it always equals its own replay."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import brackets
from brackets.model import Outcome
from tests.property.playing import FORMATS, often, picture, random_outcome, random_spec

chances = st.integers(0, 2**32).map(Random)


class Organiser(RuleBasedStateMachine):
    """Enters, takes back, enters again, corrects, removes and lets back."""

    stage: brackets.Stage

    @initialize(format_=st.sampled_from(FORMATS), entrants=st.integers(2, 24), chance=chances)
    def draw(self, format_, entrants, chance):
        self.stage = brackets.start(random_spec(format_, entrants, chance))
        self.outcomes: dict[str, Outcome] = {}

    @precondition(lambda self: self.stage.ready_ids)
    @rule(chance=chances, times=st.integers(1, 12))
    def enter(self, chance, times):
        for _ in range(times):
            if self.stage.ready_ids:
                self._enter(chance)

    def _enter(self, chance):
        id_ = chance.choice(self.stage.ready_ids)
        self.outcomes[id_] = random_outcome(self.stage, chance)
        self.stage.apply(id_, self.outcomes[id_])

    @precondition(lambda self: self.stage.ready_ids)
    @rule(chance=chances)
    def undo_and_redo(self, chance):
        before = picture(self.stage)
        id_ = chance.choice(self.stage.ready_ids)
        outcome = random_outcome(self.stage, chance)
        self.stage.apply(id_, outcome)
        after = picture(self.stage)
        self.stage.undo(id_)
        assert picture(self.stage) == before
        self.stage.apply(id_, outcome)
        assert picture(self.stage) == after
        self.outcomes[id_] = outcome

    @precondition(lambda self: self.outcomes)
    @rule(chance=chances)
    def take_back(self, chance):
        id_ = chance.choice(sorted(self.outcomes))
        gone = [*self.stage.affected(id_), id_]
        self.stage.undo(id_, cascade=True)
        for each in gone:
            del self.outcomes[each]

    @precondition(lambda self: self.outcomes)
    @rule(chance=chances)
    def correct(self, chance):
        id_ = chance.choice(sorted(self.outcomes))
        self.outcomes[id_] = random_outcome(self.stage, chance)
        self._become(brackets.rebuild(self.stage, outcomes={id_: self.outcomes[id_]}))

    @rule(chance=chances)
    def remove(self, chance):
        self.stage.remove(chance.choice(list(self.stage.entrants)))

    @precondition(lambda self: self.stage.removed)
    @rule(chance=chances)
    def let_back(self, chance):
        back = chance.choice(sorted(self.stage.removed))
        rest = {seed: when for seed, when in self.stage.removed.items() if seed != back}
        self._become(brackets.rebuild(self.stage, removed=rest))

    def _become(self, made):
        self.stage = made.stage
        for each in made.fallen:
            del self.outcomes[each]

    @invariant()
    def it_equals_its_replay(self):
        if hasattr(self, "stage"):
            again = brackets.fold(self.stage.spec, self.outcomes, removed=self.stage.removed)
            assert picture(again) == picture(self.stage)


TestOrganiser = Organiser.TestCase
TestOrganiser.settings = settings(often(40, 2_000), stateful_step_count=20)

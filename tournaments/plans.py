"""The plan of a tournament: its stages one after the other, as the organiser sets them up."""

from collections.abc import Callable
from typing import Literal

import msgspec

import brackets
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments import stage_options

AtCut = Literal["seed", "coin", "organiser", "decider"]
Seeding = Literal["carried", "initial"]

BEST_OF = ("1", "3", "5")
WITH_DRAWS = ("1", "2", "3", "5")
DRAWN = ("round_robin", "swiss")
LIMITS = ("3-3", "2-2", "3-2")
RULES = ("valve-2024", "valve-2022", "valve-2021")
PREFIXES = ("", "s2_", "s3_")
"""Of the fields of the first, second and third stage."""
MOST_ADVANCE = 512


class StagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One stage. `advance` go on to the next one (0: it is the last).

    `at_cut` settles a tie across that line. In the next stage they are seeded as
    they finished (carried) or as they began (initial), after the `joins` best of
    all clans, who have waited for it.
    """

    format: str
    options: brackets.Options = brackets.Options()
    advance: int = 0
    at_cut: AtCut = "seed"
    seeding: Seeding = "carried"
    joins: int = 0


Plan = tuple[StagePlan, ...]


def plan_of(row: Row) -> Plan:
    """The plan of a tournament row."""
    return msgspec.json.decode(row["plan"], type=Plan)


def encode(plan: Plan) -> str:
    return msgspec.json.encode(plan).decode()


class StageForm(msgspec.Struct, frozen=True, kw_only=True):
    """One stage as typed; `prefix` sets its fields apart from those of the other stages."""

    prefix: str = ""
    format: str = "single_elimination"
    best_of: str = "1"
    final_best_of: str = "1"
    third_place: bool = False
    grand_final: str = "reset"
    groups: str = "1"
    legs: str = "1"
    rounds: str = ""
    limits: str = "3-3"
    rules: str = "valve-2024"
    advance: str = ""
    at_cut: str = "seed"
    seeding: str = "carried"
    joins: str = "0"
    semi_best_of: str = ""
    decider_best_of: str = "3"
    by_round: str = ""
    points: str = "1 / 0.5 / 0"
    removed: str = "keep"
    accelerated: bool = False
    tie_breaks: tuple[str, ...] = ()

    def wrong(self, *, last: bool) -> dict[str, Message]:
        """What cannot stand, by field; only fields that the format reads."""
        found = {
            self.prefix + name: message
            for name, check in CHECKS.items()
            if self.reads(name, last=last) and (message := check(self))
        }
        if not found and not last and self.format in ("round_robin", "gsl"):
            found |= self._wrong_share()
        return found

    def reads(self, name: str, *, last: bool) -> bool:
        if name in ("advance", "at_cut"):
            return not last
        if name in ("seeding", "joins"):
            return bool(self.prefix)
        return name in ("format", "best_of") or name in READ.get(self.format, ())

    def _wrong_share(self) -> dict[str, Message]:
        if int(self.advance) % int(self.groups):
            message = Message(N_("Every group must send the same number on."))
            return {self.prefix + "advance": message}
        return {}

    def plan(self, *, last: bool) -> StagePlan:
        """The stage, once `wrong` finds nothing."""
        reads = READ[self.format]
        options: Row = {"best_of": int(self.best_of)}
        options["round_best_of"] = self._lengths(reads)
        if "points" in reads:
            options["points"] = stage_options.points(self.points)
        if "tie_breaks" in reads and self.tie_breaks:
            options["tie_breaks"] = self.tie_breaks
        for name in ("groups", "legs"):
            if name in reads:
                options[name] = int(getattr(self, name))
        if "rounds" in reads and self.rounds:
            options["rounds"] = int(self.rounds)
        if "limits" in reads:
            options["wins"], options["losses"] = map(int, self.limits.split("-"))
        for name in ("third_place", "grand_final", "rules", "removed", "accelerated"):
            if name in reads:
                options[name] = getattr(self, name)
        return StagePlan(
            format=self.format,
            options=brackets.Options(**options),
            advance=0 if last else int(self.advance),
            at_cut=self.at_cut if not last else "seed",  # type: ignore[arg-type]
            seeding=self.seeding if self.prefix else "carried",  # type: ignore[arg-type]
            joins=int(self.joins or 0) if self.prefix else 0,
        )

    def _lengths(self, reads: tuple[str, ...]) -> dict[str, int]:
        """The best of of rounds that differ from the others; the last named wins."""
        found = (
            stage_options.lengths(self.by_round, self.format) if "by_round" in reads else {}
        ) or {}
        for field, name in NAMED.items():
            if field in reads and (text := getattr(self, field)):
                found[name] = int(text)
        return found


NAMED = {"semi_best_of": "semi_finals", "final_best_of": "final", "decider_best_of": "decider"}
"""Fields with the length of a round that has a name."""


def typed(plan: Plan) -> list[StageForm]:
    """The forms of a plan, and empty ones up to the most stages there can be."""
    forms = [_typed(prefix, stage) for prefix, stage in zip(PREFIXES, plan, strict=False)]
    forms += [StageForm(prefix=prefix, format="") for prefix in PREFIXES[len(plan) :]]
    if not plan:
        forms[0] = StageForm(final_best_of="3")
    return forms


def _typed(prefix: str, stage: StagePlan) -> StageForm:
    options = stage.options
    return StageForm(
        prefix=prefix,
        format=stage.format,
        best_of=str(options.best_of),
        final_best_of=str(options.round_best_of.get("final", options.best_of)),
        third_place=options.third_place,
        grand_final=options.grand_final,
        groups=str(options.groups),
        legs=str(options.legs),
        rounds=str(options.rounds or ""),
        limits=f"{options.wins}-{options.losses}",
        rules=options.rules,
        advance=str(stage.advance or ""),
        at_cut=stage.at_cut,
        seeding=stage.seeding,
        joins=str(stage.joins),
        semi_best_of=str(options.round_best_of.get("semi_finals", "")),
        decider_best_of=str(options.round_best_of.get("decider", 3)),
        by_round=stage_options.typed_lengths(options),
        points=stage_options.typed_points(options),
        removed=options.removed,
        accelerated=options.accelerated,
        tie_breaks=options.tie_breaks or (),
    )


READ = {
    "single_elimination": ("final_best_of", "semi_best_of", "third_place", "by_round"),
    "double_elimination": ("final_best_of", "grand_final", "by_round"),
    "round_robin": ("groups", "legs", "points", "tie_breaks", "removed"),
    "swiss": ("rounds", "points", "tie_breaks", "accelerated", "by_round"),
    "swiss_limits": ("limits", "rules", "decider_best_of", "tie_breaks", "by_round"),
    "gsl": ("groups", "by_round"),
    "gauntlet": ("final_best_of", "by_round"),
    "ladder": ("rounds", "by_round"),
}
"""The fields that each format reads, besides its matches' length."""

CHOOSE = Message(N_("Choose one of the list."))


def _one_of(name: str, *allowed: str) -> Callable[[StageForm], Message | None]:
    return lambda form: None if getattr(form, name) in allowed else CHOOSE


def _number(name: str, least: int, most: int) -> Callable[[StageForm], Message | None]:
    def check(form: StageForm) -> Message | None:
        text = getattr(form, name)
        if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
            return None
        return Message(
            N_("Enter a number from {smallest} to {largest}."), smallest=least, largest=most
        )

    return check


def _best_of(form: StageForm) -> Message | None:
    if form.format in DRAWN:
        wrong = Message(N_("Choose best of 1, 2, 3 or 5."))
        return None if form.best_of in WITH_DRAWS else wrong
    return None if form.best_of in BEST_OF else Message(N_("Choose best of 1, 3 or 5."))


def _length_of(name: str, *also: str) -> Callable[[StageForm], Message | None]:
    wrong = Message(N_("Choose best of 1, 3 or 5."))
    return lambda form: None if getattr(form, name) in (*BEST_OF, *also) else wrong


def _rounds(form: StageForm) -> Message | None:
    return _number("rounds", 1, 20)(form) if form.rounds else None


CHECKS: dict[str, Callable[[StageForm], Message | None]] = {
    "format": _one_of("format", *READ),
    "best_of": _best_of,
    "final_best_of": _length_of("final_best_of"),
    "semi_best_of": _length_of("semi_best_of", ""),
    "decider_best_of": _length_of("decider_best_of"),
    "by_round": lambda form: stage_options.wrong_lengths(form.by_round, form.format),
    "points": lambda form: stage_options.wrong_points(form.points),
    "removed": _one_of("removed", "keep", "void"),
    "tie_breaks": lambda form: stage_options.wrong_tie_breaks(form.tie_breaks),
    "grand_final": _one_of("grand_final", "none", "single", "reset", "advantage"),
    "groups": _number("groups", 1, 64),
    "legs": _number("legs", 1, 4),
    "rounds": _rounds,
    "limits": _one_of("limits", *LIMITS),
    "rules": _one_of("rules", *RULES),
    "advance": _number("advance", 2, MOST_ADVANCE),
    "at_cut": _one_of("at_cut", "seed", "coin", "organiser", "decider"),
    "seeding": _one_of("seeding", "carried", "initial"),
    "joins": _number("joins", 0, MOST_ADVANCE),
}


def checked(forms: tuple[StageForm, ...]) -> tuple[Plan, dict[str, Message]]:
    """The plan, or what is wrong with it by field."""
    wrong: dict[str, Message] = {}
    for number, form in enumerate(forms, start=1):
        wrong |= form.wrong(last=number == len(forms))
    if wrong:
        return (), wrong
    return tuple(
        form.plan(last=number == len(forms)) for number, form in enumerate(forms, start=1)
    ), {}


def shares(plan: Plan, entrants: int) -> list[range]:
    """For each stage the initial seeds that begin in it: the last stage has the best."""
    taken, found = 0, []
    for stage in reversed(plan[1:]):
        found.append(range(taken + 1, taken + stage.joins + 1))
        taken += stage.joins
    found.append(range(taken + 1, entrants + 1))
    return found[::-1]

"""Whether so many clans can play a plan."""

import brackets
from app.kernel.errors import N_, Message
from tournaments.plans import Plan, StagePlan, shares


def misfit(plan: Plan, entrants: int) -> Message | None:
    """Why so many clans cannot play this plan, or None."""
    playing = len(shares(plan, entrants)[0])
    for number, stage in enumerate(plan):
        if number:
            playing = plan[number - 1].advance + stage.joins
        if reason := unplayable(stage, playing):
            return reason
        if stage.advance >= max(playing, 1):
            return Message(
                N_("{advance} cannot go on from a stage that {count} clans play."),
                advance=stage.advance,
                count=playing,
            )
    return None


def unplayable(stage: StagePlan, playing: int) -> Message | None:
    """Why so many clans cannot play this stage, or None."""
    groups = stage.options.groups
    if stage.format == "gsl" and playing != 4 * groups:
        return Message(
            N_("GSL groups are of four: {groups} groups need {needed} clans, not {count}."),
            groups=groups,
            needed=4 * groups,
            count=playing,
        )
    try:
        brackets.start(brackets.Spec(stage.format, playing, stage.options))
    except brackets.BadSpec:
        return Message(N_("{count} clans cannot play this format as it is set up."), count=playing)
    return None

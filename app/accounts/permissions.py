"""Who may do what: every rule of the house, and the one function that applies them.

Rooms that know a thing say what the viewer is to it (`Thing`); this file says
what that allows. Routes name their action as `opt=route("clan.edit")`: a route
that names none answers nobody. Commands ask again with the thing itself, read
under their lock. `docs/permissions.md` is this table for people.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from app.accounts.sessions import Viewer
from app.kernel.errors import N_, Forbidden, NotFound

LEADERS = ("owner", "captain")


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer is to a thing, as the room that keeps the thing has read it.

    `own`: it is theirs alone (their account, their place in a clan). `role`: theirs in
    the clan it belongs to. `side`: the one of a match (0 or 1) whose clan they lead.
    `organiser`: they organise the tournament it belongs to.
    """

    own: bool = False
    role: str | None = None
    side: int | None = None
    organiser: bool = False


NOTHING = Thing()
EVERYTHING = Thing(own=True, role="owner", side=0, organiser=True)


def own_account(viewer: Viewer | None, account: int) -> Thing:
    return Thing(own=viewer is not None and viewer.account == account)


class Who(Enum):
    """Kinds of visitors, in the words of `docs/permissions.md`."""

    ANYBODY = "anybody"
    SIGNED_IN = "who is signed in"
    ONESELF = "oneself"
    CAPTAIN = "captains and owner of the clan"
    OWNER = "owner of the clan"
    SIDE = "captains and owners of the match's clans"
    HOST = "organiser of the tournament"
    ORGANISER = "organisers of this site"
    OPERATOR = "operators of this site"
    MACHINE = "machines with the secret"


class Rule(msgspec.Struct, frozen=True):
    """`words` say why not. `hidden`: for everybody else the thing does not exist."""

    who: tuple[Who, ...]
    words: str = ""
    hidden: bool = False


_CAPTAINS = N_("Only the clan's captains may do this.")
_SIDES = N_("Only the captains of this match may do this.")
_HOST = N_("Only the organiser of this tournament may do this.")
_OPERATORS = N_("Only those who run this site may do this.")

RULES: Mapping[str, Rule] = {
    "site.see": Rule((Who.ANYBODY,)),
    "site.tell": Rule((Who.MACHINE,)),
    # One's own account
    "account.sign_up": Rule((Who.ANYBODY,)),
    "account.sign_in": Rule((Who.ANYBODY,)),
    "account.sign_out": Rule((Who.SIGNED_IN,)),
    "account.see": Rule((Who.SIGNED_IN,)),
    "account.edit": Rule((Who.SIGNED_IN,)),
    "account.link_steam": Rule(
        (Who.ONESELF,), N_("Another account began this. Please start again.")
    ),
    "desk.see": Rule((Who.SIGNED_IN,)),
    # Clans
    "clan.found": Rule((Who.SIGNED_IN,)),
    "clan.join": Rule((Who.SIGNED_IN,)),
    "clan.leave": Rule((Who.ONESELF,)),
    "clan.manage": Rule((Who.CAPTAIN,), _CAPTAINS),
    "clan.edit": Rule((Who.CAPTAIN,), _CAPTAINS),
    "clan.invite": Rule((Who.CAPTAIN,), _CAPTAINS),
    "clan.give_role": Rule((Who.CAPTAIN,), _CAPTAINS),
    "clan.hand_over": Rule((Who.OWNER,), N_("Only the owner can hand the clan over.")),
    "clan.remove_member": Rule((Who.CAPTAIN,), N_("Only the clan's captains can remove a player.")),
    "roster.save": Rule((Who.CAPTAIN,), _CAPTAINS),
    # Tournaments
    "tournament.create": Rule(
        (Who.ORGANISER,), N_("Only organisers may do this. Ask whoever runs this site.")
    ),
    "draft.see": Rule((Who.HOST,), hidden=True),
    "tournament.manage": Rule((Who.HOST,), _HOST),
    "tournament.edit": Rule((Who.HOST,), _HOST),
    "tournament.publish": Rule((Who.HOST,), _HOST),
    "tournament.close": Rule((Who.HOST,), _HOST),
    "tournament.seed": Rule((Who.HOST,), _HOST),
    "tournament.start": Rule((Who.HOST,), _HOST),
    "tournament.cancel": Rule((Who.HOST,), _HOST),
    "stage.start": Rule((Who.HOST,), _HOST),
    "stage.take_back": Rule((Who.HOST,), _HOST),
    # Clans in tournaments
    "entrant.register": Rule((Who.CAPTAIN,), N_("Only a clan's captains can register it.")),
    "entrant.withdraw": Rule(
        (Who.CAPTAIN, Who.HOST), N_("Only the clan's captains and the organiser can withdraw it.")
    ),
    "entrant.disqualify": Rule((Who.HOST,), N_("Only the organiser can disqualify a clan.")),
    "entrant.let_back": Rule((Who.HOST,), N_("Only the organiser can let a clan back in.")),
    "entrant.name_team": Rule((Who.HOST,), _HOST),
    "ladder.challenge": Rule(
        (Who.CAPTAIN, Who.HOST),
        N_("Only the clan's captains and the organiser can challenge for it."),
    ),
    # Matches
    "match.report": Rule((Who.SIDE,), _SIDES),
    "match.confirm": Rule((Who.SIDE,), _SIDES),
    "match.hand_in_game": Rule((Who.SIDE,), _SIDES),
    "match.rule": Rule((Who.HOST,), N_("Only the organiser can rule on a match.")),
    "notice.settle": Rule((Who.HOST,), _HOST),
    "notice.attach": Rule((Who.HOST,), _HOST),
    # Sources
    "server.test": Rule((Who.HOST,), _HOST),
    "server_link.see": Rule((Who.HOST,), _HOST),
    "server_link.make": Rule((Who.HOST,), _HOST),
    "server_link.renew": Rule((Who.HOST,), _HOST),
    "provider.see": Rule((Who.OPERATOR,), _OPERATORS),
    "provider.resume": Rule((Who.OPERATOR,), _OPERATORS),
    "outbox.retry": Rule((Who.OPERATOR,), _OPERATORS),
}


class NeedsSignIn(Exception):
    """Send the visitor to the sign-in page, and back afterwards."""


def may(viewer: Viewer | None, action: str, thing: Thing = NOTHING) -> bool:
    """Whether the viewer may do this to a thing that is `thing` to them."""
    who = RULES[action].who
    return Who.ANYBODY in who or (
        viewer is not None and any(_is(viewer, each, thing) for each in who)
    )


def _is(viewer: Viewer, who: Who, thing: Thing) -> bool:
    match who:
        case Who.ANYBODY | Who.SIGNED_IN:
            return True
        case Who.ONESELF:
            return thing.own
        case Who.CAPTAIN:
            return thing.role in LEADERS
        case Who.OWNER:
            return thing.role == "owner"
        case Who.SIDE:
            return thing.side is not None
        case Who.HOST:
            return viewer.is_organiser and thing.organiser
        case Who.ORGANISER:
            return viewer.is_organiser
        case Who.OPERATOR:
            return viewer.is_operator
        case Who.MACHINE:
            return False


def require(viewer: Viewer | None, action: str, thing: Thing = NOTHING) -> None:
    """Raise unless they may: `NeedsSignIn` for strangers, else the rule's own words."""
    if may(viewer, action, thing):
        return
    rule = RULES[action]
    if rule.hidden:
        raise NotFound
    if viewer is None:
        raise NeedsSignIn
    raise Forbidden(rule.words) if rule.words else Forbidden


# -- routes --------------------------------------------------------------------


def route(action: str, *, raw: bool = False, writes: str = "") -> dict[str, Any]:
    """A handler's `opt`. `raw`: it needs no visit (no session, no language, no form).

    `writes`: what it writes although it is a GET, for a reason said beside it.
    """
    raw = raw or Who.MACHINE in RULES[action].who
    return {"action": action, "raw": raw, "writes": writes}


def at_the_door(opt: Mapping[str, Any], viewer: Viewer | None) -> None:
    """Raise for whom the route can never be, whatever thing it is about."""
    if opt.get("action") is None:
        raise Forbidden
    require(viewer, opt["action"], EVERYTHING)


def at_the_raw_door(opt: Mapping[str, Any]) -> None:
    """Routes without a visit are for anybody, or check a machine's secret themselves."""
    action = opt.get("action")
    if action is None or not (Who.ANYBODY in RULES[action].who or is_for_machines(opt)):
        raise Forbidden


def is_for_machines(opt: Mapping[str, Any]) -> bool:
    action = opt.get("action")
    return action is not None and Who.MACHINE in RULES[action].who

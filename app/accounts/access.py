"""Who may call a route. Deny by default: a route without a rule answers nobody.

A rule is put on a handler as `opt=access.SIGNED_IN`. What depends on the
thing itself (captain of this clan, organiser of this tournament) is checked
by the command, which knows it.
"""

from typing import Any

from app.accounts.sessions import Viewer
from app.kernel.errors import N_, Forbidden

PUBLIC = {"access": "public"}
SIGNED_IN = {"access": "signed_in"}
ORGANISER = {"access": "organiser"}
OPERATOR = {"access": "operator"}
# Machines, not people: no session and no form. Each such route checks, before
# anything else, a secret that came with the call.
MACHINE = {"access": "machine", "raw": True}


class NeedsSignIn(Exception):
    """Send the visitor to the sign-in page, and back afterwards."""


def check(opt: dict[str, Any], viewer: Viewer | None) -> None:
    """Raise unless the rule lets the viewer in."""
    match opt.get("access"):
        case "public":
            return
        case "signed_in" | "organiser" | "operator" if viewer is None:
            raise NeedsSignIn
        case "signed_in":
            return
        case "organiser" if viewer and viewer.is_organiser:
            return
        case "organiser":
            raise Forbidden(N_("Only organisers may do this. Ask whoever runs this site."))
        case "operator" if viewer and viewer.is_operator:
            return
        case "operator":
            raise Forbidden(N_("Only those who run this site may do this."))
        case _:
            raise Forbidden

"""The two kinds of error: what the user can mend, and everything else.

A `UserError` carries a message key (an English sentence with named braces)
and its parameters; pages translate it and show it beside the field. Anything
else that is raised is a defect: logged with the request id, shown as a 500.
"""

from collections.abc import Mapping
from typing import Any


def N_(message: str) -> str:  # noqa: N802  gettext's own name for "translate later"
    """Mark a message for the catalogues without translating it here."""
    return message


class Message:
    """A sentence to be translated when somebody reads it."""

    __slots__ = ("params", "text")
    # Nothing is wrong with what was typed; it is not the time for it.
    waits = False

    def __init__(self, text: str, **params: Any) -> None:
        self.text = text
        self.params = params

    def __repr__(self) -> str:
        return f"Message({self.text.format_map(self.params)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Later(Message):
    """A sentence about something that is right, and can be done later."""

    __slots__ = ()
    waits = True


class UserError(Exception):
    """The request cannot be done, for a reason its sender can understand."""

    status = 422

    def __init__(self, text: str, **params: Any) -> None:
        self.message = Message(text, **params)
        super().__init__(repr(self.message))


class Invalid(UserError):
    """One or more fields are wrong: field name to message, in form order."""

    def __init__(self, fields: Mapping[str, Message]) -> None:
        super().__init__(N_("Please check the marked fields."))
        self.fields = dict(fields)


class TooOften(Invalid):
    """It is right, and once too often: said beside the form, with what was typed."""

    status = 429

    def __init__(self, fields: Mapping[str, Message]) -> None:
        super().__init__({name: Later(each.text, **each.params) for name, each in fields.items()})


class NotFound(UserError):
    status = 404

    def __init__(self, text: str = N_("There is nothing at this address."), **params: Any) -> None:
        super().__init__(text, **params)


class Forbidden(UserError):
    status = 403

    def __init__(self, text: str = N_("Your account may not do this."), **params: Any) -> None:
        super().__init__(text, **params)


class Conflict(UserError):
    """The thing has changed since the form was shown."""

    status = 409


class TooMany(UserError):
    status = 429

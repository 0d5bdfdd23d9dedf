"""Who gets what answer from which form and page: real ids, of rows of every state."""

from dataclasses import dataclass, field
from string import Formatter

from tests.security.world import WHO

SIGNED_IN = " ".join(WHO[1:])
EVERYBODY = " ".join(WHO)
CAPTAINS = "captain owner"
HOST = "organiser"


@dataclass(frozen=True)
class Case:
    """One address and form. `let_in` says who gets past the rules, and what they get;
    everybody else is refused with `refused`, and strangers are sent to the sign-in page
    (of a `public` page they are refused like others).

    `quiet` are those for whom a success writes nothing; without `traced` the history has
    no line of it.
    """

    route: str
    let_in: dict[str, int]
    given: dict[str, object] = field(default_factory=dict)
    refused: int = 403
    quiet: str = ""
    public: bool = False
    traced: bool = True

    @property
    def _in_path(self) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(self.route) if name}

    @property
    def path(self) -> str:
        return self.route.format(**{name: self.given[name] for name in self._in_path})

    @property
    def fields(self) -> dict[str, object]:
        return {name: value for name, value in self.given.items() if name not in self._in_path}

    @property
    def allowed(self) -> dict[str, int]:
        return {who: code for some, code in self.let_in.items() for who in some.split()}

    def expected(self, who: str) -> str:
        if who in self.allowed:
            return str(self.allowed[who])
        return "sign in" if who == "stranger" and not self.public else str(self.refused)

    def writes(self, who: str) -> bool:
        """Whether it changes anything when this visitor sends it."""
        return self.allowed.get(who, 403) < 400 and who not in self.quiet.split()

    def __str__(self) -> str:
        return f"{self.path} {self.fields or ''}".strip()


def case(
    route: str,
    let_in: dict[str, int],
    *,
    refused: int = 403,
    quiet: str = "",
    public: bool = False,
    traced: bool = True,
    **given: object,
) -> Case:
    return Case(route, let_in, given, refused, quiet, public, traced)

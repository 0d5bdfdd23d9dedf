"""Just enough of a browser's tree to put a push into a page and compare."""

import re
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta", "use"}
# What a reader has chosen stays when an element is morphed.
THE_READERS = ("aria-current", "data-current", "open")


class Element:
    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inside: list[Element | str] = []

    @property
    def id(self) -> str | None:
        return self.attributes.get("id")

    def walk(self):
        yield self
        for each in self.inside:
            if isinstance(each, Element):
                yield from each.walk()

    def find(self, id_: str) -> "Element | None":
        return next((each for each in self.walk() if each.id == id_), None)

    def become(self, other: "Element") -> None:
        """As `outerMorph` does, but for what only eyes would notice."""
        assert self.tag == other.tag
        kept = {name: self.attributes[name] for name in THE_READERS if name in self.attributes}
        self.attributes = {**other.attributes, **kept}
        self.inside = other.inside

    def shows(self) -> tuple:
        """All of it, comparable; white space and what is the reader's own left out."""
        attributes = {
            name: value for name, value in self.attributes.items() if name not in THE_READERS
        }
        inside = [each.shows() if isinstance(each, Element) else each for each in self.inside]
        return self.tag, sorted(attributes.items(), key=str), inside


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("root", {})
        self._open = [self.root]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, dict(attrs))
        self._open[-1].inside.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if text := " ".join(data.split()):
            self._open[-1].inside.append(text)


def differences(one: Element, other: Element, path: str = "") -> list[str]:
    """Where two trees show something else, for the eyes of who reads a failed test."""
    here = f"{path}/{one.tag}{'#' + one.id if one.id else ''}"
    if one.shows() == other.shows():
        return []
    if len(one.inside) == len(other.inside) and one.shows()[:2] == other.shows()[:2]:
        return [
            line
            for mine, theirs in zip(one.inside, other.inside, strict=True)
            for line in (
                differences(mine, theirs, here)
                if isinstance(mine, Element) and isinstance(theirs, Element)
                else [f"{here}: {mine!r} is not {theirs!r}"] * (mine != theirs)
            )
        ]
    return [f"{here}: {one.shows()} is not {other.shows()}"]


def parse(html: str) -> Element:
    """The tree of well-formed markup."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert len(parser._open) == 1, f"<{parser._open[-1].tag}> is not closed"
    return parser.root


def push(page: Element, html: str) -> None:
    """Morph every piece that a push holds into the page, where it has a place."""
    for piece in [each for each in parse(html).walk() if "hx-swap-oob" in each.attributes]:
        del piece.attributes["hx-swap-oob"]
        place = page.find(piece.id or "")
        if place is not None:
            place.become(piece)


def messages(stream: str) -> list[str]:
    """The markup of each unnamed message of an event stream."""
    return re.findall(r"^data: (.+)$", stream, re.MULTILINE)

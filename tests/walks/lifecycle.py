"""The table of docs/lifecycle.md: read from the document, and made anew by trying it all."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from tests.walks.inside import Inside
from tests.walks.states import BEGINS, ENTRANTS, MATCHES, Scene
from tests.walks.verbs import OF_ENTRANT, OF_MATCH, OF_TOURNAMENT
from tests.walks.words import reasons
from tests.walks.worlds import Cast
from tournaments.checking import differences

DOCUMENT = Path(__file__).parents[2] / "docs" / "lifecycle.md"
YES, NEVER = "yes", "–"

# The phases that show a state of the whole tournament, in the order of its life.
TOURNAMENT = {
    "draft": "draft",
    "open": "open",
    "closed": "closed",
    "running": "half",
    "between": "between",
    "second": "second",
    "finished": "finished",
    "cancelled": "half",
}
CUP_CANCELLED = "cancelled"
Files = dict[str, Path]
Tried = tuple[str, str, str, str]


def said(status: int, page: str) -> str:
    """`yes`, the words of a refusal, or nothing where there was nothing to try it on."""
    if not status:
        return NEVER
    if status < 400:
        return YES
    assert status < 500, page
    return " ".join(dict.fromkeys(reasons(page)))


async def tried(site: Inside, files: Files, cast: Cast) -> AsyncIterator[Tried]:
    """Everything on everything, in one world: the kind of thing, verb, state, answer."""
    async for each in _of_tournament(site, files, cast):
        yield each
    async for each in _of_parts(site, files, cast, "match", MATCHES, OF_MATCH):
        yield each
    async for each in _of_parts(site, files, cast, "entrant", ENTRANTS, OF_ENTRANT):
        yield each


async def _of_tournament(site: Inside, files: Files, cast: Cast) -> AsyncIterator[Tried]:
    for state, phase in TOURNAMENT.items():
        if phase not in files:
            continue
        fresh = False
        for verb, does in OF_TOURNAMENT.items():
            if not fresh:
                await site.begin_from(files[phase])
                scene = Scene(site, cast, phase)
                if state == CUP_CANCELLED:
                    await scene.must("organiser", f"/tournaments/{cast.slugs[0]}/cancel")
            answer = said(*await does(scene, await scene.cup()))
            # What was refused has changed nothing.
            fresh = answer != YES
            yield "tournament", verb, state, answer
            if not fresh:
                assert await differences() == []


async def _of_parts(
    site: Inside,
    files: Files,
    cast: Cast,
    kind: str,
    states: dict[str, Any],
    verbs: dict[str, Any],
) -> AsyncIterator[Tried]:
    for state, make in states.items():
        fresh, thing = False, None
        phase = BEGINS.get(state, "begun")
        if phase not in files:
            continue
        for verb, does in verbs.items():
            if not fresh:
                await site.begin_from(files[phase])
                scene = Scene(site, cast, phase)
                thing = await make(scene)
            if thing is None:
                break
            answer = said(*await does(scene, thing))
            fresh = answer != YES
            yield kind, verb, state, answer
            if not fresh:
                assert await differences() == []


def written() -> dict[tuple[str, str, str], dict[str, str]]:
    """What the document says by kind of thing, verb and state: by plan, "" for all others."""
    text = DOCUMENT.read_text()
    words = {YES: YES, NEVER: NEVER}
    words |= dict(re.findall(r"^- \*\*(\w+)\*\* (.+)$", text, re.MULTILINE))
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    kind, states = "", list[str]()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if heading := re.match(r"## Of an? (tournament|match|entrant)", line):
            kind, states = heading[1], []
        elif line.startswith("|") and not states:
            states = cells[1:]
        elif line.startswith("|") and not set(line) <= set("|-: "):
            for state, cell in zip(states, cells[1:], strict=True):
                found[kind, cells[0], state] = dict(_answers(cell, words))
    return found


def _answers(cell: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """`a (ladder, gsl); b`: what stands without plans is for all the others."""
    for each in cell.split("; "):
        answer, _, plans = each.partition(" (")
        for plan in plans.rstrip(")").split(", "):
            yield plan, words[answer]

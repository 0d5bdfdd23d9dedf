"""A walk: somebody does something, again and again, all by the chance of one seed."""

import asyncio
from random import Random
from typing import Any

import httpx

from app.accounts.tables import Account
from tests.walks.doings import ODD, Doing, Doings
from tests.walks.inside import Inside
from tests.walks.words import reasons, says_why
from tests.walks.worlds import Cast

LANGUAGES = ("kk", "ru", "en")
FALLS = 'name="seen" value="'


class Walk:
    """`trace` is what was done and answered, for whoever must look into it."""

    def __init__(self, site: Inside, cast: Cast, seed: int) -> None:
        self._site = site
        self._cast = cast
        self._chance = Random(seed)
        self._language = self._chance.choice(LANGUAGES)
        self._doings = Doings(cast, self._chance)
        self.trace: list[str] = []

    async def go(self, steps: int) -> None:
        await Account.update({Account.language: self._language}, force=True)
        for _ in range(steps):
            doing = await self._doings.any()
            self._spoil(doing)
            clicks = 2 if self._chance.random() < 0.12 else 1
            if self._chance.random() < 0.5:
                async with asyncio.TaskGroup() as together:
                    for _ in range(clicks):
                        together.create_task(self._do(doing))
            else:
                for _ in range(clicks):
                    await self._do(doing)

    def _spoil(self, doing: Doing) -> None:
        """Sometimes it is somebody else, or no sensible thing to say."""
        if self._chance.random() < 0.12:
            doing.who = self._chance.choice([*self._cast.sessions, ""])
        if doing.fields and self._chance.random() < 0.12:
            doing.fields[self._chance.choice(list(doing.fields))] = self._chance.choice(ODD)

    async def _do(self, doing: Doing) -> None:
        visitor = self._site.visitor(self._cast.sessions.get(doing.who), self._language)
        if doing.fields is None:
            self._judge(doing, await visitor.get(doing.path))
            return
        fields: dict[str, Any] = doing.fields
        if doing.path.endswith("/back"):
            # Its form says what will fall.
            page = await visitor.get(doing.path.removesuffix("back") + "leave")
            fields = {"seen": _seen(page) or fields["seen"]}
        answer = await visitor.post(doing.path, fields)
        self._judge(doing, answer)
        if answer.status_code == 422 and _seen(answer):
            self._judge(doing, await visitor.post(doing.path, {**fields, "seen": _seen(answer)}))

    def _judge(self, doing: Doing, answer: httpx.Response) -> None:
        status = answer.status_code
        why = reasons(answer.text) if status >= 400 else []
        said = f"{doing.who or 'stranger'} {doing.path} {str(doing.fields)[:200]} → {status} {why}"
        self.trace.append(said)
        assert status < 500
        if status >= 400 and not (status == 422 and _seen(answer)):
            assert says_why(answer.text, self._language), said


def _seen(answer: httpx.Response) -> str:
    """What a page says will fall, for its form to agree to."""
    return answer.text.split(FALLS)[1].split('"')[0] if FALLS in answer.text else ""

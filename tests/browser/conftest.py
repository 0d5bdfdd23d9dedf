"""A real Chromium, driven by Playwright; every page must be silent and stay at home."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests import servers

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = servers.chromium()
    if path is None:
        servers.skip_or_fail("Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


class Somebody:
    """A person at a browser. `complaints` collects errors and foreign requests."""

    def __init__(self, context: BrowserContext, page: Page, base_url: str) -> None:
        self.context = context
        self.page = page
        self.base_url = base_url
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._listen)
        page.on("request", self._watch)

    def _listen(self, message: Any) -> None:
        # A 4xx page is an answer, not a fault; the tests look at those themselves.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Any) -> None:
        self.requests.append(request.url)
        if urlsplit(request.url).netloc != urlsplit(self.base_url).netloc:
            self.complaints.append(f"foreign request: {request.url}")

    async def go(self, path: str) -> int:
        """Open a page; its status."""
        answer = await self.page.goto(self.base_url + path)
        return answer.status if answer else 0

    async def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            await self.page.fill(f"#{name}", value)

    async def press(self, text: str) -> None:
        """Press the button or link with exactly this text."""
        button = self.page.get_by_role("button", name=text, exact=True)
        link = self.page.get_by_role("link", name=text, exact=True)
        await button.or_(link).first.click()
        await self.page.wait_for_load_state()

    async def text(self) -> str:
        return await self.page.inner_text("body")

    async def sign_up(self, nickname: str, language: str = "en", path: str = "/sign-up") -> None:
        await self.go(path)
        await self.fill(
            nickname=nickname,
            email=f"{nickname}@example.com",
            password="seven wild horses",
        )
        await self.page.select_option("#language", language)
        await self.page.click("form.form button")
        await self.page.wait_for_load_state()


@pytest.fixture
def somebody(chromium: Browser) -> Callable[..., Any]:
    """`async with somebody(site, ...) as person`: a browser context of its own."""

    @asynccontextmanager
    async def enter(
        base_url: str, *, language: str = "en", **options: Any
    ) -> AsyncIterator[Somebody]:
        context = await chromium.new_context(locale=language, **options)
        page = await context.new_page()
        person = Somebody(context, page, base_url)
        yield person
        assert person.complaints == []
        await context.close()

    return enter

"""Rendering: one Jinja environment for each language, so macros speak it too."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context
from jinja2_fragments import render_block

from app.kernel.http.assets import Assets
from app.kernel.text import i18n

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
BUILT = ROOT / "app" / "static" / "built"


@cache
def assets() -> Assets:
    return Assets(BUILT)


_offered: dict[str, Any] = {}


def offer(**names: Any) -> None:
    """What other rooms add to every template; before the first page is rendered."""
    _offered.update(names)


@cache
def environment(locale: str) -> Environment:
    """The environment whose `_`, dates and numbers are of that language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    language = i18n.language(locale)
    made.globals |= {
        "_": language.gettext,
        "ngettext": language.ngettext,
        "translate": language.message,
        "locale": locale,
        "languages": i18n.NAMES,
        "asset": assets().url,
        **_offered,
    }
    made.filters |= {
        "date": language.date,
        "clock": language.clock,
        "moment": language.moment,
        "short": language.short,
        "number": language.number,
    }
    return made


def render(locale: str, template: str, **context: Any) -> str:
    """A whole page."""
    return environment(locale).get_template(template).render(**context)


def render_around(locale: str, template: str, blocks: Mapping[str, str], **context: Any) -> str:
    """A whole page around blocks of it that have been rendered already."""
    page = environment(locale).get_template(template)
    into = page.new_context(context)
    for name, markup in blocks.items():
        into.blocks[name] = [_as_it_is(markup)]
    try:
        return "".join(page.root_render_func(into))
    except Exception:
        page.environment.handle_exception()


def _as_it_is(markup: str) -> Callable[[Context], Iterator[str]]:
    return lambda _: iter((markup,))


def render_fragment(locale: str, template: str, block: str, **context: Any) -> str:
    """One block of a page: the same markup for the page and the live push."""
    return str(render_block(environment(locale), template, block, **context))

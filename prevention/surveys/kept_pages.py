"""Pages of the anonymous side that are the same for everybody: built once per process, kept for a minute.

Nothing of one person may ever be in a kept page: what differs between two people is put in afterwards, or the page is
not kept. A minute is also how long a help number that the office changes takes to appear.
"""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from flask import current_app

from prevention.core.facts import is_demo
from prevention.core.i18n import DEFAULT_LANGUAGE, current_language

REMEMBERED_S = 60.0

Page = TypeVar("Page")


def kept(name: Hashable, build: Callable[[], Page]) -> Page:
    """Give the page of this name in the language in force, building it when it is not there or too old."""
    pages = _pages()
    key = (name, current_language(), is_demo())
    built_at, page = pages.get(key, (0.0, None))
    if not built_at or time.monotonic() - built_at > REMEMBERED_S:
        page = build()
        pages[key] = (time.monotonic(), page)
    return cast(Page, page)


def kept_before(name: Hashable, language: str, kind: type[Page]) -> Page | None:
    """Give a page that was built less than a minute ago, in a language, or None; builds nothing."""
    built_at, page = _pages().get((name, language or DEFAULT_LANGUAGE, is_demo()), (0.0, None))
    return page if isinstance(page, kind) and time.monotonic() - built_at <= REMEMBERED_S else None


def _pages() -> dict[Hashable, tuple[float, object]]:
    pages: dict[Hashable, tuple[float, object]] = current_app.extensions.setdefault("kept_pages", {})
    return pages

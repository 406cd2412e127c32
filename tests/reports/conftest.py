"""Fixtures of the reports' tests: words in the reader's language without a request."""

from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing import get_context

import pytest
from flask import Flask
from flask_babel import force_locale

from prevention.core.db import db
from prevention.reports import building, papers
from prevention.reports.figures import YearFigures


def paper_of(language: str) -> papers.Paper:
    """Name the yearly report in a language."""
    return papers.Paper(kind=papers.Kind.IMPACT, language=language)


@pytest.fixture
def english(words_app: Flask) -> Iterator[None]:
    """Speak English, so that tests read like the code."""
    with force_locale("en"):
        yield


@pytest.fixture(scope="session")
def _words_app(_sqlite_app: Flask) -> Flask:
    return _sqlite_app


@pytest.fixture
def words_app(_words_app: Flask) -> Iterator[Flask]:
    """An application for templates and words alone; nothing here reads the database."""
    with _words_app.app_context():
        yield _words_app
        db.session.remove()


@pytest.fixture(scope="session")
def paper(_words_app: Flask) -> Callable[[YearFigures, str], bytes]:
    """Make a report as PDF in a language; the same one is made once for all tests."""

    @cache
    def made(canonical: bytes, language: str) -> bytes:
        figures = known[canonical]
        with _words_app.app_context():
            return papers.document(figures, papers.page(figures, paper_of(language)))

    known: dict[bytes, YearFigures] = {}

    def make(figures: YearFigures, language: str) -> bytes:
        known[figures.canonical()] = figures
        return made(figures.canonical(), language)

    return make


@pytest.fixture
def quick_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the processes that make papers off one that has loaded what they need, instead of loading it in each.

    Some five seconds of computing for each process. That papers come out alike from processes that were started as in
    life is seen to in `test_same_bytes.py`, `test_killed.py` and by the papers made side by side.
    """
    forking = get_context("forkserver")
    forking.set_forkserver_preload(["prevention", "prevention.reports.building", "weasyprint"])
    monkeypatch.setattr(building, "get_context", lambda _method: forking)
    monkeypatch.setattr(building, "MOST_PROCESSES", 1)

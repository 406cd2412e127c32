"""The web page of a report shows charts and draws none: they are drawn before, and kept with the edition."""

from collections.abc import Callable

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.reports import charts, drawings, edition_drawings, tasks
from prevention.reports.models import ReportEdition
from tests.factories.reports import make_report_edition
from tests.support.http import Client

SignIn = Callable[[User], Client]


def draws() -> int:
    """Count the pictures drawn by this process so far."""
    return charts._svg.cache_info().misses


@pytest.fixture
def edition(app: Flask) -> ReportEdition:
    charts._svg.cache_clear()
    return make_report_edition()


def test_a_page_draws_nothing_before_and_after_the_charts_are_kept(
    edition: ReportEdition, anna: User, sign_in: SignIn
) -> None:
    client, address = sign_in(anna), f"/reports/editions/{edition.id}/preview"

    before = client.page(address)

    waiting = before.select_one("article").text.count("still being drawn")
    assert (0, True) == (draws(), waiting > 0)
    db.session.commit()
    assert tasks.draw_next_edition() is True
    drawn = draws()
    after = client.page(address)
    assert drawn == draws() > 0
    assert waiting == len(after.select("article svg")) - len(before.select("article svg"))
    assert "still being drawn" not in after.select_one("article").text
    assert tasks.draw_next_edition() is False


def test_what_is_kept_is_not_drawn_again_and_what_changed_is(
    edition: ReportEdition, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.commit()
    assert tasks.draw_next_edition()
    kept = edition.drawings
    assert kept
    charts._svg.cache_clear()
    # A process that begins anew, first with the same software, then with one that draws otherwise.
    monkeypatch.setattr(edition_drawings, "_checked", set())
    assert tasks.draw_next_edition()
    assert 0 == draws()

    monkeypatch.setattr(edition_drawings, "_checked", set())
    monkeypatch.setattr(charts, "INK", "#000000")
    assert tasks.draw_next_edition()

    db.session.refresh(edition, ["drawings"])
    assert draws() == len(edition.drawings or {}) == len(kept)
    assert not set(kept) & set(edition.drawings or {})


def test_figures_taken_anew_are_drawn_anew(edition: ReportEdition) -> None:
    edition_drawings._keep(edition.id, edition.collected_at.replace(year=2020), {"a": "<svg/>"})

    db.session.refresh(edition, ["drawings"])
    assert edition.drawings is None


def test_without_a_page_a_chart_is_drawn_at_once() -> None:
    assert "drawn" == drawings.drawn("{}", lambda _specification: "drawn")
    with drawings.kept(None):
        assert drawings.drawn("{}", lambda _specification: "drawn") is None

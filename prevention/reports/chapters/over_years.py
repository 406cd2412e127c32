"""The survey over the years: each indicator in every wave, broken where it was asked in other words.

What is comparable, and what counts as a change, is decided by `indicators.trends`; a change for the worse is named by
the very rule of one for the better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.web import number
from prevention.indicators.catalogue import Better
from prevention.indicators.change_words import change_words, verdict_words
from prevention.indicators.effects import Verdict
from prevention.indicators.history import History
from prevention.indicators.published import Dimension, Measure, Movement, PublishedTable
from prevention.indicators.service import SealedManifest
from prevention.indicators.trends import Point, Series, series_of
from prevention.reports.chapters.trend_chart import TrendMark, trend_chart
from prevention.reports.figures import YearFigures
from prevention.reports.printed import Figure
from prevention.reports.results import cell_view, estimate_of, indicator_name
from prevention.schools.rules import school_year_label

# So many names of what got better fit a sentence; the tables have all. What got worse is always named in full.
MOST_NAMES = 6

# Drawn, in this order, where there is more than one number to look at; the table has all.
DRAWN = ("I02", "I05", "I11", "I12", "I17", "I26", "I29", "I36b", "I38", "I40", "I41", "I33")


@dataclass(frozen=True, kw_only=True, slots=True)
class YearCell:
    """A figure in one wave; `is_break` says that it may not be set beside the one before it."""

    words: Figure
    is_shown: bool
    is_break: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesRow:
    """One indicator over the years, and what to say of its last change; `is_quiet` when that is nothing."""

    name: str
    cells: tuple[YearCell, ...]
    change: str
    verdict: str
    is_worse: bool
    is_quiet: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRows:
    """The indicators under one heading."""

    title: str
    rows: tuple[SeriesRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnSeries:
    """One drawing with its caption."""

    svg: Markup
    caption: str


@dataclass(frozen=True, kw_only=True, slots=True)
class YearsView:
    """One survey over the years, the oldest first.

    `years` are empty where it was held for the first time. `left_out` names years with two surveys of its
    questionnaire. `is_short`: only two waves, which stand side by side in the chapter of results already, so that
    indicators without anything to say of their change are left out here. `worse` and `better` name indicators whose
    change since the survey before lies beyond chance. `has_changes` is false where none can be compared with it.
    """

    survey: str
    years: tuple[str, ...]
    groups: tuple[GroupRows, ...]
    charts: tuple[DrawnSeries, ...]
    worse: tuple[str, ...]
    better: tuple[str, ...]
    has_breaks: bool
    left_out: tuple[str, ...]
    is_short: bool
    has_changes: bool


def over_years(figures: YearFigures) -> tuple[YearsView, ...]:
    """Arrange each survey of the year over the years."""
    chapters = figures.chapters
    if chapters is None:
        return ()
    wishes = {one.indicator_id: one.better for one in chapters.wishes}
    histories = {one.wave_id: one for one in chapters.histories}
    return tuple(_view(figures, survey, histories.get(survey.wave_id), wishes) for survey in figures.surveys)


def _view(
    figures: YearFigures, survey: SealedManifest, history: History | None, wishes: Mapping[str, Better]
) -> YearsView:
    earlier = history.tables if history is not None else ()
    own = [one for one in figures.tables if one.wave_id == survey.wave_id and one.dimension is Dimension.ALL]
    years = sorted({one.school_year for one in (*earlier, *own)})
    series = [
        (
            table,
            series_of(
                [*(one for one in earlier if one.indicator_id == table.indicator_id), table],
                "all",
                better=wishes.get(table.indicator_id),
            ),
        )
        for table in own
    ]
    return YearsView(
        survey=survey.wave_name,
        years=tuple(school_year_label(year) for year in years) if len(years) > 1 else (),
        groups=tuple(_groups(figures, series, years)),
        charts=tuple(_charts(series)),
        worse=tuple(_moved(series, Verdict.WORSE)),
        better=_some(tuple(_moved(series, Verdict.BETTER))),
        has_breaks=any(one.is_broken for _table, one in series),
        is_short=len(years) == 2,
        has_changes=any(one.points[-1].change is not None for _table, one in series),
        left_out=tuple(school_year_label(year) for year in (history.left_out if history is not None else ())),
    )


def _groups(
    figures: YearFigures, series: Sequence[tuple[PublishedTable, Series]], years: Sequence[int]
) -> Iterable[GroupRows]:
    if len(years) < 2:
        return
    titles = {one.key: one.name.text() for one in figures.groups}
    titles |= {table.group: _("Other indicators") for table, _one in series if table.group not in titles}
    for key, title in titles.items():
        rows = tuple(_row(table, one, years) for table, one in series if table.group == key)
        if len(years) == 2:
            rows = tuple(row for row in rows if not row.is_quiet)
        if rows:
            yield GroupRows(title=title, rows=rows)


def _row(table: PublishedTable, series: Series, years: Sequence[int]) -> SeriesRow:
    points = {point.school_year: point for point in series.points}
    change, verdict, is_worse = _last_change(table, series)
    return SeriesRow(
        name=indicator_name(table),
        cells=tuple(_cell(points.get(year)) for year in years),
        change=change,
        verdict=verdict,
        is_worse=is_worse,
        is_quiet=_is_quiet(series),
    )


def _is_quiet(series: Series) -> bool:
    """Say that the last change is told from chance in no way, and no harm is left open."""
    last = series.points[-1]
    if last.is_break:
        return False
    change = last.change
    return change is None or (
        change.movement is Movement.UNCLEAR
        and not change.is_possible
        and change.verdict not in (Verdict.WORSE, Verdict.MAYBE_WORSE)
    )


def _cell(point: Point | None) -> YearCell:
    if point is None or point.cell is None:
        return YearCell(words=Figure(_("not asked"), name="", is_known=False), is_shown=False, is_break=False)
    view = cell_view(point.table, point.cell)
    return YearCell(words=view.words, is_shown=view.is_shown, is_break=point.is_break)


def _last_change(table: PublishedTable, series: Series) -> tuple[str, str, bool]:
    last = series.points[-1]
    if len(series.points) == 1:
        return _("not asked before"), "", False
    if last.is_break:
        return _("asked in other words before"), "", False
    if last.change is None:
        return _("cannot be compared"), "", False
    verdict = last.change.verdict
    return change_words(last.change, table.measure), verdict_words(verdict) or "", verdict is Verdict.WORSE


def _moved(series: Sequence[tuple[PublishedTable, Series]], verdict: Verdict) -> Iterable[str]:
    for table, one in series:
        change = one.points[-1].change
        if change is not None and change.verdict is verdict:
            yield indicator_name(table)


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    more = len(names) - MOST_NAMES
    if more < 2:  # one name is no longer than the words for it
        return names
    return (*names[:MOST_NAMES], _("and %(count)s more", count=number(more)))


def _charts(series: Sequence[tuple[PublishedTable, Series]]) -> Iterable[DrawnSeries]:
    by_id = {table.indicator_id: (table, one) for table, one in series}
    for indicator_id in DRAWN:
        if indicator_id not in by_id:
            continue
        table, one = by_id[indicator_id]
        if table.measure is Measure.PERCENT and one.has_numbers:
            yield DrawnSeries(svg=_chart(table, one), caption=table.name.text())


def _chart(table: PublishedTable, series: Series) -> Markup:
    marks = [
        TrendMark(
            label=school_year_label(point.school_year),
            estimate=None if point.cell is None else estimate_of(point.table, point.cell),
            is_break=point.is_break,
        )
        for point in series.points
    ]
    spoken = "; ".join(f"{school_year_label(point.school_year)}: {_cell(point).words}" for point in series.points)
    name = table.name.text()
    return trend_chart(marks, sentence=_("%(name)s over the years. %(figures)s.", name=name, figures=spoken))

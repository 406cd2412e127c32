"""How a figure over the years reads on the page: rows of words, and places of a drawing. No query, no request.

The drawing is as wide as it may be: across, places are hundredths of its width; down, they are pixels.
"""

from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.indicators.axis import Axis, Bar, axis_of, bar_of
from prevention.indicators.catalogue import Better
from prevention.indicators.change_words import change_words, verdict_words
from prevention.indicators.effects import Verdict
from prevention.indicators.explore import figure_words, written
from prevention.indicators.history import History
from prevention.indicators.published import Dimension, PublishedCell
from prevention.indicators.table_words import reason_words
from prevention.indicators.trends import Change, Point, Series, change, series_of
from prevention.schools.rules import school_year_label

TOP, BOTTOM = 12, 148


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One wave in the drawing: `x` in hundredths of the width, the rest in pixels from the top; None when hidden.

    `from_x`, `from_y` are those of the mark it is joined with by a line; None after a break or a gap.
    """

    label: str
    x: float
    y: float | None
    low: float | None
    high: float | None
    is_break: bool
    from_x: float | None
    from_y: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class YearRow:
    """One wave in the table."""

    year: str
    words: str
    why: str | None
    answers: int | None
    classes: int
    schools: int
    bar: Bar | None
    change: str | None
    verdict: str | None
    is_worse: bool
    is_break: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesView:
    """A figure over the years.

    `ends` are those of the axis; `overall` the change over all of them, `sentence` the drawing in words.
    """

    rows: tuple[YearRow, ...]
    marks: tuple[Mark, ...]
    axis: Axis
    grid: tuple[float, ...]
    ends: tuple[str, str]
    overall: str | None
    overall_verdict: str | None
    is_broken: bool
    left_out: tuple[str, ...]
    sentence: str


def series_view(
    history: History, dimension: Dimension, domain: str, *, name: str, better: Better | None
) -> SeriesView | None:
    """Arrange a group's figure over the years; None when there are fewer than two waves."""
    tables = history.along(dimension)
    if len(tables) < 2:
        return None
    series = series_of(tables, domain, better=better)
    about = tables[-1]
    same = [table for table in tables if (table.measure, table.scale) == (about.measure, about.scale)]
    axis = axis_of(same, measure=about.measure, scale=about.scale)
    rows = tuple(_row(point, axis) for point in series.points)
    spoken = "; ".join(f"{row.year}: {row.words}" for row in rows)
    return SeriesView(
        rows=rows,
        marks=_marks(series, axis),
        axis=axis,
        grid=tuple(_down(axis, axis.low + quarter * (axis.high - axis.low)) for quarter in (0.0, 0.25, 0.5, 0.75, 1.0)),
        ends=(written(about.measure, axis.low), written(about.measure, axis.high)),
        overall=None if series.overall is None else change_words(series.overall, about.measure),
        overall_verdict=None if series.overall is None else verdict_words(series.overall.verdict),
        is_broken=series.is_broken,
        left_out=tuple(school_year_label(year) for year in history.left_out),
        sentence=_("%(name)s over the years. %(figures)s.", name=name, figures=spoken),
    )


def against_all(history: History, dimension: Dimension, domain: str, *, better: Better | None) -> str | None:
    """Say how a group stands to all pupils of the same survey; None where one of the two is no number."""
    whole = _cell(history, Dimension.ALL, "all")
    group = _cell(history, dimension, domain)
    if dimension is Dimension.ALL or not history.now:
        return None
    found = change(whole, group, measure=history.now[0].measure, better=better)
    return None if found is None else change_words(found, history.now[0].measure)


def _cell(history: History, dimension: Dimension, domain: str) -> PublishedCell | None:
    return next((table.cell(domain) for table in history.now if table.dimension is dimension), None)


def _row(point: Point, axis: Axis) -> YearRow:
    table, cell = point.table, point.cell
    return YearRow(
        year=school_year_label(table.school_year),
        words=_("no such group") if cell is None else figure_words(table.measure, cell),
        why=reason_words(cell.reason) if cell is not None and cell.reason else None,
        answers=None if cell is None else cell.n_valid,
        classes=table.classes,
        schools=table.schools,
        bar=None if cell is None else bar_of(cell, axis, measure=table.measure),
        change=None if point.change is None else change_words(point.change, table.measure),
        verdict=_verdict(point.change),
        is_worse=point.change is not None and point.change.verdict is Verdict.WORSE,
        is_break=point.is_break,
    )


def _verdict(found: Change | None) -> str | None:
    return None if found is None else verdict_words(found.verdict)


def _marks(series: Series, axis: Axis) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    count = len(series.points)
    for place, point in enumerate(series.points):
        cell = point.cell
        joined = marks[-1] if marks and not point.is_break and marks[-1].y is not None else None
        y = None if cell is None or cell.share is None else _down(axis, cell.share)
        marks.append(
            Mark(
                label=school_year_label(point.school_year),
                x=round((place + 0.5) / count * 100, 2),
                y=y,
                low=None if cell is None or cell.low is None else _down(axis, cell.low),
                high=None if cell is None or cell.high is None else _down(axis, cell.high),
                is_break=point.is_break,
                from_x=joined.x if joined is not None and y is not None else None,
                from_y=joined.y if joined is not None and y is not None else None,
            )
        )
    return tuple(marks)


def _down(axis: Axis, value: float) -> float:
    return round(BOTTOM - axis.place(value) / 100 * (BOTTOM - TOP), 1)

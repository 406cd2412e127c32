"""How the page of figures reads: published tables in, sentences and bars out. No query, no request.

Says nothing that is not in a `PublishedTable`; what counts as a change is decided by `published.trend`. The papers of
`reports` say the same figures in words of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.indicators.axis import Axis, Bar, axis_of, bar_of
from prevention.indicators.published import (
    Dimension,
    Measure,
    Movement,
    PublishedCell,
    PublishedTable,
    Trend,
    TrendPoint,
    trend,
)
from prevention.indicators.table_words import dimension_title, reason_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One group of a table.

    Attributes:
        domain, label: the group. words: the figure as a plain sentence without its subject, or that it is not shown.
        estimate: the best single number, when there is an interval around it. why: the reason when it is hidden or
        masked. answers: how many stand behind it. bar, bar_before: the drawing, and that of the year before.
        before, change: what the year before said, and how this one stands to it; None when it is not compared.
    """

    domain: str
    label: str
    words: str
    estimate: str | None
    why: str | None
    answers: str | None
    bar: Bar | None
    bar_before: Bar | None
    before: str | None
    change: str | None
    movement: Movement | None

    @property
    def spoken(self) -> str:
        """The drawing in words, for those who do not see it."""
        return f"{self.label}: {self.words}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One table of the page. `is_compared` when the year before stands beside it; `is_broken` when it may not."""

    dimension: Dimension
    title: str
    rows: tuple[Row, ...]
    is_compared: bool
    is_broken: bool

    @property
    def hides_something(self) -> bool:
        """Say whether any figure is hidden or masked."""
        return any(row.why for row in self.rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """All that is shown of one indicator; `about` is any of its tables, `whole` the row of all pupils."""

    about: PublishedTable
    whole: Row | None
    sections: tuple[Section, ...]
    axis: Axis
    axis_ends: tuple[str, str]

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The groups to choose from, by table: its title, then keys ("grade:secondo_grado-2") and names."""
        return [
            (section.title, [(f"{section.dimension}:{row.domain}", row.label) for row in section.rows])
            for section in self.sections
        ]

    def words_of(self, cell: PublishedCell) -> str:
        """Say a figure of this indicator."""
        return figure_words(self.about.measure, cell)

    def row_of(self, dimension: Dimension, domain: str) -> Row | None:
        """Give the row of a group, or None when there is none."""
        rows = (row for section in self.sections if section.dimension is dimension for row in section.rows)
        return next((row for row in rows if row.domain == domain), None)

    @property
    def is_compared(self) -> bool:
        """Say whether the year before stands beside any table."""
        return any(section.is_compared for section in self.sections)

    @property
    def is_broken(self) -> bool:
        """Say whether the question was worded otherwise the year before."""
        return self.sections[0].is_broken

    @property
    def hides_something(self) -> bool:
        """Say whether any figure is hidden or masked."""
        return any(section.hides_something for section in self.sections)


def picture_of(tables: Sequence[PublishedTable], before: Sequence[PublishedTable]) -> Picture:
    """Arrange the tables of one indicator of one survey, with last year's beside them.

    Last year's count only where there is exactly one of a kind: of two surveys neither is "the" year before.
    """
    order = list(Dimension)
    found = [(table, _trend(table, before)) for table in sorted(tables, key=lambda one: order.index(one.dimension))]
    compared = [change.previous for _table, change in found if change is not None and not change.is_broken]
    about = found[0][0]
    axis = axis_of([*tables, *compared], measure=about.measure, scale=about.scale)
    sections = tuple(_section(table, change, axis) for table, change in found)
    whole = sections[0].rows[0] if sections[0].dimension is Dimension.ALL and sections[0].rows else None
    ends = (written(about.measure, axis.low), written(about.measure, axis.high))
    return Picture(about=about, whole=whole, sections=sections, axis=axis, axis_ends=ends)


def _trend(table: PublishedTable, before: Sequence[PublishedTable]) -> Trend | None:
    same = [old for old in before if (old.indicator_id, old.dimension) == (table.indicator_id, table.dimension)]
    return trend(table, same[0]) if len(same) == 1 else None


def _section(table: PublishedTable, change: Trend | None, axis: Axis) -> Section:
    is_broken = change is not None and change.is_broken
    is_compared = change is not None and not change.is_broken
    points = change.points if is_compared and change else (None,) * len(table.cells)
    return Section(
        dimension=table.dimension,
        title=dimension_title(table.dimension),
        rows=tuple(_row(table, cell, point, axis) for cell, point in zip(table.cells, points, strict=True)),
        is_compared=is_compared,
        is_broken=is_broken,
    )


def _row(table: PublishedTable, cell: PublishedCell, point: TrendPoint | None, axis: Axis) -> Row:
    before = point.before if point else None
    return Row(
        domain=cell.domain,
        label=cell.label.text(),
        words=figure_words(table.measure, cell),
        estimate=_estimate(table.measure, cell),
        why=reason_words(cell.reason) if cell.reason else None,
        answers=_answers(cell),
        bar=bar_of(cell, axis, measure=table.measure),
        bar_before=bar_of(before, axis, measure=table.measure) if before else None,
        before=(figure_words(table.measure, before) if before else _("no such group")) if point else None,
        change=_change(point) if point else None,
        movement=point.movement if point else None,
    )


def figure_words(measure: Measure, cell: PublishedCell) -> str:
    """Say a figure as people say it, e.g. "between 14 and 22 in 100"."""
    if not cell.shown:
        return _("not shown")
    if cell.share is None:
        return _masked_words(cell.text or "")
    if cell.low is None or cell.high is None:
        return _about(measure, written(measure, cell.share))
    low, high = written(measure, cell.low), written(measure, cell.high)
    if measure is Measure.PERCENT:
        return _("between %(low)s and %(high)s in 100", low=low, high=high)
    if measure is Measure.POINTS:
        return _("between %(low)s and %(high)s points", low=low, high=high)
    return _("between %(low)s and %(high)s", low=low, high=high)


def _about(measure: Measure, value: str) -> str:
    if measure is Measure.PERCENT:
        return _("about %(value)s in 100", value=value)
    if measure is Measure.POINTS:
        return _("about %(value)s points", value=value)
    return _("about %(value)s", value=value)


def _masked_words(text: str) -> str:
    limit = text.strip("<>")
    if text.startswith("<"):
        return _("fewer than %(limit)s in 100", limit=limit)
    return _("more than %(limit)s in 100", limit=limit)


def _estimate(measure: Measure, cell: PublishedCell) -> str | None:
    return None if cell.share is None or cell.low is None else written(measure, cell.share)


def written(measure: Measure, value: float) -> str:
    """Write a number in the unit of a measure."""
    if measure is Measure.SCALE:
        return number(round(value, 2))
    hundredths = int(value * 100 + (0.5 if value >= 0 else -0.5))
    if measure is Measure.PERCENT or hundredths == 0:
        return str(hundredths)
    # U+2212, because a hyphen before a number is read as a dash.
    return f"+{hundredths}" if hundredths > 0 else f"\u2212{-hundredths}"


def _answers(cell: PublishedCell) -> str | None:
    if cell.n_valid is None:
        return None
    return _("about %(value)s", value=number(cell.n_valid)) if cell.n_is_rounded else number(cell.n_valid)


def _change(point: TrendPoint) -> str:
    if point.movement is Movement.UP:
        return _("higher")
    if point.movement is Movement.DOWN:
        return _("lower")
    is_known = point.now.low is not None and point.before is not None and point.before.low is not None
    return _("no clear difference") if is_known else _("cannot be compared")

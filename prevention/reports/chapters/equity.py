"""Who got how much: hours per pupil by kind of school, grade and planning area; and where it broke off."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.web import number
from prevention.delivery.continuity.rules import BreakKind
from prevention.delivery.coverage import Dimension, GroupCoverage
from prevention.delivery.coverage.groups import gap
from prevention.delivery.wording import group_words
from prevention.programmes.wording import LEVELS
from prevention.reports.chapters.values import BrokenOff
from prevention.reports.charts import BarRow, bar_chart
from prevention.reports.figures import YearFigures
from prevention.reports.printed import of_area, part_of, range_words, rate_words, whole_hours


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRow:
    """One group of schools or classes; all values are words. `has_rate` false marks words for "not known"."""

    name: str
    schools: str
    classes: str
    pupils: str
    pupil_hours: str
    rate: str
    has_rate: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupTable:
    """The year by one dimension: its heading, its rows, how far apart they are, and the drawing of it.

    `chart` is None where fewer than two groups have hours per pupil.
    """

    key: str
    title: str
    rows: tuple[GroupRow, ...]
    gap: str
    chart: Markup | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakRow:
    """Something that broke off or thinned out."""

    name: str
    place: str
    earlier: str
    last: str
    now: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakTable:
    """What broke off, of one kind."""

    key: str
    title: str
    rows: tuple[BreakRow, ...]


def group_tables(figures: YearFigures) -> tuple[GroupTable, ...]:
    """Arrange the year by kind of upper secondary school, planning area and grade; what has no group says so alone."""
    groups = figures.chapters.groups if figures.chapters is not None else ()
    titles = {
        Dimension.TRACK: _("By kind of upper secondary school"),
        Dimension.PLANNING_AREA: _("By planning area"),
        Dimension.GRADE: _("By grade"),
    }
    return tuple(
        _table(dimension, title, [one for one in groups if one.dimension is dimension])
        for dimension, title in titles.items()
        if any(one.dimension is dimension and one.key for one in groups)
    )


def has_areas(figures: YearFigures) -> bool:
    """Say whether the planning area of any municipality is known."""
    groups = figures.chapters.groups if figures.chapters is not None else ()
    return any(one.dimension is Dimension.PLANNING_AREA and one.key for one in groups)


def _table(dimension: Dimension, title: str, groups: Sequence[GroupCoverage]) -> GroupTable:
    rows = tuple(_row(one) for one in groups)
    ends = gap(groups)
    return GroupTable(
        key=str(dimension),
        title=title,
        rows=rows,
        gap=""
        if ends is None
        else _(
            "Hours per pupil go from %(lowest)s to %(highest)s.",
            lowest=rate_words(ends[0]),
            highest=rate_words(ends[1]),
        ),
        chart=_chart(title, groups),
    )


def _row(one: GroupCoverage) -> GroupRow:
    if one.dimension is Dimension.PLANNING_AREA and one.key:
        # It has pages of its own, which say the same.
        return GroupRow(name=group_words(one), has_rate=one.hours_per_pupil is not None, **of_area(one))
    return GroupRow(
        name=group_words(one),
        schools=part_of(one.sites_reached, one.sites),
        classes=part_of(one.classes_reached, one.classes),
        pupils=part_of(one.pupils_reached, one.pupils_enrolled),
        pupil_hours=number(whole_hours(one.pupil_hours)),
        rate=range_words(one.hours_per_pupil),
        has_rate=one.hours_per_pupil is not None,
    )


def _chart(title: str, groups: Sequence[GroupCoverage]) -> Markup | None:
    known = [(group_words(one), one.hours_per_pupil) for one in groups if one.hours_per_pupil is not None]
    if len(known) < 2:
        return None
    rows = [BarRow(label=name, value=float(rate.least), words=range_words(rate)) for name, rate in known]
    listed = "; ".join(f"{row.label} {row.words}" for row in rows)
    return bar_chart(
        rows,
        longest=max(row.value for row in rows),
        sentence=_("%(heading)s: hours per pupil. %(listed)s.", heading=title, listed=listed),
    )


def break_tables(figures: YearFigures) -> tuple[BreakTable, ...]:
    """Arrange what broke off or thinned out, by kind."""
    breaks = figures.chapters.breaks if figures.chapters is not None else ()
    titles = {
        BreakKind.PROGRAMME: _("Programmes"),
        BreakKind.SCHOOL: _("Schools"),
        BreakKind.PROVIDER: _("Providers"),
        BreakKind.GRADE: _("Grades"),
    }
    tables = [
        BreakTable(key=str(kind), title=title, rows=tuple(_break(one) for one in breaks if one.kind is kind))
        for kind, title in titles.items()
    ]
    return tuple(table for table in tables if table.rows)


def _break(one: BrokenOff) -> BreakRow:
    last, earlier = (number(count) for count in (*one.before, 0, 0)[:2])
    return BreakRow(
        name=_name(one),
        place=one.place,
        earlier=earlier,
        last=last,
        now=_("none") if one.now == 0 else number(one.now),
    )


def _name(one: BrokenOff) -> str:
    name = one.name.text()
    if one.kind is not BreakKind.GRADE:
        return name
    level, _dash, grade = name.rpartition("-")
    return _("Grade %(grade)s, %(level)s", grade=grade, level=str(LEVELS.get(level, level)).lower())

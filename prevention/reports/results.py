"""Survey results as the papers show them: published tables in, headings with charts, tables and sentences out.

Says nothing that is not in a `PublishedTable`. A cell that is not shown stays not shown, in words; last year stands
beside this year only for the same indicator of one survey; what counts as a change is decided by `indicators`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.web import number
from prevention.indicators.published import Dimension, Measure, Movement, PublishedCell, PublishedTable, Trend, trend
from prevention.indicators.table_words import dimension_title
from prevention.reports.charts import Estimate, IntervalRow, interval_chart
from prevention.reports.figures import GroupName
from prevention.reports.groups import LEADS
from prevention.reports.printed import Figure
from prevention.schools.rules import school_year_label

# Letters that fit across a page beside the names of indicators, at the size of these tables; and those whose room the
# space between two columns takes.
LETTERS_ACROSS, LETTERS_BETWEEN = 96, 2
# Where each cell stands on lines of its own, the names of indicators can be narrower.
RANGES_ACROSS = 110


@dataclass(frozen=True, kw_only=True, slots=True)
class CellView:
    """One cell as it is printed. `is_shown` false means that the words say why there is no number."""

    words: Figure
    is_shown: bool
    n: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class IndicatorView:
    """One indicator over all pupils: this year, last year if it was asked then, and what to say of the change."""

    name: str
    now: CellView
    before: CellView | None
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakdown:
    """The indicators of a group by one dimension: `columns` name its parts, `rows` hold a name and its cells."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[CellView, ...]], ...]

    @property
    def is_crowded(self) -> bool:
        """Say whether its cells must break into lines to fit between the margins of a page."""
        return self._letters(len(cell.words) for _name, cells in self.rows for cell in cells) > LETTERS_ACROSS

    @property
    def is_packed(self) -> bool:
        """Say whether the ranges in brackets must break as well, which they do at no other time."""
        ranges = (
            cell.words[cell.words.find("(") :] for _name, cells in self.rows for cell in cells if "(" in cell.words
        )
        return self._letters(map(len, ranges)) > RANGES_ACROSS

    def _letters(self, lengths: Iterable[int]) -> int:
        return (max(lengths, default=0) + LETTERS_BETWEEN) * len(self.columns)

    @property
    def has_figures(self) -> bool:
        """Say whether any of its cells is shown."""
        return any(cell.is_shown for _name, cells in self.rows for cell in cells)


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupView:
    """One heading of the results.

    `withheld` are the titles of breakdowns of which nothing may be shown. `before_label` is last year's label when any
    indicator can be compared.
    """

    key: str
    title: str
    lead: str
    indicators: tuple[IndicatorView, ...]
    breakdowns: tuple[Breakdown, ...]
    withheld: tuple[str, ...]
    before_label: str | None
    chart: Markup | None
    chart_sentence: str


def groups_of(
    tables: Sequence[PublishedTable], *, before: Sequence[PublishedTable], names: Sequence[GroupName]
) -> tuple[GroupView, ...]:
    """Arrange the tables of one survey under the headings `names`, with those of last year beside them."""
    by_key: dict[str, list[PublishedTable]] = {}
    for table in tables:
        by_key.setdefault(table.group, []).append(table)
    titles = {name.key: name.name.text() for name in names}
    # A group that the catalogue of today no longer knows still shows what was published under it.
    titles |= {key: _("Other indicators") for key in by_key if key not in titles}
    return tuple(_group(key, title, by_key[key], before) for key, title in titles.items() if key in by_key)


def _group(key: str, title: str, tables: Sequence[PublishedTable], before: Sequence[PublishedTable]) -> GroupView:
    whole = [(table, _trend(table, before)) for table in tables if table.dimension is Dimension.ALL]
    has_before = any(_is_comparable(found) for _table, found in whole)
    before_label = school_year_label(tables[0].school_year - 1) if has_before else None
    indicators = tuple(_indicator(table, found) for table, found in whole)
    sentence = " ".join(
        [_("%(heading)s, by indicator.", heading=title), *(_spoken(view, before_label) for view in indicators)]
    )
    breakdowns = tuple(_breakdowns(tables))
    return GroupView(
        key=key,
        title=title,
        lead=str(LEADS.get(key, "")),
        indicators=indicators,
        breakdowns=tuple(one for one in breakdowns if one.has_figures),
        withheld=tuple(one.title for one in breakdowns if not one.has_figures),
        before_label=before_label,
        chart=_chart(whole, before_label=before_label, sentence=sentence),
        chart_sentence=sentence,
    )


def _trend(table: PublishedTable, before: Sequence[PublishedTable]) -> Trend | None:
    """Set a table beside the same one of last year; None when it was not asked, or in more than one survey."""
    same = [old for old in before if (old.indicator_id, old.dimension) == (table.indicator_id, table.dimension)]
    return trend(table, same[0]) if len(same) == 1 else None


def _is_comparable(found: Trend | None) -> bool:
    return found is not None and not found.is_broken


def _indicator(table: PublishedTable, found: Trend | None) -> IndicatorView:
    before = _only(found.previous) if found is not None and not found.is_broken else None
    return IndicatorView(
        name=indicator_name(table),
        now=cell_view(table, _only(table)),
        before=cell_view(found.previous, before) if found is not None and before is not None else None,
        change=_change_words(found),
    )


def indicator_name(table: PublishedTable) -> str:
    """Name an indicator, with the unit of its figures where they are not pupils in 100."""
    name = table.name.text()
    if table.measure is Measure.POINTS:
        return _("%(name)s (points)", name=name)
    if table.measure is Measure.SCALE:
        low, high = (number(end) for end in table.scale)
        return _("%(name)s (mean on a scale from %(low)s to %(high)s)", name=name, low=low, high=high)
    return name


def _only(table: PublishedTable) -> PublishedCell:
    return table.cells[0]


def _change_words(found: Trend | None) -> str:
    if found is None:
        return _("not asked last year")
    if found.is_broken:
        return _("asked in other words last year")
    point = found.points[0]
    if point.movement is Movement.UP:
        return _("higher")
    if point.movement is Movement.DOWN:
        return _("lower")
    is_known = point.now.low is not None and point.before is not None and point.before.low is not None
    return _("no clear difference") if is_known else _("cannot be compared")


def cell_view(table: PublishedTable, cell: PublishedCell) -> CellView:
    """Say a cell in the shortest words that are still true: pupils in 100, points, or a mean on its scale."""
    name = f"survey.{table.wave_id}.{table.indicator_id}.{table.dimension}.{cell.domain}"
    words = Figure(_cell_words(table.measure, cell), name=name, is_known=cell.shown)
    return CellView(words=words, is_shown=cell.shown, n=cell.n_valid)


def printed_cell(table: PublishedTable, domain: str) -> Figure | None:
    """Print the figure of one group; None when the table has no such group."""
    cell = table.cell(domain)
    return None if cell is None else cell_view(table, cell).words


def _cell_words(measure: Measure, cell: PublishedCell) -> str:
    if not cell.shown:
        return _("not shown")
    if cell.text is not None:
        return _coded_words(cell.text)
    if cell.share is None:
        return _("not shown")
    estimate = _written(measure, cell.share)
    if cell.low is None or cell.high is None:
        return estimate
    low, high = _written(measure, cell.low), _written(measure, cell.high)
    if measure is Measure.POINTS:
        return _("%(estimate)s (%(low)s to %(high)s)", estimate=estimate, low=low, high=high)
    return f"{estimate} ({low}–{high})"


def _written(measure: Measure, value: float) -> str:
    if measure is Measure.SCALE:
        return format_decimal(value, "0.0#")
    hundredths = in_100(value)
    if measure is Measure.PERCENT:
        return str(hundredths)
    # U+2212, because a hyphen before a number is read as a dash.
    return f"+{hundredths}" if hundredths > 0 else f"\u2212{-hundredths}" if hundredths else "0"


def _coded_words(text: str) -> str:
    """Say "<5" and ">95" in words: the ends of the scale are never printed as 0 or 100."""
    limit = text.strip("<>% ")
    return _("fewer than %(limit)s", limit=limit) if text.startswith("<") else _("more than %(limit)s", limit=limit)


def estimate_of(table: PublishedTable, cell: PublishedCell) -> Estimate | None:
    """Give what can be drawn of a cell on an axis of pupils in 100, or None."""
    is_drawable = table.measure is Measure.PERCENT and cell.shown and cell.text is None
    if not is_drawable or cell.share is None or cell.low is None or cell.high is None:
        return None
    return Estimate(share=cell.share, low=cell.low, high=cell.high)


def in_100(share: float) -> int:
    """Round a share of 1 to whole hundredths, halves away from zero."""
    return int(share * 100 + (0.5 if share >= 0 else -0.5))


def plain_sentence(table: PublishedTable) -> str | None:
    """Say one indicator over all pupils as a sentence for anybody; None when it is not shown."""
    cell = _only(table)
    estimate = estimate_of(table, cell)
    name = table.definition.text() or table.name.text()
    if estimate is not None:
        return _(
            "%(name)s: between %(low)s and %(high)s pupils in 100 (best estimate: %(share)s).",
            name=name,
            low=in_100(estimate.low),
            high=in_100(estimate.high),
            share=in_100(estimate.share),
        )
    if cell.shown and cell.text is not None:
        return _("%(name)s: %(words)s pupils in 100.", name=name, words=_coded_words(cell.text))
    return None


def _spoken(view: IndicatorView, before_label: str | None) -> str:
    """Say one row of a chart for somebody who cannot see it."""
    if before_label is None or view.before is None:
        return _("%(name)s: %(words)s.", name=view.name, words=view.now.words)
    return _(
        "%(name)s: %(words)s; in %(year)s %(before)s.",
        name=view.name,
        words=view.now.words,
        year=before_label,
        before=view.before.words,
    )


def _chart(
    whole: Sequence[tuple[PublishedTable, Trend | None]], *, before_label: str | None, sentence: str
) -> Markup | None:
    """Draw the group, or give None when no interval of this year can be shown: such a chart says nothing."""
    rows = []
    for table, found in whole:
        if table.measure is not Measure.PERCENT:
            continue
        estimates, words = [estimate_of(table, _only(table))], [_cell_words(table.measure, _only(table))]
        if before_label is not None:
            old = found.previous if found is not None and not found.is_broken else None
            estimates.append(estimate_of(old, _only(old)) if old else None)
            words.append(_cell_words(old.measure, _only(old)) if old else _("not comparable"))
        rows.append(IntervalRow(label=table.name.text(), estimates=tuple(estimates), words=tuple(words)))
    if not any(row.estimates[0] for row in rows):
        return None
    series = [school_year_label(whole[0][0].school_year)] + ([before_label] if before_label else [])
    return interval_chart(rows, series=series, sentence=sentence, axis=_("pupils in 100, with 95 percent interval"))


def _breakdowns(tables: Iterable[PublishedTable]) -> Iterable[Breakdown]:
    order = {dimension: place for place, dimension in enumerate(Dimension)}
    split = [table for table in tables if table.dimension is not Dimension.ALL]
    split.sort(key=lambda table: order[table.dimension])
    for dimension, members in groupby(split, key=lambda table: table.dimension):
        found = list(members)
        columns = {cell.domain: cell.label.text() for table in found for cell in table.cells}
        yield Breakdown(
            title=dimension_title(dimension),
            columns=tuple(columns.values()),
            rows=tuple((indicator_name(table), _row(table, columns)) for table in found),
        )


def _row(table: PublishedTable, domains: Iterable[str]) -> tuple[CellView, ...]:
    absent = CellView(words=Figure(_("not asked"), name="", is_known=False), is_shown=False, n=None)
    cells = {cell.domain: cell_view(table, cell) for cell in table.cells}
    return tuple(cells.get(domain, absent) for domain in domains)

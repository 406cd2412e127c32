"""Other surveys beside ours: the same age band and the same definition, or nothing; each with its source and date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from prevention.core.web import day
from prevention.indicators.benchmarks import Benchmark
from prevention.indicators.published import PublishedCell, PublishedTable
from prevention.reports.chapters.values import BesideOthers
from prevention.reports.figures import YearFigures
from prevention.reports.printed import Figure
from prevention.reports.results import cell_view


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherRow:
    """One figure of another survey beside ours; all values are words."""

    name: str
    ours: Figure
    group: str
    survey: str
    figure: str
    stands: str
    source: int
    is_second_hand: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """A source, by the number that stands beside its figures."""

    number: int
    words: str
    is_second_hand: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OthersView:
    """What of one survey may stand beside others; `bands` say who the other surveys' pupils are."""

    survey: str
    rows: tuple[OtherRow, ...]
    sources: tuple[SourceRow, ...]
    bands: tuple[str, ...]


def others(figures: YearFigures) -> tuple[OthersView, ...]:
    """Arrange what may stand beside each survey of the year; a survey without any is not there."""
    chapters = figures.chapters
    if chapters is None:
        return ()
    views = (
        _view(figures, survey.wave_name, [one for one in chapters.beside if one.wave_id == survey.wave_id])
        for survey in figures.surveys
    )
    return tuple(view for view in views if view.rows)


def _view(figures: YearFigures, survey: str, beside: Sequence[BesideOthers]) -> OthersView:
    sources: dict[str, SourceRow] = {}
    for one in beside:
        for benchmark in one.benchmarks:
            words = _source_words(benchmark)
            if words not in sources:
                sources[words] = SourceRow(
                    number=len(sources) + 1, words=words, is_second_hand=benchmark.is_second_hand
                )
    return OthersView(
        survey=survey,
        rows=tuple(_rows(figures, beside, sources)),
        sources=tuple(sources.values()),
        bands=tuple(_bands(beside)),
    )


def _rows(figures: YearFigures, beside: Sequence[BesideOthers], sources: Mapping[str, SourceRow]) -> Iterable[OtherRow]:
    tables = {(one.wave_id, one.indicator_id, one.dimension): one for one in figures.tables}
    for one in beside:
        table = tables.get((one.wave_id, one.indicator_id, one.dimension))
        cell = table.cell(one.domain) if table is not None else None
        if table is None or cell is None:
            continue
        for benchmark in one.benchmarks:
            yield _row(table, cell, benchmark, source=sources[_source_words(benchmark)].number)


def _row(table: PublishedTable, cell: PublishedCell, benchmark: Benchmark, *, source: int) -> OtherRow:
    return OtherRow(
        name=table.name.text(),
        ours=cell_view(table, cell).words,
        group=cell.label.text(),
        survey=_("%(survey)s, %(place)s", survey=benchmark.survey, place=benchmark.place.text()),
        figure=format_decimal(benchmark.share * 100, "0.#"),
        stands=_stands(cell, benchmark.share),
        source=source,
        is_second_hand=benchmark.is_second_hand,
    )


def _source_words(benchmark: Benchmark) -> str:
    return _(
        "%(source)s (%(address)s), read on %(day)s",
        source=benchmark.source,
        address=benchmark.address,
        day=day(benchmark.read_on, "medium"),
    )


def _bands(beside: Sequence[BesideOthers]) -> Iterable[str]:
    """Say of each age band which surveys asked it, each once."""
    surveys: dict[str, dict[str, None]] = {}
    for one in beside:
        surveys.setdefault(one.band_name.text(), {}).update(dict.fromkeys(found.survey for found in one.benchmarks))
    return (f"{', '.join(sorted(found))}: {band}" for band, found in surveys.items())


def _stands(cell: PublishedCell, share: float) -> str:
    """Say where the other figure lies, seen from the margin of ours; its own margin is not known here."""
    if cell.low is None or cell.high is None:
        return _("cannot be compared")
    if share < cell.low:
        return _("ours is higher")
    return _("ours is lower") if share > cell.high else _("within our margin")

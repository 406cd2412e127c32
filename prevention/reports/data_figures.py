"""The figures in the data beside the papers, printed as the papers print them, so that both can be compared.

The finished files are read back, those inside the PDFs and the open data: a column that went wrong on its way into a
file is found, not only a number that was wrong from the start.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO

from flask_babel import gettext as _

from prevention.core.i18n import Localised
from prevention.core.pdf import Attachment
from prevention.core.web import number, percent
from prevention.indicators.published import Dimension, PublishedCell, PublishedTable
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Paper
from prevention.reports.papers.plain import plain_name
from prevention.reports.printed import part_of, rate_words, whole_hours
from prevention.reports.results import cell_view
from prevention.reports.signals import DataRow

Named = tuple[str, str]
_UNNAMED = Localised(it="", en="")


def in_attachments(figures: YearFigures, paper: Paper, attachments: Sequence[Attachment]) -> Iterator[Named]:
    """Give name and text of the figures inside a paper's data files, in the language in force."""
    for attachment in attachments:
        if not attachment.name.endswith(".csv"):
            continue
        rows = list(csv.DictReader(StringIO(attachment.content.decode())))
        columns = frozenset(rows[0] if rows else ())
        for wanted, read in _READERS:
            if wanted <= columns:
                yield from read(figures, paper, rows)
                break


def in_data(figures: YearFigures, rows: Iterable[DataRow]) -> Iterator[Named]:
    """Give name and text of the figures of a file for machines, in the language in force.

    What the report does not have (a survey that was published after its figures were taken) is left out.
    """
    known = _by_name(figures.tables)
    for row in rows:
        found = known.get((row.survey, row.indicator, row.dimension), ())
        if len(found) == 1:
            yield _printed(found[0], row)


def _named_texts(_figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    for row in rows:
        yield row["figure"], row["value"].removeprefix("'")


def _activity(_figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    for row in rows:
        name = f"programme.{row['slug']}"
        planned, expected = int(row["activities_planned"]), int(row["pupils_expected"])
        yield f"{name}.classes", part_of(int(row["classes_reached"]), int(row["classes"]))
        yield f"{name}.meetings", part_of(int(row["meetings_held"]), int(row["meetings_planned"]))
        yield f"{name}.hours", number(whole_hours(Decimal(row["minutes_held"]) / 60))
        yield f"{name}.pupil_hours", number(whole_hours(Decimal(row["pupil_hours"])))
        for key, part, whole in (
            ("attendance", row["pupils_present"], expected),
            ("fidelity", row["activities_full"], planned),
        ):
            yield f"{name}.{key}", percent(int(part) / whole) if whole else _("not known")


def _plain(figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    """Read the main results as families and pupils get them: as they say them, and as the report does."""
    whole = {one.indicator_id: one for one in reversed(figures.tables) if one.dimension is Dimension.ALL}
    for row in rows:
        table, name = whole[row["indicator"]], plain_name(row["indicator"])
        words = cell_view(table, table.cells[0]).words
        yield name, row["in_100"]
        yield words.name, f"{row['in_100']} ({row['low']}–{row['high']})"
        if row.get("overestimate_points"):
            yield f"{name}.overestimate", row["overestimate_points"]


def _schools(_figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    for row in rows:
        name = f"school.{row['code']}"
        yield f"{name}.classes", part_of(int(row["classes_reached"]), int(row["classes"]))
        yield from _place(name, row)


def _municipalities(_figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    for row in rows:
        name = f"municipality.{row['istat_code']}"
        yield f"{name}.classes", number(int(row["classes_reached"]))
        yield f"{name}.schools", part_of(int(row["sites_reached"]), int(row["sites"]))
        yield from _place(name, row)


def _place(name: str, row: Mapping[str, str]) -> Iterator[Named]:
    enrolled, rate = row["pupils_enrolled"], row["hours_per_pupil"]
    yield f"{name}.pupils", part_of(int(row["pupils_reached"]), int(enrolled) if enrolled else None)
    yield f"{name}.pupil_hours", number(whole_hours(Decimal(row["pupil_hours"])))
    yield f"{name}.rate", rate_words(Decimal(rate)) if rate else _("not known")


def _survey(figures: YearFigures, _paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    known = _by_name((*figures.tables, *figures.tables_before))
    for row in rows:
        found = known[row["survey"], row["indicator"], row["dimension"]]
        if len(found) == 1:
            yield _printed(found[0], _data_row(row, group=row["domain"]))


def _own_survey(figures: YearFigures, paper: Paper, rows: Sequence[Mapping[str, str]]) -> Iterator[Named]:
    of_indicator: dict[str, list[PublishedTable]] = {}
    for table in figures.school_tables:
        if table.cell(paper.scope) is not None:
            of_indicator.setdefault(table.indicator_id, []).append(table)
    for row in rows:
        found = of_indicator[row["indicator"]]
        # In a year with two surveys that asked the same, the file does not say which one it means.
        if len(found) == 1:
            shown = "yes" if row["share"] or row["coded"] else "no"
            yield _printed(found[0], _data_row({**row, "shown": shown}, group=paper.scope))


_Reader = Callable[[YearFigures, Paper, Sequence[Mapping[str, str]]], Iterator[Named]]
_READERS: tuple[tuple[frozenset[str], _Reader], ...] = (
    (frozenset({"figure", "value"}), _named_texts),
    (frozenset({"slug", "meetings_held", "pupils_expected"}), _activity),
    (frozenset({"indicator", "in_100", "low", "high"}), _plain),
    (frozenset({"code", "classes_reached", "pupil_hours"}), _schools),
    (frozenset({"istat_code", "sites_reached", "pupil_hours"}), _municipalities),
    (frozenset({"survey", "indicator", "domain", "share"}), _survey),
    (frozenset({"indicator", "name", "share", "coded"}), _own_survey),
)


def _by_name(tables: Iterable[PublishedTable]) -> dict[tuple[str, str, str], list[PublishedTable]]:
    found: dict[tuple[str, str, str], list[PublishedTable]] = {}
    for table in tables:
        found.setdefault((table.wave_name, table.indicator_id, table.dimension.value), []).append(table)
    return found


def _data_row(row: Mapping[str, str], *, group: str) -> DataRow:
    share, low, high = (float(row[key]) if row[key] else None for key in ("share", "low", "high"))
    return DataRow(
        survey=row.get("survey", ""),
        indicator=row["indicator"],
        dimension=row.get("dimension", Dimension.SCHOOL.value),
        group=group,
        share=share,
        low=low,
        high=high,
        shown=row["shown"] == "yes",
        text=row["coded"] or None,
    )


def _printed(table: PublishedTable, row: DataRow) -> Named:
    cell = PublishedCell(
        domain=row.group, label=_UNNAMED, n_valid=None, share=row.share, low=row.low, high=row.high, shown=row.shown,
        text=row.text,
    )  # fmt: skip
    words = cell_view(table, cell).words
    return words.name, str(words)

"""A research file as a zip: the records as CSV and SPSS, what the columns mean, how it was made. Pure.

Each answer is a number with a label; no answer has codes of its own, which SPSS takes as user-missing. A question with
several answers has a column for each. Pandas and pyreadstat are loaded when a file is made.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prevention.core.i18n import Localised
from prevention.indicators.expressions import BAR
from prevention.indicators.research import ResearchRecord, Stratum
from prevention.surveys.rules import DECLINED, NOT_ASKED, Item, Kind, Option

NOT_ASKED_CODE, DECLINED_CODE = -8, -9
_MARKERS = {NOT_ASKED: NOT_ASKED_CODE, DECLINED: DECLINED_CODE}
_MARKER_WORDS = {
    NOT_ASKED_CODE: Localised(it="Non richiesto", en="Not asked"),
    DECLINED_CODE: Localised(it="Preferisce non rispondere", en="Prefers not to answer"),
}
_YES_NO = {0: Localised(it="No", en="No"), 1: Localised(it="Sì", en="Yes")}
_STRATUM = Localised(it="Strato: gruppi di classi simili", en="Stratum: kinds of class taken together")
_UNIT = Localised(
    it="Unità per il calcolo degli errori: due o più classi insieme", en="Unit for errors: two or more classes as one"
)
# A zip keeps the hour of each file, which is nobody's business.
_NO_HOUR = (2000, 1, 1, 0, 0, 0)
_LONGEST_LABEL = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A column: its name, what it means, the words of its codes, and how to read it off a record."""

    name: str
    label: Localised
    codes: Mapping[int, Localised]
    read: Callable[[ResearchRecord], int | None]


def research_zip(
    records: Sequence[ResearchRecord],
    strata: Sequence[Stratum],
    items: Iterable[Item],
    *,
    about: str,
    language: str,
) -> bytes:
    """Write the zip: ``records.csv``, ``records.sav``, ``codebook.csv``, ``about.txt``.

    Args:
        records: shuffled already.
        strata: those that the records' numbers point at, the first being 1.
        items: the questions whose answers are in it, in order.
        about: what the reader has to know, in `language`.
        language: of labels.
    """
    variables = list(variables_of(strata, items))
    rows = [[one.read(record) for one in variables] for record in records]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (
            ("about.txt", about.encode()),
            ("codebook.csv", _csv(_codebook(variables, language))),
            ("records.csv", _csv([[one.name for one in variables], *rows])),
            ("records.sav", _sav(variables, rows, language=language)),
        ):
            archive.writestr(zipfile.ZipInfo(name, _NO_HOUR), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def variables_of(strata: Sequence[Stratum], items: Iterable[Item]) -> Iterator[Variable]:
    """Give the columns of a research file, in order."""
    names = {number: _words_of(stratum) for number, stratum in enumerate(strata, start=1)}
    yield Variable(name="stratum", label=_STRATUM, codes=names, read=lambda record: record.stratum)
    yield Variable(name="unit", label=_UNIT, codes={}, read=lambda record: record.unit)
    for item in items:
        yield from _of_item(item)


def _words_of(stratum: Stratum) -> Localised:
    kinds = ", ".join(f"{level} {grade}{f' {track}' if track else ''}" for level, track, grade in stratum.kinds)
    return Localised(it=kinds, en=kinds)


def _of_item(item: Item) -> Iterator[Variable]:
    if item.kind is Kind.MULTIPLE:
        for number, option in enumerate(item.options, start=1):
            label = Localised(
                {language: f"{item.text.text(language)} {option.text.text(language)}" for language in item.text}
            )
            yield Variable(
                name=f"{item.code}_{number}", label=label, codes=_YES_NO | _MARKER_WORDS, read=_chosen(item, option)
            )
        return
    numbers = {option.code: number for number, option in enumerate(item.options, start=1)}
    words = {numbers[option.code]: option.text for option in item.options}
    yield Variable(name=item.code, label=item.text, codes=words | _MARKER_WORDS, read=_answered(item, numbers))


def _answered(item: Item, numbers: Mapping[str, int]) -> Callable[[ResearchRecord], int | None]:
    def read(record: ResearchRecord) -> int | None:
        value = record.values.get(item.code)
        if value is None or value in _MARKERS:
            return None if value is None else _MARKERS[value]
        return int(value) if item.kind is Kind.NUMBER else numbers.get(value)

    return read


def _chosen(item: Item, option: Option) -> Callable[[ResearchRecord], int | None]:
    def read(record: ResearchRecord) -> int | None:
        value = record.values.get(item.code)
        if value is None or value in _MARKERS:
            return None if value is None else _MARKERS[value]
        return int(f"{BAR}{option.code}{BAR}" in value)

    return read


def _codebook(variables: Iterable[Variable], language: str) -> Iterator[list[str | int]]:
    yield ["variable", "label", "code", "meaning"]
    for one in variables:
        yield [one.name, one.label.text(language), "", ""]
        for code, words in one.codes.items():
            yield [one.name, "", code, words.text(language)]


def _csv(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def _sav(variables: Sequence[Variable], rows: Sequence[Sequence[int | None]], *, language: str) -> bytes:
    import pandas as pd  # type: ignore[import-untyped]  # has no stubs
    import pyreadstat

    names = [one.name for one in variables]
    frame = pd.DataFrame(rows, columns=names, dtype="float64")
    labels: dict[str, dict[int | float, str]] = {
        one.name: {code: words.text(language)[:120] for code, words in one.codes.items()} for one in variables
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.sav"
        pyreadstat.write_sav(
            frame,
            path,
            column_labels={one.name: one.label.text(language)[:_LONGEST_LABEL] for one in variables},
            variable_value_labels={name: some for name, some in labels.items() if some},
            missing_ranges={
                one.name: [DECLINED_CODE, NOT_ASKED_CODE] for one in variables if DECLINED_CODE in one.codes
            },
        )
        return path.read_bytes()

"""The published figures as rows for machines: one row per group of a table, as CSV and as JSON. Pure.

Columns (`COLUMNS`), empty where a figure does not have them:

- ``school_year`` "2026/27"; ``survey`` its name; ``indicator`` its id; ``section`` of a report;
- ``name_it``, ``name_en``, ``definition_it``, ``definition_en``;
- ``measure`` percent (shares, 0 to 1), points (difference of two shares, -1 to 1) or scale (mean between ``scale_low``
  and ``scale_high``);
- ``dimension`` and ``group`` which pupils, as keys; ``label_it``, ``label_en`` in words;
- ``answers`` valid answers, to the nearest ten when ``answers_rounded``;
- ``estimate``, ``interval_low``, ``interval_high`` the rounded figure and its 95 % interval, rounded outwards;
- ``suppressed`` true when nothing is shown; ``masked`` what stands for a number that is not shown exactly: "<5", "<20",
  ">95" are percentages; ``reason`` few_answers, one_class, one_school, complementary or small_number;
- ``classes``, ``schools`` that took part; ``missing`` share without a valid answer;
- ``wording`` fingerprint of the questions: figures of two years with different ones must not be compared;
- ``policy`` version of the rules of protection; ``published_on``; ``made_up`` true in a demonstration.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from prevention.indicators.published import PublishedCell, PublishedTable
from prevention.schools.rules import school_year_label

COLUMNS = (
    "school_year", "survey", "indicator", "section", "name_it", "name_en", "definition_it", "definition_en", "measure",
    "scale_low", "scale_high", "dimension", "group", "label_it", "label_en", "answers", "answers_rounded", "estimate",
    "interval_low", "interval_high", "suppressed", "masked", "reason", "classes", "schools", "missing", "wording",
    "policy", "published_on", "made_up",
)  # fmt: skip

# Text that begins with one of these is run as a formula by spreadsheets (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Value = str | int | float | bool | None


def rows_of(tables: Iterable[PublishedTable], *, is_made_up: bool) -> Iterator[dict[str, Value]]:
    """Give a row for each group of each table, in the tables' order, with the keys of `COLUMNS`."""
    for table in tables:
        about = _about(table)
        for cell in table.cells:
            row = {**about, **_figure(cell), "made_up": is_made_up}
            yield {column: row[column] for column in COLUMNS}


def to_csv(rows: Iterable[Mapping[str, Value]]) -> bytes:
    """Write rows as RFC 4180: UTF-8 without a mark, commas, a header line; true and false for yes and no."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    writer.writerows([_cell_text(row[column]) for column in COLUMNS] for row in rows)
    return target.getvalue().encode()


def to_json(rows: Sequence[Mapping[str, Value]], *, about: Mapping[str, Any]) -> bytes:
    """Write rows under "figures", after what `about` says of the whole."""
    return json.dumps({**about, "figures": list(rows)}, ensure_ascii=False, indent=1).encode()


def _about(table: PublishedTable) -> dict[str, Value]:
    return {
        "school_year": school_year_label(table.school_year),
        "survey": table.wave_name,
        "indicator": table.indicator_id,
        "section": table.group,
        "name_it": table.name.text("it"),
        "name_en": table.name.text("en"),
        "definition_it": table.definition.text("it"),
        "definition_en": table.definition.text("en"),
        "measure": table.measure.value,
        "scale_low": table.scale[0],
        "scale_high": table.scale[1],
        "dimension": table.dimension.value,
        "classes": table.classes,
        "schools": table.schools,
        "missing": table.missing,
        "wording": table.wording,
        "policy": table.policy,
        "published_on": table.sealed_on.isoformat(),
    }


def _figure(cell: PublishedCell) -> dict[str, Value]:
    # A hidden cell carries no number; should one ever, none of it leaves from here.
    return {
        "group": cell.domain,
        "label_it": cell.label.text("it"),
        "label_en": cell.label.text("en"),
        "answers": cell.n_valid if cell.shown else None,
        "answers_rounded": cell.n_is_rounded if cell.shown else None,
        "estimate": cell.share if cell.shown else None,
        "interval_low": cell.low if cell.shown else None,
        "interval_high": cell.high if cell.shown else None,
        "suppressed": not cell.shown,
        "masked": cell.text if cell.shown else None,
        "reason": cell.reason.value if cell.reason else None,
    }


def _cell_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return str(value)

"""Validated instruments (WHO-5, CAST, Lie/Bet): structure here, wording only as the office loaded it under a licence.

Units of an instrument: ``lead`` (may stay empty), ``item.M1a`` for each item, ``answer.0`` for each answer, the same
for all items. A file has the columns ``unit``, ``it``, ``en``. An item whose instrument is not loaded in every
language of a questionnaire is in no form of it: nothing is paraphrased, and nothing stands in one language only.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from enum import StrEnum
from typing import Any

from prevention.core.csv_reading import FileRefused, open_table
from prevention.surveys.exchange.importing import LONGEST_TEXT
from prevention.surveys.questionnaire import shipped

LEAD = "lead"
LANGUAGES = ("it", "en")

Texts = Mapping[str, Mapping[str, str]]


class InstrumentFault(StrEnum):
    """Why a file with the text of an instrument is refused, beside what makes any CSV unreadable."""

    UNKNOWN_UNIT = "unknown_unit"
    UNIT_TWICE = "unit_twice"
    MISSING_UNIT = "missing_unit"
    EMPTY_TEXT = "empty_text"
    TOO_LONG = "too_long"


def instruments() -> dict[str, dict[str, Any]]:
    """Give the instruments that are known: code to ``{name, holder, scoring}``."""
    known: dict[str, dict[str, Any]] = shipped("core")["instruments"]
    return known


def units_of(instrument: str) -> list[str]:
    """List the units of an instrument, in order."""
    items = [item for item in shipped("core")["items"] if item.get("instrument") == instrument]
    answers = items[0]["option_codes"]
    return [LEAD, *(f"item.{item['code']}" for item in items), *(f"answer.{code}" for code in answers)]


def write_instrument(instrument: str, texts: Texts) -> bytes:
    """Write a file to fill in, with what is there."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("unit", *LANGUAGES))
    for unit in units_of(instrument):
        writer.writerow((unit, *(texts.get(unit, {}).get(language, "") for language in LANGUAGES)))
    return out.getvalue().encode("utf-8-sig")


def read_instrument(content: bytes, instrument: str, *, file_name: str) -> dict[str, dict[str, str]]:
    """Read the licensed text of an instrument, whole.

    A language is loaded when all its texts are there; one that is quite empty is not loaded.

    Raises:
        FileRefused: the file cannot be read, or a unit is unknown, there twice, missing, too long, or empty in a
            language that others have; names row and unit.
    """
    table = open_table(io.BytesIO(content), file_name=file_name)
    places = table.positions(("unit", *LANGUAGES))
    wanted = units_of(instrument)
    found: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    for row, values in table.records:
        unit, *texts = (" ".join(values[place].split()) for place in places)
        if unit not in wanted:
            raise FileRefused(InstrumentFault.UNKNOWN_UNIT, file_name=file_name, row=row, column=unit)
        if unit in found:
            raise FileRefused(InstrumentFault.UNIT_TWICE, file_name=file_name, row=row, column=unit)
        if max(map(len, texts)) > LONGEST_TEXT:
            raise FileRefused(InstrumentFault.TOO_LONG, file_name=file_name, row=row, column=unit)
        found[unit], rows[unit] = dict(zip(LANGUAGES, texts, strict=True)), row
    missing = [unit for unit in wanted if unit not in found and unit != LEAD]
    if missing:
        raise FileRefused(InstrumentFault.MISSING_UNIT, file_name=file_name, expected=", ".join(missing))
    spoken = [language for language in LANGUAGES if any(text[language] for text in found.values())]
    for unit, text in found.items():
        empty = [language for language in spoken if not text[language]]
        if empty and unit != LEAD:
            raise FileRefused(
                InstrumentFault.EMPTY_TEXT, file_name=file_name, row=rows[unit], column=unit, value=empty[0]
            )
    return {unit: {one: text[one] for one in spoken if text[one]} for unit, text in found.items()}


def with_instruments(definition: Mapping[str, Any], loaded: Mapping[str, Texts]) -> dict[str, Any]:
    """Give a copy in which items of a loaded instrument have their text, answers and lead."""
    filled = deepcopy(dict(definition))
    for item in filled["items"]:
        texts = loaded.get(item.get("instrument", ""))
        if texts is None or not _speaks(texts, definition["languages"]):
            continue
        name = item["instrument"]
        item["text"] = dict(texts[f"item.{item['code']}"])
        item["options"] = name
        codes: Sequence[str] = item.pop("option_codes", None) or [one["code"] for one in filled["option_sets"][name]]
        filled["option_sets"][name] = [{"code": code, **texts[f"answer.{code}"]} for code in codes]
        group = item.pop("group", None)
        if group and _speaks({LEAD: texts.get(LEAD, {})}, definition["languages"]):
            item["group"] = group
            filled.setdefault("groups", {})[group] = dict(texts[LEAD])
    return filled


def missing_instruments(definition: Mapping[str, Any], loaded: Mapping[str, Texts]) -> list[str]:
    """List the instruments of a definition that are not loaded in each of its languages."""
    named = {item["instrument"] for item in definition["items"] if item.get("instrument") and "text" not in item}
    return sorted(name for name in named if name not in loaded or not _speaks(loaded[name], definition["languages"]))


def _speaks(texts: Texts, languages: Sequence[str]) -> bool:
    wanted = [text for unit, text in texts.items() if unit != LEAD or len(texts) == 1]
    return bool(wanted) and all(text.get(language) for text in wanted for language in languages)

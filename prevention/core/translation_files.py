"""Files for translators: XLIFF 1.2 and 2.0, and CSV. Written with what is there, read back whole or not at all.

Sources are Italian, with the English beside them as a note. Standards: XLIFF 1.2 (OASIS, 2008), XLIFF 2.0 (OASIS,
2014); what translation tools add to them (other elements and attributes) is left alone when reading. A unit without a
target is one that waits; a unit that we do not know, one that is there twice, one whose source has changed since, or
a translation that loses a placeholder refuses the file, with its row and unit.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from prevention.core.csv_reading import CsvTable, FileRefused, open_table

NS_12 = "urn:oasis:names:tc:xliff:document:1.2"
NS_20 = "urn:oasis:names:tc:xliff:document:2.0"
# Far above what an office translates, far below what troubles a server.
MOST_BYTES = 4 * 1024 * 1024
LONGEST_TEXT = 2000

COLUMNS = ("unit", "source_it", "source_en", "translation")

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class Format(StrEnum):
    """How a translation file is written."""

    XLIFF_12 = "xliff12"
    XLIFF_20 = "xliff20"
    CSV = "csv"


class TranslationFault(StrEnum):
    """Why a translation file is refused, beside what makes any CSV unreadable."""

    DAMAGED = "damaged"
    NOT_XLIFF = "not_xliff"
    OTHER_TEXT = "other_text"
    OTHER_LANGUAGE = "other_language"
    UNKNOWN_UNIT = "unknown_unit"
    UNIT_TWICE = "unit_twice"
    SOURCE_CHANGED = "source_changed"
    OTHER_PLACEHOLDERS = "other_placeholders"
    CONTROL_CHARACTERS = "control_characters"
    TOO_LONG = "too_long"
    NO_UNITS = "no_units"
    TOO_BIG = "too_big"


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What is to be translated: a name for the text, the language wanted, and each unit in Italian and English."""

    name: str
    language: str
    italian: Mapping[str, str]
    english: Mapping[str, str]

    def source(self, unit: str) -> str:
        """Give what a translator translates: the Italian, or the English where there is none."""
        return self.italian.get(unit) or self.english.get(unit, "")


@dataclass(frozen=True, slots=True)
class _Entry:
    row: int
    unit: str
    source: str | None
    target: str


def write_translation(work: Work, texts: Mapping[str, str], *, kind: Format) -> bytes:
    """Write a file with every unit and what there is of it in the language."""
    writers = {Format.XLIFF_12: _xliff_12, Format.XLIFF_20: _xliff_20, Format.CSV: _csv}
    return writers[kind](work, texts)


def _xliff_12(work: Work, texts: Mapping[str, str]) -> bytes:
    root = Element("xliff", {"xmlns": NS_12, "version": "1.2"})
    file = SubElement(
        root,
        "file",
        {
            "original": work.name, "source-language": "it", "target-language": work.language, "datatype": "plaintext",
        },
    )  # fmt: skip
    body = SubElement(file, "body")
    for unit in work.italian:
        entry = SubElement(body, "trans-unit", {"id": unit})
        SubElement(entry, "source").text = work.source(unit)
        if texts.get(unit):
            SubElement(entry, "target").text = texts[unit]
        SubElement(entry, "note", {"from": "english"}).text = work.english.get(unit, "")
    return _as_bytes(root)


def _xliff_20(work: Work, texts: Mapping[str, str]) -> bytes:
    root = Element("xliff", {"xmlns": NS_20, "version": "2.0", "srcLang": "it", "trgLang": work.language})
    file = SubElement(root, "file", {"id": "f1", "original": work.name})
    for number, unit in enumerate(work.italian, start=1):
        # Ids must be names of XML, which "options.B2.<1w" is not; the unit stands in `name`.
        entry = SubElement(file, "unit", {"id": f"u{number}", "name": unit})
        notes = SubElement(entry, "notes")
        SubElement(notes, "note", {"category": "english"}).text = work.english.get(unit, "")
        segment = SubElement(entry, "segment")
        SubElement(segment, "source").text = work.source(unit)
        if texts.get(unit):
            SubElement(segment, "target").text = texts[unit]
    return _as_bytes(root)


def _as_bytes(root: Element) -> bytes:
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _csv(work: Work, texts: Mapping[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for unit in work.italian:
        writer.writerow((unit, work.italian[unit], work.english.get(unit, ""), texts.get(unit, "")))
    # The mark of byte order tells a spreadsheet that this is UTF-8.
    return out.getvalue().encode("utf-8-sig")


def read_translation(content: bytes, work: Work, *, file_name: str) -> dict[str, str]:
    """Read a file that `write_translation` wrote and a translator filled in: unit to text, without those that wait.

    Raises:
        FileRefused: the file cannot be read or holds something else; names row and unit (in `column`).
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(TranslationFault.TOO_BIG, file_name=file_name)
    is_xml = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
    entries = _read_xliff(content, work, file_name) if is_xml else _read_csv(content, file_name)
    texts: dict[str, str] = {}
    seen: set[str] = set()
    for entry in entries:
        if entry.unit in seen:
            raise _refused(TranslationFault.UNIT_TWICE, entry, file_name)
        seen.add(entry.unit)
        _check(entry, work, file_name)
        if entry.target:
            texts[entry.unit] = entry.target
    if not seen:
        raise FileRefused(TranslationFault.NO_UNITS, file_name=file_name)
    return texts


def _check(entry: _Entry, work: Work, file_name: str) -> None:
    if entry.unit not in work.italian:
        raise _refused(TranslationFault.UNKNOWN_UNIT, entry, file_name, value=entry.unit)
    source = work.source(entry.unit)
    if entry.source is not None and entry.source != " ".join(source.split()):
        raise _refused(TranslationFault.SOURCE_CHANGED, entry, file_name, value=entry.source, expected=source)
    if len(entry.target) > LONGEST_TEXT:
        raise _refused(TranslationFault.TOO_LONG, entry, file_name, expected=str(LONGEST_TEXT))
    if _CONTROL.search(entry.target):
        raise _refused(TranslationFault.CONTROL_CHARACTERS, entry, file_name)
    wanted = sorted(_PLACEHOLDER.findall(work.english.get(entry.unit) or source))
    if entry.target and sorted(_PLACEHOLDER.findall(entry.target)) != wanted:
        raise _refused(
            TranslationFault.OTHER_PLACEHOLDERS, entry, file_name, value=entry.target, expected=", ".join(wanted)
        )


def _refused(
    fault: TranslationFault, entry: _Entry, file_name: str, *, value: str = "", expected: str = ""
) -> FileRefused:
    return FileRefused(
        fault, file_name=file_name, row=entry.row, column=entry.unit[:80], value=value, expected=expected
    )


def _read_csv(content: bytes, file_name: str) -> Iterator[_Entry]:
    table: CsvTable = open_table(io.BytesIO(content), file_name=file_name)
    unit, source, target = table.positions(("unit", "source_it", "translation"))
    for row, values in table.records:
        # An empty source is a unit that has no Italian; it is not compared.
        found = " ".join(values[source].split()) or None
        yield _Entry(row, values[unit].strip(), found, values[target].strip())


def _read_xliff(content: bytes, work: Work, file_name: str) -> Iterator[_Entry]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileRefused(TranslationFault.DAMAGED, file_name=file_name, value=type(error).__name__) from error
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (None, 0))[0]
        raise FileRefused(TranslationFault.DAMAGED, file_name=file_name, row=line, value=str(error)) from error
    if root.tag == f"{{{NS_12}}}xliff":
        yield from _entries_12(root, work, file_name)
    elif root.tag == f"{{{NS_20}}}xliff":
        yield from _entries_20(root, work, file_name)
    else:
        raise FileRefused(TranslationFault.NOT_XLIFF, file_name=file_name, value=str(root.tag))


def _entries_12(root: Element, work: Work, file_name: str) -> Iterator[_Entry]:
    number = 0
    for file in root.iter(f"{{{NS_12}}}file"):
        _check_head(file.get("original"), file.get("target-language"), work, file_name)
        for unit in file.iter(f"{{{NS_12}}}trans-unit"):
            number += 1
            yield _entry(number, unit.get("id", ""), unit, NS_12)


def _entries_20(root: Element, work: Work, file_name: str) -> Iterator[_Entry]:
    number = 0
    for file in root.iter(f"{{{NS_20}}}file"):
        _check_head(file.get("original"), root.get("trgLang"), work, file_name)
        for unit in file.iter(f"{{{NS_20}}}unit"):
            number += 1
            # A tool may have cut a unit into several segments: they are read one after the other.
            yield _entry(number, unit.get("name") or unit.get("id") or "", unit, NS_20)


def _check_head(original: str | None, language: str | None, work: Work, file_name: str) -> None:
    if original != work.name:
        raise FileRefused(TranslationFault.OTHER_TEXT, file_name=file_name, value=original or "", expected=work.name)
    if (language or "").split("-")[0].lower() != work.language:
        raise FileRefused(
            TranslationFault.OTHER_LANGUAGE, file_name=file_name, value=language or "", expected=work.language
        )


def _entry(number: int, unit: str, element: Element, namespace: str) -> _Entry:
    sources = [
        _words(one) for one in element.iter(f"{{{namespace}}}source") if not _is_alternative(element, one, namespace)
    ]
    targets = [
        _words(one) for one in element.iter(f"{{{namespace}}}target") if not _is_alternative(element, one, namespace)
    ]
    return _Entry(number, unit, " ".join(" ".join(sources).split()), " ".join(targets).strip())


def _is_alternative(unit: Element, one: Element, namespace: str) -> bool:
    """Say whether a text is a proposal of a translation memory, which is not the translation."""
    return any(one in list(proposal.iter()) for proposal in unit.iter(f"{{{namespace}}}alt-trans"))


def _words(element: Element) -> str:
    return "".join(element.itertext())

"""The figures in the formats that others work with: XLSX, SPSS, DDI Codebook 2.5, Frictionless data package. Pure.

All are written of the same rows (`figures.rows_of`), so none can say more than the CSV. SPSS files are written by
`pyreadstat`, workbooks by `xlsxwriter`; the codebook follows DDI Codebook 2.5 (DDI Alliance), the package the Tabular
Data Package and Table Schema 1.0 (specs.frictionlessdata.io).
"""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from prevention.core.i18n import Localised
from prevention.opendata.columns import CODED, HIDDEN, LABELS, MASKED, MISSING, TYPES
from prevention.opendata.figures import COLUMNS, Value, to_csv

DDI = "ddi:codebook:2_5"
_NUMBERS = ("answers", "estimate", "interval_low", "interval_high")
# A zip keeps the hour of each file; the same figures must give the same bytes.
_NO_HOUR = (2000, 1, 1, 0, 0, 0)

Row = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What the files say of the whole: `slug` names it in addresses, `home` is the page of the catalogue."""

    slug: str
    title: Localised
    publisher: Localised
    contact: str
    home: str
    licence: str
    modified: date


def to_xlsx(rows: Iterable[Row], about: About, *, language: str) -> bytes:
    """Write a workbook: the figures, and what the columns hold. No cell is a formula, whatever it begins with."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": ""}
    ) as book:
        book.set_properties({"title": about.title.text(language), "company": about.publisher.text(language)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        figures = book.add_worksheet("figures")
        figures.freeze_panes(1, 0)
        figures.set_column(0, len(COLUMNS) - 1, 16)
        figures.write_row(0, 0, COLUMNS, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, column in enumerate(COLUMNS):
                if row[column] is not None:
                    figures.write(last, place, row[column])
        figures.autofilter(0, 0, last, len(COLUMNS) - 1)
        columns = book.add_worksheet("columns")
        columns.set_column(0, 1, 48)
        columns.write_row(0, 0, ("column", about.title.text(language)), bold)
        for place, column in enumerate(COLUMNS, start=1):
            columns.write_row(place, 0, (column, LABELS[column].text(language)))
    return target.getvalue()


def to_sav(rows: Sequence[Row], about: About, *, language: str) -> bytes:
    """Write an SPSS file: labelled codes for what is one of a few, user-missing codes for what is not published."""
    import pandas as pd  # type: ignore[import-untyped]  # has no stubs
    import pyreadstat

    codes = {column: {code: number for number, code in enumerate(of, start=1)} for column, of in CODED.items()}
    frame = pd.DataFrame([_sav_row(row, codes) for row in rows], columns=list(COLUMNS))
    labels: dict[str, dict[int | float, str]] = {
        column: {codes[column][code]: words.text(language) for code, words in of.items()}
        for column, of in CODED.items()
    }
    labels |= {column: {code: words.text(language) for code, words in MISSING.items()} for column in _NUMBERS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.sav"
        pyreadstat.write_sav(
            frame,
            path,
            file_label=about.title.text(language)[:64],
            column_labels={column: LABELS[column].text(language) for column in COLUMNS},
            variable_value_labels=labels,
            missing_ranges={column: [HIDDEN, MASKED] for column in _NUMBERS},
        )
        return path.read_bytes()


def _sav_row(row: Row, codes: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for column in COLUMNS:
        value = row[column]
        if column in codes:
            plain[column] = codes[column].get(str(value)) if value is not None else None
        elif column in _NUMBERS and value is None and (row["suppressed"] or row["masked"]):
            plain[column] = HIDDEN if row["suppressed"] else MASKED
        elif isinstance(value, bool):
            plain[column] = int(value)
        elif value is None and TYPES.get(column) is None:
            plain[column] = ""
        else:
            plain[column] = value
    return plain


def to_ddi(rows: Sequence[Row], about: About, *, language: str) -> bytes:
    """Describe the file of figures as a DDI codebook: the study, the file, and each column with its codes."""
    ET.register_namespace("", DDI)
    book = ET.Element(f"{{{DDI}}}codeBook", {"version": "2.5", "{http://www.w3.org/XML/1998/namespace}lang": language})
    study = _add(book, "stdyDscr")
    citation = _add(study, "citation")
    titles = _add(citation, "titlStmt")
    _add(titles, "titl", about.title.text(language))
    _add(titles, "IDNo", f"{about.home}{about.slug}", agency=about.publisher.text(language))
    _add(_add(citation, "rspStmt"), "AuthEnty", about.publisher.text(language))
    produced = _add(citation, "prodStmt")
    _add(produced, "producer", about.publisher.text(language))
    _add(produced, "prodDate", about.modified.isoformat(), date=about.modified.isoformat())
    distributed = _add(citation, "distStmt")
    _add(distributed, "contact", about.contact, email=about.contact)
    info = _add(study, "stdyInfo")
    _add(info, "abstract", _ABSTRACT.text(language))
    summary = _add(info, "sumDscr")
    years = sorted({str(row["school_year"]) for row in rows})
    for year in years:
        _add(summary, "timePrd", year)
    _add(summary, "nation", "Italia", abbr="IT")
    _add(summary, "anlyUnit", _UNIT.text(language))
    _add(summary, "universe", _UNIVERSE.text(language))
    _add(summary, "dataKind", "aggregate data")
    use = _add(_add(study, "dataAccs"), "useStmt")
    _add(use, "conditions", about.licence)
    text = _add(_add(book, "fileDscr", ID="F1", URI=f"{about.home}{about.slug}/figures.csv"), "fileTxt")
    _add(text, "fileName", "figures.csv")
    sizes = _add(text, "dimensns")
    _add(sizes, "caseQnty", str(len(rows)))
    _add(sizes, "varQnty", str(len(COLUMNS)))
    _add(text, "fileType", "text/csv", charset="utf-8")
    data = _add(book, "dataDscr")
    for place, column in enumerate(COLUMNS, start=1):
        _describe(data, column, place, rows, language)
    return bytes(ET.tostring(book, encoding="utf-8", xml_declaration=True))


def _describe(data: ET.Element, column: str, place: int, rows: Sequence[Row], language: str) -> None:
    kind = "continuous" if TYPES.get(column) in ("number", "integer") else "discrete"
    variable = _add(
        data, "var", ID=f"V{place}", name=column, files="F1", intrvl="contin" if kind == "continuous" else "discrete"
    )
    _add(variable, "labl", LABELS[column].text(language))
    known = sum(row[column] is not None for row in rows)
    _add(variable, "sumStat", str(known), type="vald")
    _add(variable, "sumStat", str(len(rows) - known), type="invd")
    for code, words in CODED.get(column, {}).items():
        category = _add(variable, "catgry")
        _add(category, "catValu", code)
        _add(category, "labl", words.text(language))
    _add(variable, "varFormat", type="numeric" if kind == "continuous" else "character")


def _add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{DDI}}}{tag}", attributes)
    child.text = text
    return child


def to_package(rows: Sequence[Row], about: About, *, language: str) -> bytes:
    """Write a data package: a zip of the figures, their description for machines, and the codebook."""
    figures, codebook = to_csv(rows), to_ddi(rows, about, language=language)
    described = json.dumps(describe(figures, codebook, about, language=language), ensure_ascii=False, indent=1).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in (("datapackage.json", described), ("figures.csv", figures), ("codebook.xml", codebook)):
            packed.writestr(zipfile.ZipInfo(name, date_time=_NO_HOUR), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def describe(figures: bytes, codebook: bytes, about: About, *, language: str) -> dict[str, Any]:
    """Describe a data package: its files with size and hash, and the figures' columns with type and meaning."""
    return {
        "profile": "tabular-data-package",
        "name": f"figures-{about.slug}",
        "title": about.title.text(language),
        "homepage": about.home,
        "created": f"{about.modified.isoformat()}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": about.licence, "title": "Creative Commons Attribution 4.0"}],
        "contributors": [{"title": about.publisher.text(language), "email": about.contact, "role": "publisher"}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "figures",
                "path": "figures.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **_fingerprint(figures),
                "schema": {
                    "fields": [_field(column, language) for column in COLUMNS],
                    "missingValues": [""],
                },
            },
            {
                "profile": "data-resource",
                "name": "codebook",
                "path": "codebook.xml",
                "format": "xml",
                "mediatype": "application/xml",
                **_fingerprint(codebook),
            },
        ],
    }


def _fingerprint(body: bytes) -> dict[str, Any]:
    return {"bytes": len(body), "hash": f"sha256:{hashlib.sha256(body).hexdigest()}"}


def _field(column: str, language: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column,
        "type": TYPES.get(column, "string"),
        "title": LABELS[column].text(language),
    }
    if field["type"] == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column in CODED:
        field["constraints"] = {"enum": list(CODED[column])}
    return field


_ABSTRACT = Localised(
    it="Indicatori su uso di sostanze, gioco d'azzardo, schermi e fattori protettivi tra gli alunni, da questionari "
    "anonimi. Solo tabelle protette: nessuna riga riguarda un alunno, una classe o una scuola.",
    en="Indicators of substance use, gambling, screens and protective factors among pupils, from anonymous "
    "questionnaires. Protected tables only: no row is about a pupil, a class or a school.",
)
_UNIT = Localised(it="Gruppo di alunni", en="Group of pupils")
_UNIVERSE = Localised(
    it="Alunni delle classi che hanno partecipato alla rilevazione", en="Pupils of the classes that took part"
)

"""The figures as workbook, SPSS file, codebook and data package: read back, they say what the CSV says."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pyreadstat
import pytest

from prevention.core.i18n import Localised
from prevention.indicators.published import Dimension, Reason
from prevention.opendata.columns import CODED, LABELS, TYPES
from prevention.opendata.figures import COLUMNS
from prevention.opendata.formats import DDI
from tests.factories.published import hidden_cell, make_table, masked_cell, publish, shown_cell
from tests.support.http import Client

YEAR = "/opendata/2026-27"
NAMES = {"d": DDI}


@pytest.fixture
def published(client: Client) -> Client:
    """A reader of figures: one ordinary, one hidden, one masked, and one whose name looks like a formula."""
    publish(
        make_table(
            shown_cell("female"), hidden_cell("male", reason=Reason.ONE_CLASS), masked_cell("other", text="<5"),
            dimension=Dimension.SEX,
        ),
        make_table(indicator_id="I03", name=Localised(it="=1+1", en="=1+1")),
    )  # fmt: skip
    return client


def test_every_column_has_words_and_every_code_too() -> None:
    assert set(COLUMNS) == set(LABELS)
    assert set(TYPES) <= set(COLUMNS)
    assert {str(one) for one in Dimension} == set(CODED["dimension"])
    assert {str(one) for one in Reason} == set(CODED["reason"])


def test_the_workbook_holds_the_rows_and_no_formula(published: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(published.get(f"{YEAR}/figures.xlsx").data))

    rows = list(book["figures"].iter_rows(values_only=True))
    assert COLUMNS == rows[0]
    assert 4 == len(rows) - 1
    assert 0.18 == rows[1][COLUMNS.index("estimate")]
    assert rows[2][COLUMNS.index("estimate")] is None
    cell = book["figures"].cell(row=5, column=COLUMNS.index("name_it") + 1)
    assert ("=1+1", "s") == (cell.value, cell.data_type)


def test_the_spss_file_is_read_back_with_labels_and_user_missing_codes(published: Client, tmp_path: Path) -> None:
    path = tmp_path / "figures.sav"
    path.write_bytes(published.get(f"{YEAR}/figures.sav").data)

    frame, meta = pyreadstat.read_sav(path, user_missing=True)

    assert [0.18, -99.0, -98.0, 0.18] == frame["estimate"].tolist()
    assert "Non pubblicato" == meta.variable_value_labels["estimate"][-99.0]
    assert {-99.0, -98.0} == {end for one in meta.missing_ranges["estimate"] for end in (one["lo"], one["hi"])}
    assert "Stima arrotondata" == meta.column_names_to_labels["estimate"]
    assert ["Per sesso"] * 3 + ["Tutti"] == [
        meta.variable_value_labels["dimension"][code] for code in frame["dimension"]
    ]
    plain, _meta = pyreadstat.read_sav(path)
    assert 2 == plain["estimate"].isna().sum()


def test_the_codebook_describes_the_study_the_file_and_every_column(published: Client) -> None:
    book = ET.fromstring(published.get(f"{YEAR}/codebook.xml").data)  # our own

    assert (f"{{{DDI}}}codeBook", "2.5") == (book.tag, book.attrib["version"])
    # The order that the schema asks for.
    assert ["stdyDscr", "fileDscr", "dataDscr"] == [child.tag.rpartition("}")[2] for child in book]
    assert book.findtext("d:stdyDscr/d:citation/d:titlStmt/d:titl", namespaces=NAMES)
    assert ["citation", "stdyInfo", "dataAccs"] == [
        child.tag.rpartition("}")[2] for child in book.findall("d:stdyDscr/*", NAMES)
    ]
    assert ("4", str(len(COLUMNS))) == (
        book.findtext("d:fileDscr/d:fileTxt/d:dimensns/d:caseQnty", namespaces=NAMES),
        book.findtext("d:fileDscr/d:fileTxt/d:dimensns/d:varQnty", namespaces=NAMES),
    )
    variables = book.findall("d:dataDscr/d:var", NAMES)
    assert list(COLUMNS) == [one.attrib["name"] for one in variables]
    assert len(variables) == len({one.attrib["ID"] for one in variables})
    reasons = variables[COLUMNS.index("reason")].findall("d:catgry/d:catValu", NAMES)
    assert [str(one) for one in Reason] == [one.text for one in reasons]


def test_the_package_holds_what_its_description_says(published: Client) -> None:
    packed = zipfile.ZipFile(io.BytesIO(published.get(f"{YEAR}/package.zip").data))

    described = json.loads(packed.read("datapackage.json"))
    assert "tabular-data-package" == described["profile"]
    for resource in described["resources"]:
        body = packed.read(resource["path"])
        assert (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}") == (resource["bytes"], resource["hash"])
    assert list(COLUMNS) == [field["name"] for field in described["resources"][0]["schema"]["fields"]]
    assert packed.read("figures.csv") == published.get(f"{YEAR}/figures.csv").data


def test_the_same_figures_give_the_same_package(published: Client) -> None:
    assert published.get(f"{YEAR}/package.zip").data == published.get(f"{YEAR}/package.zip").data


@pytest.mark.parametrize("file", ["figures.xlsx", "figures.sav", "codebook.xml", "package.zip"])
def test_a_year_without_figures_has_no_file(client: Client, file: str) -> None:
    assert 404 == client.get(f"{YEAR}/{file}").status_code

"""Every way in which pupils' answers leave the house, on a district of extreme classes: none says what it must not."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import openpyxl
import pyreadstat
import pytest
from flask import Flask
from flask_babel import force_locale

from prevention.core import clock
from prevention.core.db import db
from prevention.core.pdf import Attachment
from prevention.indicators.crossings import key_of
from prevention.indicators.policy import policy
from prevention.indicators.tasks import release_next_cube, seal_next_closed_wave
from prevention.opendata.columns import CODED
from prevention.opendata.formats import DDI
from prevention.reports import papers, service
from prevention.schools.rules import Track
from prevention.surveys.service import published_questionnaire
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.indicators import few_questions, made_up_answers, put_answers
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.factories.surveys import make_wave
from tests.support.http import Client

YEAR = "2026-27"
# Who drank in life, past year, past month.
DRANK = {"I09": "C1", "I10": "C2", "I11": "C3"}
# Kind of school; of each class: grade, pupils, how many of them drank.
DISTRICT: tuple[tuple[Track, tuple[tuple[int, int, int], ...]], ...] = (
    (Track.LICEO, ((1, 24, 24), (2, 24, 0), (3, 22, 11))),
    (Track.TECNICO, ((1, 22, 9), (2, 21, 20), (3, 24, 24))),
    # One class, and one of few.
    (Track.PROFESSIONALE, ((1, 9, 9),)),
    (Track.LICEO, ((1, 25, 12), (2, 22, 21), (4, 20, 0))),
    (Track.TECNICO, ((5, 8, 0), (3, 23, 2))),
)
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


class Truth:
    """What everybody said: per pupil their class, its school, grade and track, their sex, and whether they drank."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.class_labels: set[str] = set()

    def holds(self, dimension: str, group: str, indicator: str) -> tuple[int, int, int]:
        """Count the valid answers of a published group, those who drank, and the classes."""
        found = [row for row in self.rows if row[DRANK[indicator]] is not None and _is_in(row, dimension, group)]
        return len(found), sum(row[DRANK[indicator]] for row in found), len({row["class"] for row in found})


def _is_in(row: dict[str, Any], dimension: str, group: str) -> bool:
    grade = f"secondo_grado-{row['grade']}"
    if dimension == "cube":
        sex, of_grade, track = key_of(group)
        return sex in (None, "", row["sex"]) and of_grade in (None, "", grade) and track in (None, "", row["track"])
    known = {
        "all": "all", "level": "secondo_grado", "sex": row["sex"], "grade": grade, "track": row["track"],
        "sex_grade": f"{row['sex']}:{grade}", "municipality": row["municipality"], "school": row["school"],
    }  # fmt: skip
    return bool(known[dimension] == group)


@pytest.fixture
def truth(app: Flask) -> Truth:
    """Seal a district of extreme classes, release its crossings, and give what everybody said."""
    truth, rng = Truth(), Random(4)
    questionnaire_id = few_questions()
    made = []
    for track, classes in DISTRICT:
        site = make_site(track=track)
        for grade, pupils, drank in classes:
            made.append((make_school_class(site=site, grade=grade, pupils=pupils), drank))
    wave = make_wave(*(one for one, _drank in made), status=WaveStatus.CLOSED, questionnaire_id=questionnaire_id)
    questionnaire = published_questionnaire(questionnaire_id)
    in_wave = {one.school_class_id: one.id for one in wave.classes}
    for school_class, drank in made:
        truth.class_labels.add(school_class.label)
        for pupil in range(school_class.pupils or 0):
            is_yes, sex = pupil < drank, ("female", "male")[pupil % 2]
            said = dict.fromkeys(DRANK.values(), "1-2" if is_yes else "0")
            basics = {"T0": "yes", "A1": sex, "A2": "2010", "Q1": "yes"}
            put_answers(wave, in_wave[school_class.id], {**made_up_answers(questionnaire, rng), **said, **basics})
            truth.rows.append(
                {
                    **dict.fromkeys(DRANK.values(), is_yes),
                    "class": school_class.id,
                    "grade": school_class.grade,
                    "sex": sex,
                    "school": school_class.site.code,
                    "track": str(school_class.site.track),
                    "municipality": school_class.site.municipality.istat_code,
                }
            )
    db.session.commit()
    assert seal_next_closed_wave()
    assert release_next_cube()
    return truth


def check(truth: Truth, row: dict[str, Any]) -> None:
    """Look at one published figure: it may be there, and does not say all or nobody."""
    dimension, group, indicator = str(row["dimension"]), str(row["group"]), str(row["indicator"])
    assert dimension != "class"
    if indicator not in DRANK:
        return
    n, drank, classes = truth.holds(dimension, group, indicator)
    estimate, masked = row["estimate"] or None, row["masked"] or None
    if estimate is None and masked is None:
        assert not row["answers"], row
        return
    stands_alone = dimension in ("all", "school")
    assert n >= (policy().answers_school if stands_alone else policy().answers), row
    assert classes >= policy().classes, row
    if estimate is not None:
        assert 0 < float(estimate) < 1, row
        if dimension != "cube":
            assert min(drank, n - drank) >= policy().small_number, row
    else:
        assert re.fullmatch(r"[<>]\d+", str(masked)), row


def structured(client: Client, folder: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Read every file that holds figures as rows with the names of the open data."""
    base = f"/opendata/{YEAR}"
    for name in ("figures", "cube"):
        yield f"{name}.csv", list(csv.DictReader(io.StringIO(client.get(f"{base}/{name}.csv").get_data(as_text=True))))
    yield "figures.json", json.loads(client.get(f"{base}/figures.json").data)["figures"]
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{base}/package.zip").data))
    [inner] = [name for name in archive.namelist() if name.endswith(".csv")]
    yield "package", list(csv.DictReader(io.StringIO(archive.read(inner).decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{base}/figures.xlsx").data), read_only=True)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    yield "figures.xlsx", [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
    path = folder / "figures.sav"
    path.write_bytes(client.get(f"{base}/figures.sav").data)
    frame, _about = pyreadstat.read_sav(path, output_format="dict")
    columns = [_decoded(name, values) for name, values in frame.items()]
    yield "figures.sav", [dict(zip(frame, row, strict=True)) for row in zip(*columns, strict=True)]


def _decoded(name: str, values: Any) -> list[Any]:
    """Write a column of SPSS with the codes of the other files."""
    codes = list(CODED.get(name, ()))
    plain = [_plain(value) for value in values]
    return [codes[int(value) - 1] if codes and value is not None else value for value in plain]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


# How a share is written. An interval may end there ("tra 57 e 100 su 100"); a figure may not.
ALL_OR_NOBODY = re.compile(r"(?<![\d.,])(?<!\be )(0|100)(?: |&nbsp;|\xa0)(su|in)(?: |&nbsp;|\xa0)100\b")


def test_no_output_says_all_or_nobody_of_anybody_nor_a_class_nor_a_few(
    truth: Truth, client: Client, tmp_path: Any
) -> None:
    seen = 0
    for name, rows in structured(client, tmp_path):
        assert rows, name
        for row in rows:
            check(truth, row)
            seen += bool(row["estimate"])
    assert seen > 50

    for address in pages(client):
        text = client.page(address).select_one("main").get_text(" ")
        assert ALL_OR_NOBODY.search(text) is None, (address, ALL_OR_NOBODY.search(text))
        for label in truth.class_labels:
            assert re.search(rf"\b{re.escape(label)}\b", text) is None, (address, label)


def pages(client: Client) -> Iterator[str]:
    """List the pages of figures: every indicator, every group that is offered."""
    first = client.page("/figures/")
    indicators = [str(one["value"]) for one in first.select("select[name=indicator] option")]
    groups = [str(one["value"]) for one in first.select("select[name=group] option")]
    yield from (f"/figures/?indicator={one}" for one in indicators)
    yield from (f"/figures/?indicator={indicators[0]}&group={one}" for one in groups)
    yield "/figures/profile/"


def test_no_file_of_one_indicator_says_more_than_its_page(truth: Truth, client: Client) -> None:
    for indicator in DRANK:
        address = f"/figures/?indicator={indicator}&format="
        text = client.get(f"{address}csv").data.decode("utf-8-sig")
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}xlsx").data), read_only=True)
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        tables: list[list[list[Any]]] = [list(csv.reader(io.StringIO(text))), cells]
        for head, *rows in tables:
            assert 16 == len(head)
            for row in rows:
                estimate, masked, answers = (row[place] or None for place in (8, 11, 12))
                assert estimate is None or 0 < float(str(estimate)) < 1
                assert (estimate or masked) or not answers
                assert not answers or int(str(answers)) >= policy().answers


def test_the_codebook_describes_columns_and_counts_nobody(truth: Truth, client: Client) -> None:
    """DDI has places for how many gave which answer, and for means: filled is only how many lines have a value."""
    book = ET.fromstring(client.get(f"/opendata/{YEAR}/codebook.xml").data)  # our own

    elements = {one.tag.rpartition("}")[2] for one in book.iter()}
    assert "var" in elements
    assert elements.isdisjoint({"catStat", "valrng", "range"})
    assert {"vald", "invd"} == {one.attrib["type"] for one in book.iter(f"{{{DDI}}}sumStat")}
    text = " ".join(book.itertext())
    assert ALL_OR_NOBODY.search(text) is None
    for label in truth.class_labels:
        assert re.search(rf"\b{re.escape(label)}\b", text) is None, label


# The columns of a paper's table of published results, by the names of the open data.
ATTACHED = {
    "dimension": "dimension",
    "domain": "group",
    "indicator": "indicator",
    "share": "estimate",
    "coded": "masked",
}


def check_attached(truth: Truth, paper: papers.Paper, attachments: Sequence[Attachment]) -> int:
    """Look at the values that lie inside a paper; give how many figures there are."""
    inside = {one.name: one.content.decode() for one in attachments}
    # A school's own paper does not say again whom its rows are about.
    of_school = {"dimension": "school", "domain": paper.scope}
    rows = [
        {**{name: (of_school | row)[column] for column, name in ATTACHED.items()}, "answers": row["n_valid"]}
        for row in csv.DictReader(io.StringIO(inside["survey.csv"]))
    ]
    for row in rows:
        check(truth, row)
    if "figures.json" in inside:
        check_hidden(inside["figures.json"])
    return sum(bool(row["estimate"]) for row in rows)


def check_hidden(figures: str) -> None:
    hidden = [cell for table in json.loads(figures)["tables"] for cell in table["cells"] if not cell["shown"]]
    assert hidden
    for cell in hidden:
        assert {None} == {cell.get(name) for name in ("n_valid", "share", "low", "high", "text")}, cell


def test_no_paper_says_all_or_nobody_of_pupils(truth: Truth, app: Flask) -> None:
    figures = service.figures_of(SCHOOL_YEAR, today=clock.today())
    schools = {row["school"] for row in truth.rows}
    wanted = [papers.Paper(kind=papers.Kind.IMPACT, language="it")]
    wanted += [papers.Paper(kind=papers.Kind.SCHOOL, scope=code, language="it") for code in sorted(schools)]
    written: dict[str, str] = {}
    attached = 0
    with app.test_request_context():
        for paper in wanted:
            try:
                page = papers.page(figures, paper)
            except papers.NoSuchPaper:
                continue
            written[str(paper)] = page.html
            if page.attachments:
                attached += check_attached(truth, paper, page.attachments)
        # The report as a page of the site is made of values of its own.
        with force_locale("it"):
            written["twin"] = papers.twin_article(figures, language="it")
    assert attached > 20
    for paper_name, html in written.items():
        for match in ALL_OR_NOBODY.finditer(html):
            raise AssertionError((paper_name, html[max(match.start() - 80, 0) : match.end() + 40]))

"""LimeSurvey structure files, old and new: kept, mapped, dropped line by line, or refused with the table and row."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from prevention.surveys.exchange.importing import Imported, ImportRefused, Outcome, Why
from prevention.surveys.exchange.limesurvey import read_lss
from prevention.surveys.questionnaire import parse
from prevention.surveys.rules import Kind, Questionnaire

Rows = list[dict[str, Any]]


def lss(*, languages: tuple[str, ...] = ("it", "en"), **tables: Rows) -> bytes:
    """Give a structure file with these tables."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>"]
    parts.append("<languages>" + "".join(f"<language>{one}</language>" for one in languages) + "</languages>")
    for table, rows in tables.items():
        cells = "".join(
            "<row>" + "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in row.items()) + "</row>"
            for row in rows
        )
        parts.append(f"<{table}><rows>{cells}</rows></{table}>")
    return ("".join(parts) + "</document>").encode()


def question(qid: int, kind: str, title: str, **values: Any) -> dict[str, Any]:
    return {
        "qid": qid,
        "parent_qid": 0,
        "sid": 9,
        "gid": 1,
        "type": kind,
        "title": title,
        "question_order": qid,
        **values,
    }


def texts(**by_qid: str) -> Rows:
    return [
        {"qid": qid[1:], "question": f"{text} {language}", "language": language}
        for qid, text in by_qid.items()
        for language in ("it", "en")
    ]


def read(content: bytes) -> Imported:
    return read_lss(content, file_name="survey.lss")


def parsed(found: Imported) -> Questionnaire:
    return parse({**found.definition, "published_on": "2026-09-01"})


def whys(found: Imported, outcome: Outcome) -> dict[str, list[Why | None]]:
    names: dict[str, list[Why | None]] = {}
    for line in found.lines:
        if line.outcome is outcome:
            names.setdefault(line.name, []).append(line.why)
    return names


GROUPS = [{"gid": 1, "sid": 9, "group_order": 1, "grelevance": ""}]
TITLE = [{"surveyls_title": "Prova", "surveyls_language": "it"}, {"surveyls_title": "Trial", "surveyls_language": "en"}]


def test_the_question_types_are_taken_in_or_reported() -> None:
    kinds = dict(zip("abcdefghijklmnopqrstuv", "LYG5MF:STXN*|DRI!PAKEO", strict=True))
    questions = [question(place, kind, f"q{name}") for place, (name, kind) in enumerate(kinds.items(), start=10)]
    qid = {row["title"]: row["qid"] for row in questions}
    parts = [
        {
            "qid": 900 + n,
            "parent_qid": qid[title],
            "sid": 9,
            "gid": 1,
            "type": "T",
            "title": f"S{n}",
            "question_order": n,
        }
        for n, title in enumerate(["qe", "qe", "qf", "qf", "qr", "qs", "qt", "qu"])
    ]
    answers = [
        {"aid": n, "qid": qid[title], "code": code, "sortorder": n, "scale_id": 0}
        for n, (title, code) in enumerate([(t, c) for t in ("qa", "qf", "qq", "qv") for c in ("A1", "A2")])
    ]
    content = lss(
        groups=GROUPS,
        group_l10ns=[{"gid": 1, "group_name": "Gruppo", "language": one} for one in ("it", "en")],
        questions=questions + parts,
        question_l10ns=texts(**{f"q{row['qid']}": row["title"] for row in questions + parts}),
        answers=answers,
        answer_l10ns=[
            {"aid": row["aid"], "answer": f"{row['code']} {language}", "language": language}
            for row in answers for language in ("it", "en")
        ],
        question_attributes=[
            {"qid": qid["qk"], "attribute": f"{end}_num_value_n", "value": value}
            for end, value in (("min", 0), ("max", 24))
        ],
        surveys_languagesettings=TITLE,
    )  # fmt: skip

    found = read(content)
    questionnaire = parsed(found)

    assert "Prova" == questionnaire.title["it"]
    assert {"A1", "A2"} == questionnaire.item("qa").values == questionnaire.item("qq").values
    assert "A1 it" == questionnaire.item("qa").options[0].text["it"]
    assert {"Y", "N"} == questionnaire.item("qb").values
    assert {"F", "M"} == questionnaire.item("qc").values
    assert {"1", "2", "3", "4", "5"} == questionnaire.item("qd").values == questionnaire.item("qs_S5").values
    assert Kind.MULTIPLE is questionnaire.item("qe").kind
    assert {"S0", "S1"} == questionnaire.item("qe").values
    assert ["qf_S2", "qf_S3"] == [item.code for item in questionnaire.items if item.group == "qf"]
    assert "qf en" == questionnaire.item("qf_S2").lead["en"]
    assert "S2 en" == questionnaire.item("qf_S2").text["en"]
    assert (0, 24) == (questionnaire.item("qk").minimum, questionnaire.item("qk").maximum)
    assert {"I", "S", "D"} == questionnaire.item("qu_S7").values
    assert {
        "qg": [Why.GRID_OF_VALUES], "qh": [Why.FREE_TEXT], "qi": [Why.FREE_TEXT], "qj": [Why.NOTE],
        "ql": [Why.CALCULATION], "qm": [Why.PLACE_OR_FILE], "qn": [Why.DATE_OR_TIME], "qo": [Why.RANKING],
        "qp": [Why.METADATA], "qr": [Why.COMMENT], "qv": [Why.COMMENT],
    } == whys(found, Outcome.DROPPED)  # fmt: skip


def test_relevance_equations_become_routing() -> None:
    questions = [
        question(1, "Y", "A", mandatory="Y"),
        question(2, "M", "M"),
        question(3, "Y", "B", relevance='((A.NAOK == "Y"))'),
        question(4, "Y", "C", relevance='((M_x.NAOK == "Y"))'),
        question(5, "Y", "D", relevance='!is_empty(A.NAOK) and 9X1X3 == "N"'),
        question(6, "Y", "E", relevance="count(that.M.NAOK) > 1"),
        {"qid": 20, "parent_qid": 2, "sid": 9, "gid": 1, "type": "T", "title": "x", "question_order": 1},
    ]
    content = lss(
        groups=GROUPS,
        questions=questions,
        question_l10ns=texts(q1="A", q2="M", q3="B", q4="C", q5="D", q6="E", q20="x"),
        surveys_languagesettings=TITLE,
    )  # fmt: skip

    found = read(content)
    questionnaire = parsed(found)

    assert ({"A": frozenset("Y")},) == questionnaire.item("B").asked_if
    assert ({"M": frozenset("x")},) == questionnaire.item("C").asked_if
    assert ({"A": frozenset("YN"), "B": frozenset("N")},) == questionnaire.item("D").asked_if
    assert {"E": [Why.CONDITION]} == whys(found, Outcome.DROPPED)
    assert [Why.NEVER_REQUIRED] == whys(found, Outcome.MAPPED)["A"]


def test_an_old_file_with_texts_beside_codes_is_read() -> None:
    both = [
        {**question(1, "L", "A", question=f"<p>Fumi? {language}</p>", language=language)} for language in ("it", "en")
    ]
    content = lss(
        groups=[{"gid": 1, "group_name": f"G {one}", "group_order": 1, "language": one} for one in ("it", "en")],
        questions=both,
        answers=[
            {"qid": 1, "code": "x|y", "answer": f"Sì {one}", "sortorder": 1, "language": one, "scale_id": 0}
            for one in ("it", "en")
        ],
        surveys_languagesettings=TITLE,
    )

    questionnaire = parsed(read(content))

    assert "Fumi? en" == questionnaire.item("A").text["en"]
    assert {"x_y"} == questionnaire.item("A").values, "a bar parts the answers of a sealed file"
    assert "Sì it" == questionnaire.item("A").options[0].text["it"]


def test_a_language_that_nobody_here_reads_is_reported() -> None:
    content = lss(
        languages=("it", "et"), groups=GROUPS, questions=[question(1, "Y", "A")], question_l10ns=texts(q1="A")
    )

    assert {"et": [Why.LANGUAGE]} == whys(read(content), Outcome.DROPPED)


def test_a_real_file_with_nothing_but_free_text_is_refused(shared_data: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        read((shared_data / "questionnaires" / "survey-one-question-two-languages.lss").read_bytes())

    assert Why.NOTHING_LEFT is refused.value.why


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><document>&b;</document>"""


@pytest.mark.parametrize(
    ("content", "why", "place"),
    [
        (b"", Why.BROKEN, "line:1"),
        (b"<document><groups>\n</document>", Why.BROKEN, "line:2"),
        (BOMB, Why.DANGEROUS, ""),
        (b"<html/>", Why.NO_SURVEY, ""),
        (b"<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", Why.NO_SURVEY, ""),
        (
            lss(groups=GROUPS, questions=[question(1, "Y", "A"), {"qid": 2, "gid": 1, "title": "B"}]),
            Why.MISSING_FIELD,
            "questions:2",
        ),
        (lss(groups=GROUPS, questions=[{"gid": 1}]), Why.MISSING_FIELD, "questions:1"),
        (lss(groups=GROUPS, questions=[question(1, "Y", "A")], answers=[{"qid": 1}]), Why.MISSING_FIELD, "answers:1"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_the_place(content: bytes, why: Why, place: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(content)

    assert (why, place) == (refused.value.why, refused.value.place)

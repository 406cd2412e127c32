"""The tables of a LimeSurvey structure file, by what belongs to what. What they mean is `limesurvey.py`'s.

An old file has texts beside codes, one row for each language; a new one has them apart, in tables ending in `_l10ns`.
A damaged or dangerous file is refused with its line, a row without what it needs with its table and number.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from prevention.surveys.exchange.importing import (
    LONGEST_TEXT,
    MOST_BYTES,
    Draft,
    Outcome,
    Why,
    language_code,
    plain_text,
)

Row = Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class Tables:
    """The tables of a file, by what belongs to what; texts are by language."""

    languages: list[str]
    groups: list[Row] = field(default_factory=list)
    questions: dict[str, list[Row]] = field(default_factory=dict)
    subquestions: dict[str, list[Row]] = field(default_factory=dict)
    answers: dict[str, list[Row]] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def text(self, table: str, key: str) -> dict[str, str]:
        """Give the texts of one row."""
        return self.texts.get((table, key), {})


def read_tables(content: bytes, draft: Draft) -> Tables:
    """Read the file into its tables; a language that nobody here speaks is noted.

    Raises:
        ImportRefused: it is no such file, is damaged, too big or dangerous, or a row lacks what it needs.
    """
    return _tables(_root(content, draft), draft)


def _root(content: bytes, draft: Draft) -> Element:
    if len(content) > MOST_BYTES:
        raise draft.refuse(Why.TOO_BIG)
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise draft.refuse(Why.DANGEROUS, value=type(error).__name__) from error
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise draft.refuse(Why.BROKEN, place=f"line:{line}" if line else "", value=str(error)) from error
    if root.tag != "document" or "survey" not in (root.findtext("LimeSurveyDocType") or "").strip().lower():
        raise draft.refuse(Why.NO_SURVEY, value=root.tag)
    return root


def _tables(root: Element, draft: Draft) -> Tables:
    tables = Tables(languages=[one.text or "" for one in root.iterfind("languages/language")])
    unknown = [one for one in tables.languages if language_code(one) is None]
    for one in unknown:
        draft.note(Outcome.DROPPED, "languages", one, Why.LANGUAGE)
    seen: set[str] = set()
    for group in sorted(_rows(root, "groups"), key=lambda row: number_in(row.get("group_order"))):
        gid = _needed(group, "gid", "groups", draft)
        _add_text(tables, "group", gid, group, "group_name", draft)
        if gid not in seen:
            seen.add(gid)
            tables.groups.append(group)
    for number, row in enumerate(_rows(root, "group_l10ns"), start=1):
        _add_text(tables, "group", _needed(row, "gid", "group_l10ns", draft, number), row, "group_name", draft)
    _read_questions(root, tables, draft)
    _read_answers(root, tables, draft)
    for row in _rows(root, "question_attributes"):
        if row.get("attribute") and row.get("value"):
            tables.attributes.setdefault((row.get("qid", ""), row["attribute"]), row["value"])
    for row in _rows(root, "surveys_languagesettings"):
        _add_text(tables, "survey", "title", row, "surveyls_title", draft, language="surveyls_language")
    return tables


def _read_questions(root: Element, tables: Tables, draft: Draft) -> None:
    questions: dict[str, list[Row]] = defaultdict(list)
    subquestions: dict[str, list[Row]] = defaultdict(list)
    seen: set[str] = set()
    for table in ("questions", "subquestions"):
        for number, row in enumerate(_rows(root, table), start=1):
            qid = _needed(row, "qid", table, draft, number)
            _add_text(tables, "question", qid, row, "question", draft)
            _add_text(tables, "help", qid, row, "help", draft)
            if qid in seen:
                continue
            seen.add(qid)
            parent = row.get("parent_qid") or "0"
            _needed(row, "title", table, draft, number)
            if parent == "0":
                _needed(row, "type", table, draft, number)
                questions[row.get("gid", "")].append(row)
            else:
                subquestions[parent].append(row)
    for number, row in enumerate(_rows(root, "question_l10ns"), start=1):
        qid = _needed(row, "qid", "question_l10ns", draft, number)
        _add_text(tables, "question", qid, row, "question", draft)
        _add_text(tables, "help", qid, row, "help", draft)
    tables.questions, tables.subquestions = dict(questions), dict(subquestions)
    known = {group.get("gid", "") for group in tables.groups}
    for gid in questions.keys() - known:
        tables.groups.append({"gid": gid})


def _read_answers(root: Element, tables: Tables, draft: Draft) -> None:
    answers: dict[str, list[Row]] = defaultdict(list)
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(_rows(root, "answers"), start=1):
        qid, code = (_needed(row, key, "answers", draft, number) for key in ("qid", "code"))
        key = (qid, code, row.get("scale_id") or "0")
        _add_text(tables, "answer", "/".join(key), row, "answer", draft)
        if row.get("aid"):
            tables.texts.setdefault(("answer_id", row["aid"]), tables.texts.setdefault(("answer", "/".join(key)), {}))
        if key not in seen:
            seen.add(key)
            answers[qid].append(row)
    for row in _rows(root, "answer_l10ns"):
        language = language_code(row.get("language", ""))
        if language and ("answer_id", row.get("aid", "")) in tables.texts:
            tables.texts["answer_id", row["aid"]][language] = plain_text(row.get("answer"))
    tables.answers = dict(answers)


def _rows(root: Element, table: str) -> Iterator[dict[str, str]]:
    for row in root.iterfind(f"{table}/rows/row"):
        yield {cell.tag: (cell.text or "").strip() for cell in row}


def _needed(row: Row, key: str, table: str, draft: Draft, number: int = 0) -> str:
    value = row.get(key)
    if not value:
        raise draft.refuse(Why.MISSING_FIELD, place=f"{table}:{number}" if number else table, value=key)
    return value


def _add_text(
    tables: Tables, table: str, key: str, row: Row, column: str, draft: Draft, *, language: str = "language"
) -> None:
    if column not in row:
        return
    code = language_code(row[language]) if row.get(language) else draft.language
    text = plain_text(row[column])
    if len(text) > LONGEST_TEXT:
        raise draft.refuse(Why.LONG_TEXT, place=f"{table}:{key}", value=text[:60])
    if code and text:
        tables.texts.setdefault((table, key), {})[code] = text


def number_in(text: str | None) -> int:
    """Give a whole number, 0 for what is none."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0


def place_of(row: Row) -> int:
    """Give the place of a question among its siblings."""
    return number_in(row.get("question_order"))

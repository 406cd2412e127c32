"""Reading a LimeSurvey structure file (.lss): an XML dump of tables, old (texts beside codes) or new (texts apart).

Types are the one-letter codes of LimeSurvey's manual (Question types, read 2026-11-27). A grid becomes one item per
row, which share a lead: a row of radio buttons is one question, and no grid is ever shown here. What waits for free
text, files, dates, rankings or numbers in a grid is left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from prevention.surveys.exchange.conditions import NO_ROUTING, Named, NotSayable, Routing, both, routing_of
from prevention.surveys.exchange.importing import (
    DECLINES,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_OPTIONS,
    Draft,
    Imported,
    Outcome,
    Why,
    item_of,
    language_code,
    option_code,
    plain_text,
)
from prevention.surveys.exchange.xlsform_reading import USUAL_RANGE, WIDEST_RANGE

_DROPPED = {
    **dict.fromkeys("STUQ;", Why.FREE_TEXT),
    "X": Why.NOTE,
    "*": Why.CALCULATION,
    "|": Why.PLACE_OR_FILE,
    "D": Why.DATE_OR_TIME,
    "R": Why.RANKING,
    ":": Why.GRID_OF_VALUES,
    "1": Why.GRID_OF_VALUES,
    "I": Why.METADATA,
}
_LISTS = ("L", "!", "O", "^")
_MULTIPLES = ("M", "P")
_GRIDS_OF_ANSWERS = ("F", "H")

_Options = list[dict[str, Any]]

# Answers that LimeSurvey supplies by itself, in the languages that this site speaks; others show the Italian.
_FIXED: Mapping[str, _Options] = {
    "Y": [{"code": "Y", "it": "sì", "en": "yes"}, {"code": "N", "it": "no", "en": "no"}],
    "C": [
        {"code": "Y", "it": "sì", "en": "yes"},
        {"code": "U", "it": "incerto", "en": "uncertain"},
        {"code": "N", "it": "no", "en": "no"},
    ],
    "E": [
        {"code": "I", "it": "aumenta", "en": "increase"},
        {"code": "S", "it": "rimane uguale", "en": "same"},
        {"code": "D", "it": "diminuisce", "en": "decrease"},
    ],
    "G": [{"code": "F", "it": "femmina", "en": "female"}, {"code": "M", "it": "maschio", "en": "male"}],
    **{
        kind: [{"code": str(number), "it": str(number), "en": str(number)} for number in range(1, most + 1)]
        for kind, most in (("5", 5), ("A", 5), ("B", 10))
    },
}

Row = Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class _Tables:
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


def read_lss(content: bytes, *, file_name: str, language: str = "it") -> Imported:
    """Read a LimeSurvey structure file.

    Args:
        content: the file.
        file_name: how the person calls it, for messages.
        language: which language a text is taken for when the file names none.

    Raises:
        ImportRefused: it is no such file, is damaged, or nothing in it can be asked here.
    """
    draft = Draft(file_name=file_name, language=language)
    root = _root(content, draft)
    tables = _tables(root, draft)
    draft.title = tables.text("survey", "title") or {language: file_name}
    reading = _Reading(draft, tables)
    for group in tables.groups:
        gid = group.get("gid", "")
        reading.begin_group(gid, group)
        for question in sorted(tables.questions.get(gid, ()), key=_order):
            reading.read_question(question)
    return draft.finished(next(iter(draft.title.values()), "limesurvey"))


# ---- The file -----------------------------------------------------------------------------------------------------


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


def _tables(root: Element, draft: Draft) -> _Tables:
    tables = _Tables(languages=[one.text or "" for one in root.iterfind("languages/language")])
    unknown = [one for one in tables.languages if language_code(one) is None]
    for one in unknown:
        draft.note(Outcome.DROPPED, "languages", one, Why.LANGUAGE)
    seen: set[str] = set()
    for group in sorted(_rows(root, "groups"), key=lambda row: _number(row.get("group_order"))):
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


def _read_questions(root: Element, tables: _Tables, draft: Draft) -> None:
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


def _read_answers(root: Element, tables: _Tables, draft: Draft) -> None:
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
    tables: _Tables, table: str, key: str, row: Row, column: str, draft: Draft, *, language: str = "language"
) -> None:
    if column not in row:
        return
    code = language_code(row[language]) if row.get(language) else draft.language
    text = plain_text(row[column])
    if len(text) > LONGEST_TEXT:
        raise draft.refuse(Why.LONG_TEXT, place=f"{table}:{key}", value=text[:60])
    if code and text:
        tables.texts.setdefault((table, key), {})[code] = text


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0


def _order(row: Row) -> int:
    return _number(row.get("question_order"))


# ---- Questions ----------------------------------------------------------------------------------------------------


class _Reading:
    """Where the reading stands: the draft, the tables, and what names in conditions mean."""

    def __init__(self, draft: Draft, tables: _Tables) -> None:
        self.draft, self.tables = draft, tables
        self.known: dict[str, Named] = {}
        self.section = ""
        self.outer = NO_ROUTING

    def begin_group(self, gid: str, group: Row) -> None:
        """Begin the section of a question group."""
        self.section = self.draft.section(self.tables.text("group", gid) or self.draft.title)
        self.outer = self.routing(group.get("grelevance", ""), NO_ROUTING, f"groups:{gid}", gid)

    def read_question(self, row: Row) -> None:
        """Turn a question into items, or note why not."""
        kind, name, place = row["type"], row["title"], f"questions:{row['title']}"
        if kind in _DROPPED:
            self.draft.note(Outcome.DROPPED, place, name, _DROPPED[kind], kind)
            return
        self.outer_of_question = self.routing(row.get("relevance", ""), self.outer, place, name)
        options = self._options_of(row, place)
        if kind in _LISTS or kind in ("Y", "G", "5"):
            self._add_choice(row, "single", name, self.tables.text("question", row["qid"]), options, place)
        elif kind in _MULTIPLES:
            self._add_multiple(row, place)
        elif kind in _GRIDS_OF_ANSWERS or kind in ("A", "B", "C", "E"):
            self._add_rows(row, options, place)
        elif kind == "N":
            self._add_number(row, name, self.tables.text("question", row["qid"]), place)
        elif kind == "K":
            self._add_rows(row, None, place)
        else:
            self.draft.note(Outcome.DROPPED, place, name, Why.UNKNOWN_TYPE, kind)
            return
        if kind in ("O", "P"):
            self.draft.note(Outcome.DROPPED, place, name, Why.COMMENT)
        if row.get("mandatory") in ("Y", "S"):
            self.draft.note(Outcome.MAPPED, place, name, Why.NEVER_REQUIRED)

    outer_of_question: Routing = NO_ROUTING

    def routing(self, condition: str, outer: Routing, place: str, name: str) -> Routing:
        """Read a relevance equation inside what stands around it; one that cannot be said is noted and left out."""
        if condition.strip() in ("", "1"):
            return outer
        try:
            own = routing_of(condition, find=self._find)
            joined = both(outer, own)
        except NotSayable:
            self.draft.note(Outcome.DROPPED, place, name, Why.CONDITION, condition)
            return outer
        if not own.is_exact:
            self.draft.note(Outcome.MAPPED, place, name, Why.CONDITION_WHEN_EMPTY, condition)
        return joined

    def _find(self, word: str) -> Named | None:
        return self.known.get(word) or self.known.get(re.sub(r"\.(NAOK|code|value|valueNAOK|shown)$", "", word))

    def _options_of(self, row: Row, place: str) -> _Options:
        kind = row["type"]
        if kind in _FIXED:
            return [dict(option) for option in _FIXED[kind]]
        options: _Options = []
        for answer in sorted(self.tables.answers.get(row["qid"], ()), key=lambda one: _number(one.get("sortorder"))):
            if (answer.get("scale_id") or "0") != "0":
                continue
            if answer["code"].lower() in DECLINES:
                self.draft.note(Outcome.MAPPED, place, row["title"], Why.DECLINE_OPTION, answer["code"])
                continue
            texts = self.tables.text("answer", f"{row['qid']}/{answer['code']}/0")
            code = option_code(answer["code"], taken=[one["code"] for one in options])
            options.append({"code": code, **(texts or {self.draft.language: answer["code"]})})
        if row.get("other") == "Y":
            self._add_other(options, row, place)
        return options

    def _add_other(self, options: _Options, row: Row, place: str) -> None:
        code = option_code("other", taken=[one["code"] for one in options])
        options.append({"code": code, "it": "altro", "en": "other"})
        self.draft.note(Outcome.MAPPED, place, row["title"], Why.OTHER_OPTION)

    def _add_choice(
        self, row: Row, kind: str, name: str, text: Mapping[str, str], options: _Options, place: str, group: str = ""
    ) -> None:
        if not 0 < len(options) <= MOST_OPTIONS:
            why = Why.TOO_MANY_CHOICES if options else Why.NO_CHOICES
            self.draft.note(Outcome.DROPPED, place, name, why, str(len(options)))
            return
        values = tuple(option["code"] for option in options)
        self._add(row, kind, name, text, place, group=group, options=self.draft.options(name, options), values=values)

    def _add_multiple(self, row: Row, place: str) -> None:
        options: _Options = []
        ticks: dict[str, str] = {}
        for part in sorted(self.tables.subquestions.get(row["qid"], ()), key=_order):
            code = option_code(part["title"], taken=[one["code"] for one in options])
            texts = self.tables.text("question", part["qid"]) or {self.draft.language: part["title"]}
            options.append({"code": code, **texts})
            ticks[part["title"]] = code
        if row.get("other") == "Y":
            self._add_other(options, row, place)
        name = row["title"]
        before = len(self.draft.items)
        self._add_choice(row, "multiple", name, self.tables.text("question", row["qid"]), options, place)
        if len(self.draft.items) > before:
            code, values = self.draft.items[-1]["code"], tuple(option["code"] for option in options)
            for title, ticked in ticks.items():
                named = Named(code, values, ticked=ticked, is_multiple=True)
                self.known[f"{name}_{title}"] = named
                self.known[f"{_address(row)}{title}"] = named

    def _add_rows(self, row: Row, options: _Options | None, place: str) -> None:
        """Make one item of each row of a grid; `options` None for rows of numbers."""
        name = row["title"]
        parts = [
            part
            for part in sorted(self.tables.subquestions.get(row["qid"], ()), key=_order)
            if (part.get("scale_id") or "0") == "0"
        ]
        if not parts:
            self.draft.note(Outcome.DROPPED, place, name, Why.NO_CHOICES)
            return
        group = re.sub(r"\W", "_", name)
        self.draft.groups[group] = self.tables.text("question", row["qid"]) or {self.draft.language: name}
        self.draft.note(Outcome.MAPPED, place, name, Why.ROWS_OF_GRID, str(len(parts)))
        for part in parts:
            text = self.tables.text("question", part["qid"])
            part_name = f"{name}_{part['title']}"
            if options is None:
                self._add_number(row, part_name, text, place, group=group)
            else:
                self._add_choice(row, "single", part_name, text, options, place, group=group)

    def _add_number(self, row: Row, name: str, text: Mapping[str, str], place: str, group: str = "") -> None:
        limits = [self.tables.attributes.get((row["qid"], key), "") for key in ("min_num_value_n", "max_num_value_n")]
        if all(re.fullmatch(r"-?\d{1,6}", limit) for limit in limits):
            least, most = (int(limit) for limit in limits)
        else:
            least, most = USUAL_RANGE
            self.draft.note(Outcome.MAPPED, place, name, Why.USUAL_RANGE, f"{least}-{most}")
        if not 0 < most - least <= WIDEST_RANGE:
            self.draft.note(Outcome.DROPPED, place, name, Why.WIDE_RANGE, f"{least}-{most}")
            return
        values = tuple(str(number) for number in range(least, most + 1))
        self._add(row, "number", name, text, place, group=group, minimum=least, maximum=most, values=values)

    def _add(
        self, row: Row, kind: str, name: str, text: Mapping[str, str], place: str, *, values: Sequence[str], **more: Any
    ) -> None:
        code = self.draft.free_code(name, place=place)
        routing = self.outer_of_question
        help_text = {} if more.get("group") else self.tables.text("help", row["qid"])
        self.draft.items.append(
            item_of(
                code, self.section, kind, text or {self.draft.language: name}, hint=help_text,
                asked_if=routing.asked_if, skipped_if=routing.skipped_if, **more,
            )
        )  # fmt: skip
        named = Named(code, tuple(values), is_multiple=kind == "multiple")
        self.known[name] = named
        self.known[_address(row) + name.removeprefix(row["title"]).removeprefix("_")] = named
        if "{" in "".join(text.values()):
            self.draft.note(Outcome.MAPPED, place, name, Why.MARKUP)
        self.draft.note(Outcome.KEPT, place, name, value=code if code != name else "")


def _address(row: Row) -> str:
    """Give LimeSurvey's address of a question, survey X group X question, as old conditions write it."""
    return f"{row.get('sid', '')}X{row.get('gid', '')}X{row['qid']}"

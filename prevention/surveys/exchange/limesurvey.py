"""Reading a LimeSurvey structure file (.lss): an XML dump of tables, old (texts beside codes) or new (texts apart).

Types are the one-letter codes of LimeSurvey's manual (Question types, read 2026-11-27). A grid becomes one item per
row, which share a lead: a row of radio buttons is one question, and no grid is ever shown here. What waits for free
text, files, dates, rankings or numbers in a grid is left out.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from prevention.surveys.exchange.conditions import NO_ROUTING, Named, NotSayable, Routing, both, routing_of
from prevention.surveys.exchange.importing import (
    DECLINES,
    MOST_OPTIONS,
    Draft,
    Imported,
    Outcome,
    Why,
    item_of,
    option_code,
)
from prevention.surveys.exchange.limesurvey_tables import Row, Tables, number_in, place_of, read_tables
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
    tables = read_tables(content, draft)
    draft.title = tables.text("survey", "title") or {language: file_name}
    reading = _Reading(draft, tables)
    for group in tables.groups:
        gid = group.get("gid", "")
        reading.begin_group(gid, group)
        for question in sorted(tables.questions.get(gid, ()), key=place_of):
            reading.read_question(question)
    return draft.finished(next(iter(draft.title.values()), "limesurvey"))


# ---- Questions ----------------------------------------------------------------------------------------------------


class _Reading:
    """Where the reading stands: the draft, the tables, and what names in conditions mean."""

    def __init__(self, draft: Draft, tables: Tables) -> None:
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
        for answer in sorted(self.tables.answers.get(row["qid"], ()), key=lambda one: number_in(one.get("sortorder"))):
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
        for part in sorted(self.tables.subquestions.get(row["qid"], ()), key=place_of):
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
            for part in sorted(self.tables.subquestions.get(row["qid"], ()), key=place_of)
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

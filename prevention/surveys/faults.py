"""What can be wrong with a questionnaire's definition: its parts, and its routing. Pure; finds, never repairs."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prevention.surveys.rules import RESERVED_CODES, Answers, Form, Item, Kind, Questionnaire, is_asked

# Routing is tried out exhaustively up to this many combinations of earlier answers per item; beyond it an item is
# taken as reachable. The core questionnaire needs 128.
MOST_COMBINATIONS = 100_000


# Names that the pupils' form or the sealed file needs for itself; compared in small letters.
RESERVED_ITEM_CODES = frozenset(
    {
        "at", "code", "csrf_token", "language", "link", "submission", "switch",
        "broken", "cluster", "grade", "institute_code", "kept", "level", "municipality", "record_key", "site_code",
        "track",
    }
)  # fmt: skip
_ITEM_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_OPTION_CODE = re.compile(r"[^\s|\"']{1,40}")


class FaultKind(StrEnum):
    """What can be wrong with a definition."""

    MISSING_KEY = "missing_key"
    DUPLICATE_CODE = "duplicate_code"
    RESERVED_CODE = "reserved_code"
    BAD_CODE = "bad_code"
    EMPTY_OPTIONS = "empty_options"
    UNKNOWN_REFERENCE = "unknown_reference"
    MISSING_TRANSLATION = "missing_translation"
    ROUTING_LOOP = "routing_loop"
    ROUTES_AHEAD = "routes_ahead"
    UNREACHABLE = "unreachable"
    EMPTY_RANGE = "empty_range"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong: what, at which item or set, and the word that shows it."""

    kind: FaultKind
    at: str
    about: str = ""


class BadDefinition(ValueError):
    """A definition that cannot be published; holds every fault found, not only the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.at}: {fault.kind} {fault.about}".rstrip() for fault in faults))
        self.faults = faults


def faults_of_parts(definition: Mapping[str, Any]) -> Iterator[Fault]:
    """Find missing keys, codes used twice, references to nothing and texts that lack a language."""
    missing = [
        key
        for key in ("code", "version", "published_on", "languages", "title", "sections", "option_sets", "items")
        if not definition.get(key)
    ]
    if missing:
        yield from (Fault(kind=FaultKind.MISSING_KEY, at="questionnaire", about=key) for key in missing)
        return
    yield from _repeated(definition["items"], at="items")
    yield from _repeated(definition["sections"], at="sections")
    yield from _faults_of_texts(definition)
    for name, options in definition["option_sets"].items():
        yield from _repeated(options, at=name)
        yield from (
            Fault(kind=FaultKind.RESERVED_CODE, at=name, about=option["code"])
            for option in options
            if option["code"] in RESERVED_CODES
        )
        yield from (
            Fault(kind=FaultKind.BAD_CODE, at=name, about=option["code"])
            for option in options
            if not _OPTION_CODE.fullmatch(option["code"])
        )
        if not options:
            yield Fault(kind=FaultKind.EMPTY_OPTIONS, at=name)
    for item in definition["items"]:
        yield from _faults_of_code(item["code"])
        yield from _faults_of_item(item, definition)
    assent = definition.get("assent")
    if assent and assent["item"] not in {item["code"] for item in definition["items"]}:
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="assent", about=assent["item"])


def _repeated(rows: list[dict[str, Any]], *, at: str) -> Iterator[Fault]:
    # Small letters: the columns of a sealed file do not tell them from capitals.
    codes = [row["code"].lower() for row in rows]
    for code in sorted({row["code"] for row in rows if codes.count(row["code"].lower()) > 1}):
        yield Fault(kind=FaultKind.DUPLICATE_CODE, at=at, about=code)


def _faults_of_texts(definition: Mapping[str, Any]) -> Iterator[Fault]:
    texts: list[tuple[str, Mapping[str, Any]]] = [("title", definition["title"])]
    texts += [(f"section {section['code']}", section["title"]) for section in definition["sections"]]
    texts += [(f"group {code}", lead) for code, lead in definition.get("groups", {}).items()]
    for name, options in definition["option_sets"].items():
        texts += [(f"{name} {option['code']}", option) for option in options]
    for item in definition["items"]:
        texts += [(item["code"], item[key]) for key in ("text", "text_junior", "hint") if key in item]
    for at, text in texts:
        for language in definition["languages"]:
            if not text.get(language):
                yield Fault(kind=FaultKind.MISSING_TRANSLATION, at=at, about=language)


def _faults_of_code(code: str) -> Iterator[Fault]:
    if code.lower() in RESERVED_ITEM_CODES:
        yield Fault(kind=FaultKind.RESERVED_CODE, at=code, about=code)
    elif not _ITEM_CODE.fullmatch(code):
        yield Fault(kind=FaultKind.BAD_CODE, at=code, about=code)


def _faults_of_item(item: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Fault]:
    code = item["code"]
    if item["kind"] not in set(Kind):
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=item["kind"])
    yield from (
        Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=form) for form in item["forms"] if form not in set(Form)
    )
    if item["section"] not in {section["code"] for section in definition["sections"]}:
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=item["section"])
    instrument = item.get("instrument")
    if instrument is not None and instrument not in definition.get("instruments", {}):
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=instrument)
    if "text" not in item:
        if instrument is None:
            yield Fault(kind=FaultKind.MISSING_KEY, at=code, about="text")
    elif item["kind"] == Kind.NUMBER:
        if item.get("minimum", 0) >= item.get("maximum", 0):
            yield Fault(kind=FaultKind.EMPTY_RANGE, at=code)
    elif item.get("options") not in definition["option_sets"]:
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=str(item.get("options")))
    if item.get("group") and "text" in item and item["group"] not in definition.get("groups", {}):
        yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=code, about=item["group"])


def faults_of_routing(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Find conditions on unknown or later items, loops, and items that nobody can ever be asked."""
    places = {item.code: place for place, item in enumerate(questionnaire.items)}
    wiring = {item.code: _named_in(item) for item in questionnaire.items}
    sound = True
    for item in questionnaire.items:
        for named in sorted(wiring[item.code]):
            unknown = named not in places or not _wanted(item, named) <= questionnaire.item(named).values
            if unknown:
                sound = False
                yield Fault(kind=FaultKind.UNKNOWN_REFERENCE, at=item.code, about=named)
            elif places[named] >= places[item.code]:
                sound = False
                loops = item.code in _reached_from(named, wiring)
                kind = FaultKind.ROUTING_LOOP if loops else FaultKind.ROUTES_AHEAD
                yield Fault(kind=kind, at=item.code, about=named)
    if not sound:
        return
    for form in Form:
        for item in questionnaire.items_for(form):
            if not _is_reachable(item, questionnaire, form):
                yield Fault(kind=FaultKind.UNREACHABLE, at=item.code, about=form)


def _named_in(item: Item) -> frozenset[str]:
    return frozenset(code for alternative in (*item.asked_if, *item.skipped_if) for code in alternative)


def _wanted(item: Item, named: str) -> frozenset[str]:
    wanted = (alternative.get(named, frozenset()) for alternative in (*item.asked_if, *item.skipped_if))
    return frozenset().union(*wanted)


def _reached_from(start: str, wiring: Mapping[str, frozenset[str]]) -> set[str]:
    """Give every item that `start` depends on, itself included."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        code = waiting.pop()
        if code not in seen:
            seen.add(code)
            waiting += wiring.get(code, frozenset())
    return seen


def _is_reachable(item: Item, questionnaire: Questionnaire, form: Form) -> bool:
    """Try out the earlier answers that matter, one of each kind that routing can tell apart."""
    wiring = {one.code: _named_in(one) for one in questionnaire.items}
    chain = _reached_from(item.code, wiring) | ({questionnaire.assent_item} - {None})
    earlier = [one for one in questionnaire.items_for(form) if one.code in chain and one.code != item.code]
    choices = [_kinds_of_answer(one, questionnaire) for one in earlier]
    combinations = 1
    for choice in choices:
        combinations *= len(choice)
    if combinations > MOST_COMBINATIONS:
        return True
    return any(
        is_asked(questionnaire, item, _lived(questionnaire, earlier, picked)) for picked in itertools.product(*choices)
    )


def _kinds_of_answer(item: Item, questionnaire: Questionnaire) -> list[str | None]:
    """Give one answer for each set of answers that no condition tells apart; None is "left empty"."""
    sets = [_wanted(other, item.code) for other in questionnaire.items if item.code in _named_in(other)]
    if item.code == questionnaire.assent_item:
        sets.append(frozenset({questionnaire.assent_given}))
    kinds = {tuple(value in one for one in sets): value for value in sorted(item.values)}
    return [None, *kinds.values()]


def _lived(questionnaire: Questionnaire, earlier: list[Item], picked: tuple[str | None, ...]) -> Answers:
    answers: Answers = {}
    for item, value in zip(earlier, picked, strict=True):
        if value is not None and is_asked(questionnaire, item, answers):
            answers[item.code] = value
    return answers

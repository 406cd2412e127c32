"""Changing a questionnaire that is still a draft: each verb takes a definition and gives a changed copy. Pure.

A draft may have faults on the way (`faults.py` finds them); what no draft may have, a line of answers that cannot be
read or two items of one code, is refused when it is entered.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prevention.core.web import Refusal
from prevention.surveys.faults import Fault, FaultKind, faults_of_parts, faults_of_routing
from prevention.surveys.questionnaire import LINKED, built, shipped, take_item
from prevention.surveys.rules import DECLINED, Form, Kind

Definition = dict[str, Any]

# Leaves room for what a linked pair adds.
LONGEST_CODE = 40 - len(LINKED)


class ItemType(StrEnum):
    """How the office thinks of an item: plain kinds, and kinds whose answers the field has agreed on (dossier, 8.3)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    NUMBER = "number"
    OCCASIONS = "occasions"
    AGE = "age"
    AGREE = "agree"
    ZERO_TO_TEN = "zero_to_ten"


# Types whose answers are given, by the set of answers in the core questionnaire.
GIVEN_SETS = {ItemType.OCCASIONS: "OCC7", ItemType.AGE: "AGE", ItemType.AGREE: "AGR5"}


class DraftRefused(Refusal):
    """A change that a draft does not take; `why` is one of the class attributes, `line` one of a list, from 1."""

    CHANGED_MEANWHILE = "changed_meanwhile"
    CODE_TAKEN = "code_taken"
    NO_OPTIONS = "no_options"
    BAD_LINE = "bad_line"
    CODE_TWICE = "code_twice"
    SECTION_IN_USE = "section_in_use"
    BAD_RANGE = "bad_range"

    def __init__(self, why: str, *, line: int = 0, value: str = "") -> None:
        super().__init__(why)
        self.why, self.line, self.value = why, line, value


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemEntry:
    """What the office says of one item; texts are by language, `options` lines as `read_options` takes them."""

    code: str
    section: str
    type: ItemType
    forms: Sequence[Form]
    text: Mapping[str, str]
    text_junior: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    options: str = ""
    minimum: int = 0
    maximum: int = 10
    source: str = "own"


def new_definition(code: str, title: Mapping[str, str]) -> Definition:
    """Give a definition that asks for assent and nothing else yet."""
    core = shipped("core")
    definition: Definition = {
        "code": code, "version": "", "published_on": "", "languages": list(core["languages"]), "title": dict(title),
        "assent": dict(core["assent"]), "sections": [core["sections"][0]], "groups": {}, "option_sets": {},
        "instruments": {}, "items": [],
    }  # fmt: skip
    take_item(core["assent"]["item"], source=core, into=definition)
    return definition


def copy_of(definition: Mapping[str, Any], *, code: str) -> Definition:
    """Give a copy to change, without the version and day of the published one."""
    return {**deepcopy(dict(definition)), "code": code, "version": "", "published_on": ""}


def moved(definition: Mapping[str, Any], code: str, *, by: int) -> Definition:
    """Move an item one place up (-1) or down (1); at the edge of its section it goes over into the next one."""
    changed = deepcopy(dict(definition))
    items = changed["items"]
    at = _place(items, code)
    other = at + by
    if not 0 <= other < len(items):
        return changed
    if items[at]["section"] != items[other]["section"]:
        items[at]["section"] = items[other]["section"]
    else:
        items[at], items[other] = items[other], items[at]
    return changed


def without_item(definition: Mapping[str, Any], code: str) -> Definition:
    """Take an item out, with its answers and lead if nobody else uses them; conditions that name it become faults."""
    changed = deepcopy(dict(definition))
    del changed["items"][_place(changed["items"], code)]
    return _tidied(changed)


def with_section(definition: Mapping[str, Any], title: Mapping[str, str]) -> Definition:
    """Add a section at the end."""
    changed = deepcopy(dict(definition))
    taken = {section["code"] for section in changed["sections"]}
    code = next(code for code in (f"S{number}" for number in range(1, len(taken) + 2)) if code not in taken)
    changed["sections"].append({"code": code, "title": dict(title)})
    return changed


def with_bank_item(definition: Mapping[str, Any], entry: Mapping[str, Any], *, section: str) -> Definition:
    """Add an item of the bank at the end of a section, with its answers and lead.

    Raises:
        DraftRefused: the draft has an item of that code.
    """
    item = {**deepcopy(entry["item"]), "section": section}
    changed = deepcopy(dict(definition))
    _refuse_taken(changed, item["code"])
    if "options" in item:
        item["options"] = _set_named(changed, item["options"], entry["options"])
    if entry.get("lead"):
        changed.setdefault("groups", {}).setdefault(item["group"], dict(entry["lead"]))
    if entry.get("instrument"):
        changed.setdefault("instruments", {}).setdefault(item["instrument"], dict(entry["instrument"]))
    return _inserted(changed, item)


def with_new_item(definition: Mapping[str, Any], entry: ItemEntry) -> Definition:
    """Add an item of one's own at the end of its section.

    Raises:
        DraftRefused: the code is taken, or its answers cannot be read.
    """
    changed = deepcopy(dict(definition))
    _refuse_taken(changed, entry.code)
    return _inserted(changed, _filled(changed, {"code": entry.code}, entry))


def with_changed_item(definition: Mapping[str, Any], code: str, entry: ItemEntry) -> Definition:
    """Change an item in its place; its code stays. What is in another language than the entry's stays too.

    Raises:
        DraftRefused: its answers cannot be read.
    """
    changed = deepcopy(dict(definition))
    at = _place(changed["items"], code)
    old = changed["items"][at]
    item = _filled(changed, old, entry)
    if item["section"] == old["section"]:
        changed["items"][at] = item
    else:
        del changed["items"][at]
        changed = _inserted(changed, item)
    return _tidied(changed)


def with_routing(
    definition: Mapping[str, Any],
    code: str,
    *,
    asked_if: Sequence[Mapping[str, Sequence[str]]],
    skipped_if: Sequence[Mapping[str, Sequence[str]]],
) -> Definition:
    """Give an item other conditions."""
    changed = deepcopy(dict(definition))
    item = changed["items"][_place(changed["items"], code)]
    for key, alternatives in (("asked_if", asked_if), ("skipped_if", skipped_if)):
        item.pop(key, None)
        if alternatives:
            item[key] = [{named: list(wanted) for named, wanted in one.items()} for one in alternatives]
    return changed


def item_of(definition: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Give an item.

    Raises:
        KeyError: there is none.
    """
    found: dict[str, Any] = definition["items"][_place(definition["items"], code)]
    return found


def type_of(item: Mapping[str, Any]) -> ItemType:
    """Say what type an item is of."""
    if item["kind"] == Kind.NUMBER:
        return ItemType.ZERO_TO_TEN if (item["minimum"], item["maximum"]) == (0, 10) else ItemType.NUMBER
    for kind, name in GIVEN_SETS.items():
        if item["kind"] == Kind.SINGLE and item.get("options") == name:
            return kind
    return ItemType(item["kind"])


def faults_of(definition: Mapping[str, Any]) -> list[Fault]:
    """List what is wrong with a draft: parts and texts first, then routing as far as it can be read."""
    dated = {"published_on": "2000-01-01", "version": "draft", **{k: v for k, v in definition.items() if v}}
    found = list(faults_of_parts(dated))
    if all(fault.kind is FaultKind.MISSING_TRANSLATION for fault in found):
        found += faults_of_routing(built(dated))
    return found


def entry_for_bank(definition: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item whole in itself, as the bank keeps it: with its answers, its lead, and its instrument."""
    kept = {key: value for key, value in item.items() if key not in ("section", "asked_if", "skipped_if")}
    return {
        "item": kept,
        "options": definition["option_sets"].get(item.get("options"), []),
        "lead": definition.get("groups", {}).get(item.get("group"), {}),
        "instrument": definition.get("instruments", {}).get(item.get("instrument"), {}),
        "languages": list(definition["languages"]),
    }


def write_options(options: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> str:
    """Write answers one to a line: ``code | Italian | English``; ``!`` after the code says "rules out the others"."""
    return "\n".join(
        " | ".join(
            [
                option["code"] + ("!" if option.get("is_exclusive") else ""),
                *(option.get(language, "") for language in languages),
            ]
        )
        for option in options
    )


def read_options(lines: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Read answers as `write_options` writes them.

    Raises:
        DraftRefused: a line has not one part for the code and one for each language, a code has white space or is
            ours, or a code is there twice; holds the line.
    """
    options: list[dict[str, Any]] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        code, *texts = (part.strip() for part in line.split("|"))
        is_exclusive = code.endswith("!")
        code = code.removesuffix("!").strip()
        if len(texts) != len(languages) or not code or code == DECLINED or any(char.isspace() for char in code):
            raise DraftRefused(DraftRefused.BAD_LINE, line=number, value=line.strip())
        if any(option["code"] == code for option in options):
            raise DraftRefused(DraftRefused.CODE_TWICE, line=number, value=code)
        option: dict[str, Any] = {"code": code, **dict(zip(languages, texts, strict=True))}
        options.append(option | ({"is_exclusive": True} if is_exclusive else {}))
    if not options:
        raise DraftRefused(DraftRefused.NO_OPTIONS)
    return options


def _place(items: Sequence[Mapping[str, Any]], code: str) -> int:
    for place, item in enumerate(items):
        if item["code"] == code:
            return place
    raise KeyError(code)


def _refuse_taken(definition: Definition, code: str) -> None:
    if code.lower() in {item["code"].lower() for item in definition["items"]}:
        raise DraftRefused(DraftRefused.CODE_TAKEN, value=code)


def _inserted(definition: Definition, item: dict[str, Any]) -> Definition:
    """Put an item behind the last one of its section, or of the sections before it."""
    order = [section["code"] for section in definition["sections"]]
    until = order[: order.index(item["section"]) + 1]
    places = [place for place, one in enumerate(definition["items"]) if one["section"] in until]
    definition["items"].insert(places[-1] + 1 if places else 0, item)
    return definition


def _filled(definition: Definition, old: Mapping[str, Any], entry: ItemEntry) -> dict[str, Any]:
    item = {
        key: value
        for key, value in old.items()
        if key not in ("options", "minimum", "maximum", "text_junior", "hint", "option_codes")
    }
    kind = entry.type.value if entry.type in (ItemType.SINGLE, ItemType.MULTIPLE) else Kind.SINGLE.value
    item |= {
        "section": entry.section, "kind": kind, "forms": [form.value for form in entry.forms], "source": entry.source,
        "text": _texts(old.get("text"), entry.text),
    }  # fmt: skip
    for key, texts in (("text_junior", entry.text_junior), ("hint", entry.hint)):
        if any(texts.values()):
            item[key] = _texts(old.get(key), texts)
    if entry.type in (ItemType.NUMBER, ItemType.ZERO_TO_TEN):
        least, most = (0, 10) if entry.type is ItemType.ZERO_TO_TEN else (entry.minimum, entry.maximum)
        if not 0 < most - least <= 150:
            raise DraftRefused(DraftRefused.BAD_RANGE)
        return item | {"kind": Kind.NUMBER.value, "minimum": least, "maximum": most}
    if entry.type in GIVEN_SETS:
        name = GIVEN_SETS[entry.type]
        options = definition["option_sets"].get(name) or shipped("core")["option_sets"][name]
    else:
        name = str(old.get("options") or f"O_{entry.code}")
        options = read_options(entry.options, definition["languages"])
        name = _own_name(definition, name, options, code=entry.code)
    return item | {"options": _set_named(definition, name, options)}


def _texts(old: Mapping[str, str] | None, new: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in {**(old or {}), **new}.items() if text}


def _own_name(definition: Definition, name: str, options: Sequence[Mapping[str, Any]], *, code: str) -> str:
    """Keep the name of a set that is unchanged or used by nobody else; else the item gets a set of its own."""
    users = [item["code"] for item in definition["items"] if item.get("options") == name]
    if definition["option_sets"].get(name) == list(options):
        return name
    if users in ([], [code]) and name not in GIVEN_SETS.values():
        definition["option_sets"].pop(name, None)
        return name
    return f"O_{code}"


def _set_named(definition: Definition, name: str, options: Sequence[Mapping[str, Any]]) -> str:
    """Add a set of answers under its name, or under a free one when that name stands for other answers."""
    sets = definition["option_sets"]
    free, number = name, 2
    while free in sets and sets[free] != list(options):
        free, number = f"{name}_{number}", number + 1
    sets[free] = [dict(option) for option in options]
    return free


def _tidied(definition: Definition) -> Definition:
    sets = {item.get("options") for item in definition["items"]}
    groups = {item.get("group") for item in definition["items"]}
    definition["option_sets"] = {name: one for name, one in definition["option_sets"].items() if name in sets}
    definition["groups"] = {name: lead for name, lead in definition.get("groups", {}).items() if name in groups}
    return definition

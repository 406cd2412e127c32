"""Questionnaires as data: the shipped files, their checks, and how a definition becomes a `rules.Questionnaire`.

A definition is a plain mapping, the same in a TOML file and in the `definition` column:

- ``code``, ``version``, ``published_on``, ``languages``, ``title`` and ``assent`` (``{item, given}``);
- ``sections``: ``[{code, title}]``; ``groups``: group code to the lead shared by its items;
- ``option_sets``: set name to ``[{code, it, en, is_dummy, is_exclusive}]``;
- ``instruments``: code to ``{name, holder, scoring}`` for validated instruments whose wording is not ours;
- ``items``: ``{code, section, kind, forms, text, text_junior, hint, group, options | minimum+maximum, asked_if,
  skipped_if, is_dummy, is_code_element, instrument, option_codes, source}``. An item of an instrument may
  lack ``text``; it then has ``option_codes`` in place of ``options`` and is in no form until the licensed text is
  loaded.

In a shipped file an item may say ``from``: it is then taken, with its answers and its lead, from that other file, so
that both ask it in the same words. A definition in the database is whole.

A published definition never changes: pages and checks made from it may be kept under (id of the version, form,
language). A translation adds a language to what is shown (`service.questionnaire_in`) and nothing else.

It is not an editor and it does not touch the database.
"""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from prevention.core.i18n import Localised
from prevention.surveys.faults import BadDefinition, faults_of_parts, faults_of_routing
from prevention.surveys.rules import Alternative, Form, Instrument, Item, Kind, Option, Questionnaire, Section

FOLDER = Path(__file__).parent / "questionnaires"

# What comes with the application, in the order in which it is offered.
SHIPPED = ("core", "workshop-before", "workshop-after", "feedback")

# The part that a linked before and after adds to any questionnaire, and what its code and version then end in.
PERSONAL_CODE = "personal-code"
LINKED = "-linked"


def shipped(code: str) -> dict[str, Any]:
    """Read the definition that comes with the application under this code, whole, as JSON can hold it.

    Raises:
        FileNotFoundError: no questionnaire of that code is shipped.
    """
    definition = _read(code)
    definition["published_on"] = definition["published_on"].isoformat()
    items = definition["items"]
    definition["items"] = []
    for item in items:
        if "from" in item:
            take_item(item["code"], source=shipped(item["from"]), into=definition)
        else:
            definition["items"].append(item)
    _take_option_sets(definition)
    return definition


def take_item(code: str, *, source: Mapping[str, Any], into: dict[str, Any]) -> None:
    """Add a copy of an item, its answers and its lead to the end of a definition, which gains them in place.

    Raises:
        LookupError: the source has no such item.
    """
    item = next((one for one in source["items"] if one["code"] == code), None)
    if item is None:
        raise LookupError(code)
    copy = deepcopy(item)
    for part, name in (("option_sets", copy.get("options")), ("groups", copy.get("group"))):
        found = source.get(part, {}).get(name)
        if found is not None:
            into.setdefault(part, {}).setdefault(name, deepcopy(found))
    into["items"].append(copy)


def with_personal_code(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give a copy of a definition that ends with the opt-in and the elements of a personal code, under its own code."""
    part = _read(PERSONAL_CODE)
    linked = deepcopy(dict(definition))
    linked["code"] = f"{definition['code']}{LINKED}"
    linked["sections"].append(part["section"])
    linked.setdefault("groups", {}).update(part["groups"])
    for name, options in part["option_sets"].items():
        linked["option_sets"].setdefault(name, options)
    linked["items"] += part["items"]
    return linked


def _read(code: str) -> dict[str, Any]:
    with (FOLDER / f"{code}.toml").open("rb") as file:
        return tomllib.load(file)


def _take_option_sets(definition: dict[str, Any]) -> None:
    """Bring answers that only an item of this file uses from the core questionnaire, where most of them stand."""
    wanted = {item["options"] for item in definition["items"] if "options" in item} - definition["option_sets"].keys()
    if wanted:
        core = _read("core")["option_sets"]
        definition["option_sets"] |= {name: core[name] for name in sorted(wanted) if name in core}


def parse(definition: Mapping[str, Any]) -> Questionnaire:
    """Check a definition and build the questionnaire.

    Raises:
        BadDefinition: with all faults of the first stage that finds any (references, then routing).
    """
    faults = tuple(faults_of_parts(definition))
    if faults:
        raise BadDefinition(faults)
    questionnaire = built(definition)
    faults = tuple(faults_of_routing(questionnaire))
    if faults:
        raise BadDefinition(faults)
    return questionnaire


def built(definition: Mapping[str, Any]) -> Questionnaire:
    """Build a questionnaire whose parts are all there, texts of some language aside; `parse` checks before."""
    assent = definition.get("assent") or {}
    return Questionnaire(
        code=definition["code"],
        version=definition["version"],
        title=Localised(definition["title"]),
        languages=tuple(definition["languages"]),
        published_on=date.fromisoformat(definition["published_on"]),
        sections=tuple(
            Section(code=section["code"], title=Localised(section["title"])) for section in definition["sections"]
        ),
        items=tuple(_build_item(item, definition) for item in definition["items"]),
        instruments=tuple(
            Instrument(code=code, name=Localised(one["name"]), holder=one["holder"], scoring=one["scoring"])
            for code, one in definition.get("instruments", {}).items()
        ),
        assent_item=assent.get("item"),
        assent_given=assent.get("given", ""),
    )


def _build_item(item: Mapping[str, Any], definition: Mapping[str, Any]) -> Item:
    lead = definition.get("groups", {}).get(item.get("group"))
    return Item(
        code=item["code"],
        section=item["section"],
        kind=Kind(item["kind"]),
        forms=frozenset(Form(form) for form in item["forms"]),
        text=Localised(item.get("text", {})),
        text_junior=Localised(item["text_junior"]) if "text_junior" in item else None,
        lead=Localised(lead) if lead else None,
        hint=Localised(item["hint"]) if "hint" in item else None,
        group=item.get("group"),
        options=tuple(_build_options(item, definition)),
        minimum=item.get("minimum", 0),
        maximum=item.get("maximum", 0),
        asked_if=_alternatives(item.get("asked_if", ())),
        skipped_if=_alternatives(item.get("skipped_if", ())),
        is_dummy=item.get("is_dummy", False),
        is_code_element=item.get("is_code_element", False),
        instrument=item.get("instrument"),
        source=item.get("source", ""),
    )


def _build_options(item: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Option]:
    for code in item.get("option_codes", ()):
        yield Option(code=code, text=Localised())
    for option in definition["option_sets"].get(item.get("options"), ()):
        yield Option(
            code=option["code"],
            text=Localised({one: option[one] for one in definition["languages"] if option.get(one)}),
            is_dummy=option.get("is_dummy", False),
            is_exclusive=option.get("is_exclusive", False),
        )


def _alternatives(given: Any) -> tuple[Alternative, ...]:
    return tuple({code: frozenset(wanted) for code, wanted in alternative.items()} for alternative in given)

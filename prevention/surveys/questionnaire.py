"""Questionnaires as data: the shipped files, their checks, and how a definition becomes a `rules.Questionnaire`.

A definition is a plain mapping, the same in a TOML file and in the `definition` column:

- ``code``, ``version``, ``published_on``, ``languages``, ``title`` and ``assent`` (``{item, given}``);
- ``sections``: ``[{code, title}]``; ``groups``: group code to the lead shared by its items;
- ``option_sets``: set name to ``[{code, it, en, is_dummy, is_exclusive}]``;
- ``instruments``: code to ``{name, holder, scoring}`` for validated instruments whose wording is not ours;
- ``items``: ``{code, section, kind, forms, text, text_junior, hint, group, options | minimum+maximum, asked_if,
  skipped_if, is_dummy, instrument, option_codes, source}``. An item of an instrument may lack ``text``; it then
  has ``option_codes`` in place of ``options`` and is in no form until the licensed text is loaded.

It is not an editor and it does not touch the database.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from prevention.core.i18n import Localised
from prevention.surveys.faults import BadDefinition, faults_of_parts, faults_of_routing
from prevention.surveys.rules import Alternative, Form, Instrument, Item, Kind, Option, Questionnaire, Section

FOLDER = Path(__file__).parent / "questionnaires"


def shipped(code: str) -> dict[str, Any]:
    """Read the definition that comes with the application under this code, as JSON can hold it.

    Raises:
        FileNotFoundError: no questionnaire of that code is shipped.
    """
    with (FOLDER / f"{code}.toml").open("rb") as file:
        definition = tomllib.load(file)
    definition["published_on"] = definition["published_on"].isoformat()
    return definition


def parse(definition: Mapping[str, Any]) -> Questionnaire:
    """Check a definition and build the questionnaire.

    Raises:
        BadDefinition: with all faults of the first stage that finds any (references, then routing).
    """
    faults = tuple(faults_of_parts(definition))
    if faults:
        raise BadDefinition(faults)
    questionnaire = _build(definition)
    faults = tuple(faults_of_routing(questionnaire))
    if faults:
        raise BadDefinition(faults)
    return questionnaire


def _build(definition: Mapping[str, Any]) -> Questionnaire:
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
        instrument=item.get("instrument"),
        source=item.get("source", ""),
    )


def _build_options(item: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Option]:
    for code in item.get("option_codes", ()):
        yield Option(code=code, text=Localised())
    for option in definition["option_sets"].get(item.get("options"), ()):
        yield Option(
            code=option["code"],
            text=Localised({language: option[language] for language in definition["languages"]}),
            is_dummy=option.get("is_dummy", False),
            is_exclusive=option.get("is_exclusive", False),
        )


def _alternatives(given: Any) -> tuple[Alternative, ...]:
    return tuple({code: frozenset(wanted) for code, wanted in alternative.items()} for alternative in given)

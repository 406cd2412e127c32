"""The texts of a questionnaire as a flat list of units, for translators and for comparing wordings. Pure.

A unit's name says where the text stands, and stays the same from version to version: ``title``, ``section.A``,
``group.B5``, ``options.OCC7.0``, ``item.B1.text``, ``item.B1.text_junior``, ``item.B1.hint``.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from prevention.surveys.rules import Item, Questionnaire

TEXTS_OF_ITEM = ("text", "text_junior", "hint")

Texts = Mapping[str, str]


def units(definition: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Give each unit with its text per language, in the order of the questionnaire; empty texts are left out."""
    return {name: {code: text for code, text in place.items() if text} for name, place in _places(definition)}


def missing_units(definition: Mapping[str, Any], texts: Texts) -> list[str]:
    """List the units for which `texts` has nothing."""
    return [name for name in units(definition) if not texts.get(name, "").strip()]


def with_language(definition: Mapping[str, Any], language: str, texts: Texts) -> dict[str, Any]:
    """Give a copy of a definition that also speaks `language`.

    Raises:
        KeyError: a unit has no text; holds its name.
    """
    copy = deepcopy(dict(definition))
    for name, place in _places(copy):
        place[language] = texts[name]
    if language not in copy["languages"]:
        copy["languages"] = [*copy["languages"], language]
    return copy


def _places(definition: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk over the very mappings that hold the texts; an option's also holds its code and marks."""
    yield "title", definition["title"]
    for section in definition["sections"]:
        yield f"section.{section['code']}", section["title"]
    for code, lead in definition.get("groups", {}).items():
        yield f"group.{code}", lead
    for name, options in definition["option_sets"].items():
        for option in options:
            yield f"options.{name}.{option['code']}", _OptionTexts(option)
    for item in definition["items"]:
        for key in TEXTS_OF_ITEM:
            if key in item:
                yield f"item.{item['code']}.{key}", item[key]


class _OptionTexts(dict[str, str]):
    """The texts of an option, which stand beside its code and marks; writing goes through to the option itself."""

    def __init__(self, option: dict[str, Any]) -> None:
        super().__init__({key: value for key, value in option.items() if isinstance(value, str) and key != "code"})
        self._option = option

    def __setitem__(self, language: str, text: str) -> None:
        super().__setitem__(language, text)
        self._option[language] = text


def wordings(questionnaire: Questionnaire) -> dict[str, dict[str, str]]:
    """Give a fingerprint of each item's wording in each language: item code to language to 16 hexadecimal signs.

    Another fingerprint means that something else was asked: its lead, text, hint, answers or their order changed. Its
    trend line breaks there, in that language, on purpose.
    """
    return {
        item.code: {language: _fingerprint(item, language) for language in questionnaire.languages}
        for item in questionnaire.items
        if item.is_loaded
    }


def broken_trends(before: Questionnaire, after: Questionnaire) -> dict[str, list[str]]:
    """List the items that both versions ask and that are worded differently: item code to the languages concerned."""
    old, new = wordings(before), wordings(after)
    found = {
        code: [
            language for language in old[code].keys() & new[code].keys() if old[code][language] != new[code][language]
        ]
        for code in new
        if code in old
    }
    return {code: sorted(languages) for code, languages in found.items() if languages}


def _fingerprint(item: Item, language: str) -> str:
    wording = [
        [text.get(language) if text else None for text in (item.lead, item.text, item.text_junior, item.hint)],
        item.kind,
        [item.minimum, item.maximum],
        [[option.code, option.text.get(language)] for option in item.options],
    ]
    return hashlib.sha256(json.dumps(wording, ensure_ascii=False).encode()).hexdigest()[:16]

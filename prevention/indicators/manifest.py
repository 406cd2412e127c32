"""What is written down beside a sealed file: where it comes from, what was done to it, what is in it. Pure.

Keys of the manifest: ``wave`` (id, name, school year), ``questionnaire`` (code, version), ``catalogue`` and
``policy`` (versions), ``file`` (name, sha256, bytes, records, columns), ``participation`` (classes, schools with
answers, class reports, pupils enrolled and present, answers, answers kept), ``cleaning`` (one entry per rule: its
switch, what it found and discarded, and what turning the switch would do, see `sensitivity`), ``recipe`` (whose answers
count, see `populations`), ``contradictions``
(records by their number of contradictions), ``left_out`` (indicators that could not be computed, with the instrument
that is missing), ``wordings`` (fingerprint per question: another one means that last year was asked something else),
``corrects`` (of a correction only: the hash of the seal whose place it takes, why, and what was withdrawn).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from prevention.indicators.catalogue import Catalogue, Indicator
from prevention.indicators.cleaning import NAMES, Cleaned, Rule, RuleCount
from prevention.indicators.seal import SealedFile
from prevention.indicators.sensitivity import Effect
from prevention.surveys.rules import Item, Questionnaire
from prevention.surveys.service import LINK, SurveyRecords

_FINGERPRINT_LENGTH = 16


def manifest(
    records: SurveyRecords,
    cleaned: Cleaned,
    file: SealedFile,
    *,
    catalogue: Catalogue,
    policy: str,
    effects: Mapping[Rule, Effect],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    """Write the manifest of a sealed wave, as JSON can hold it."""
    columns = sealed_items(records.questionnaire)
    answerable = catalogue.answerable(frozenset(columns))
    return {
        "wave": {
            "id": str(records.wave_id),
            "name": records.wave_name,
            "school_year": records.school_year,
        },
        "questionnaire": {"code": records.questionnaire.code, "version": records.questionnaire.version},
        "catalogue": catalogue.version,
        "policy": policy,
        "file": {
            "name": file.name,
            "sha256": file.sha256,
            "bytes": file.size,
            "records": file.rows,
            "columns": list(columns),
        },
        "participation": {
            "classes": records.classes,
            "schools": len({row.site_code for row in records.rows}),
            "reported": records.reported,
            "enrolled": records.enrolled,
            "present": records.present,
            "absent": records.absent,
            "refused": records.refused,
            "disturbed": records.disturbed,
            "answers": len(records.rows),
            "kept": len(cleaned.kept),
        },
        "recipe": recipe,
        "cleaning": cleaning_entries(cleaned.counts, effects),
        "contradictions": {str(number): records_ for number, records_ in cleaned.contradictions.items()},
        "left_out": [
            {"id": one.id, "name": dict(one.name), "instrument": one.instrument}
            for one in catalogue.indicators
            if one not in answerable
        ],
        "wordings": wordings(records.questionnaire),
    }


def cleaning_entries(counts: Iterable[RuleCount], effects: Mapping[Rule, Effect]) -> list[dict[str, Any]]:
    """Write one entry per cleaning rule."""
    return [
        {
            "rule": str(count.rule),
            "name": dict(NAMES[count.rule]),
            "is_on": count.is_on,
            "is_measured": count.is_measured,
            "found": count.found,
            "discarded": count.discarded,
            "effect": asdict(effects[count.rule]) if count.rule in effects else None,
        }
        for count in counts
    ]


def sealed_items(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Give the questions that a sealed file has a column for: those with a text, so that somebody was asked.

    The elements of a personal code never reach a sealed file; the random mark that a joined before and after share
    does, in a column of its own.
    """
    asked = tuple(item.code for item in questionnaire.items if item.is_loaded and not item.is_code_element)
    return (*asked, LINK) if questionnaire.code_elements else asked


def wordings(questionnaire: Questionnaire) -> dict[str, str]:
    """Give a fingerprint of the wording of each question and its answers, in all languages."""
    return {item.code: _fingerprint(_wording(item)) for item in questionnaire.items if item.is_loaded}


def wording_of(indicator: Indicator, item_wordings: Mapping[str, str]) -> str:
    """Give a fingerprint of all that an indicator is made of: its questions' wording and its own formula."""
    return _fingerprint([repr(indicator.formula), {item: item_wordings.get(item) for item in indicator.items}])


def _wording(item: Item) -> list[Any]:
    return [
        dict(item.text),
        dict(item.text_junior or {}),
        dict(item.lead or {}),
        dict(item.hint or {}),
        str(item.kind),
        [item.minimum, item.maximum],
        [[option.code, dict(option.text)] for option in item.options],
    ]


def _fingerprint(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_LENGTH]

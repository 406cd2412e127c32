"""Questionnaires in more languages: what the office loaded, how complete it is, and whether a person approved it.

A translation that is not approved, or no longer complete, is shown to nobody. Loading again takes an approval back:
what was checked is not what is there now.
"""

import time
import uuid
from collections.abc import Mapping, Sequence

from flask import current_app
from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.languages import OFFERED_LANGUAGES, LanguageState, TranslationRefused, states_of
from prevention.core.wordsets import REMEMBERED_S
from prevention.surveys.models import PublishedQuestionnaire, QuestionnaireTranslation
from prevention.surveys.questionnaire import parse
from prevention.surveys.rules import Questionnaire
from prevention.surveys.service.questionnaires import published_questionnaire
from prevention.surveys.units import missing_units, units, with_language


def languages_of(questionnaire_id: uuid.UUID) -> tuple[str, ...]:
    """List the languages that a published questionnaire speaks: its own, and complete translations approved.

    Two queries a minute per process and questionnaire.
    """
    return tuple(_spoken(questionnaire_id))


def questionnaire_in(questionnaire_id: uuid.UUID, language: str) -> Questionnaire:
    """Give a published questionnaire as a pupil reads it in `language`; as published when it does not speak it.

    Codes, routing and answers are the same in every language: only for showing.
    """
    return _spoken(questionnaire_id).get(language) or published_questionnaire(questionnaire_id)


def _spoken(questionnaire_id: uuid.UUID) -> Mapping[str, Questionnaire]:
    remembered = current_app.extensions.setdefault("spoken_questionnaires", {})
    read_at, spoken = remembered.get(questionnaire_id, (0.0, {}))
    if not spoken or time.monotonic() - read_at > REMEMBERED_S:
        spoken = _read_spoken(questionnaire_id)
        remembered[questionnaire_id] = (time.monotonic(), spoken)
    found: Mapping[str, Questionnaire] = spoken
    return found


def _read_spoken(questionnaire_id: uuid.UUID) -> dict[str, Questionnaire]:
    published = published_questionnaire(questionnaire_id)
    spoken = dict.fromkeys(published.languages, published)
    rows = db.session.scalars(
        select(QuestionnaireTranslation).where(
            QuestionnaireTranslation.questionnaire_id == questionnaire_id,
            QuestionnaireTranslation.is_approved.is_(True),
        )
    ).all()
    if rows:
        definition = db.session.get_one(PublishedQuestionnaire, questionnaire_id).definition
        for row in rows:
            if not missing_units(definition, row.texts):
                spoken[row.language] = parse(with_language(definition, row.language, row.texts))
    return spoken


def forget_spoken() -> None:
    """Let this process read anew which languages there are; the others do within a minute."""
    current_app.extensions.pop("spoken_questionnaires", None)


def questionnaire_languages(row: PublishedQuestionnaire) -> list[LanguageState]:
    """Say for each pupil language how far a published questionnaire is. One query."""
    return languages_of_all([row])[0]


def languages_of_all(rows: Sequence[PublishedQuestionnaire]) -> list[list[LanguageState]]:
    """Say for each questionnaire and each pupil language how far it is, in the order given. One query."""
    found: dict[uuid.UUID, dict[str, QuestionnaireTranslation]] = {row.id: {} for row in rows}
    for one in db.session.scalars(
        select(QuestionnaireTranslation).where(QuestionnaireTranslation.questionnaire_id.in_(found))
    ):
        found[one.questionnaire_id][one.language] = one
    return [states_of(units(row.definition), found[row.id], own=tuple(row.definition["languages"])) for row in rows]


def questionnaire_texts(questionnaire_id: uuid.UUID, language: str) -> dict[str, str]:
    """Give what was loaded of a questionnaire in a language; nothing when nothing was."""
    row = db.session.get(QuestionnaireTranslation, (questionnaire_id, language))
    return dict(row.texts) if row else {}


def load_questionnaire_texts(
    actor: Actor | None, row: PublishedQuestionnaire, language: str, texts: Mapping[str, str]
) -> None:
    """Keep the texts of a questionnaire in a language, in place of those before; not approved. Flushes.

    Raises:
        TranslationRefused: the language is the questionnaire's own, or none of `OFFERED_LANGUAGES`.
    """
    if language not in OFFERED_LANGUAGES or language in row.definition["languages"]:
        raise TranslationRefused(TranslationRefused.NOT_TO_TRANSLATE)
    kept = db.session.get(QuestionnaireTranslation, (row.id, language)) or QuestionnaireTranslation(
        questionnaire_id=row.id, language=language
    )
    kept.texts, kept.is_approved = dict(texts), False
    db.session.add(kept)
    audit.record(actor, "surveys.translation_loaded", row.id, language=language, units=len(texts))
    db.session.flush()
    forget_spoken()


def approve_questionnaire_texts(actor: Actor, row: PublishedQuestionnaire, language: str, *, is_approved: bool) -> None:
    """Let pupils see a translation, or take it away from them. Flushes.

    Raises:
        NotYours: nothing was loaded in that language.
        TranslationRefused: it is to be approved and not complete.
    """
    kept = db.session.get(QuestionnaireTranslation, (row.id, language))
    if kept is None:
        raise NotYours
    if is_approved and missing_units(row.definition, kept.texts):
        raise TranslationRefused(TranslationRefused.NOT_COMPLETE)
    kept.is_approved = is_approved
    audit.record(actor, "surveys.translation_approved", row.id, language=language, approved=is_approved)
    db.session.flush()
    forget_spoken()

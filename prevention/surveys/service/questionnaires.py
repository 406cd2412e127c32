"""Published questionnaires: putting one in the database, and reading it back as values."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.surveys.models import PublishedQuestionnaire
from prevention.surveys.plain_form import PlainForm
from prevention.surveys.questionnaire import LINKED, SHIPPED, parse, shipped
from prevention.surveys.rules import Form, Questionnaire
from prevention.surveys.units import broken_trends

# Published versions never change, so a process parses each once. Keys are random, so no two databases share
# one.
_parsed: dict[uuid.UUID, Questionnaire] = {}
_forms: dict[tuple[uuid.UUID, Form], PlainForm] = {}


def publish_shipped(code: str = SHIPPED[0]) -> PublishedQuestionnaire:
    """Publish the questionnaire that comes with the application; a second time gives the same row. Flushes."""
    return publish(shipped(code))


def publish(definition: Mapping[str, Any]) -> PublishedQuestionnaire:
    """Freeze a definition as a version; a version that is there already is given back untouched. Flushes.

    Raises:
        BadDefinition: the definition has faults.
        ValueError: another definition was published under this code and version.
    """
    questionnaire = parse(definition)
    known = db.session.scalar(
        select(PublishedQuestionnaire).where(
            PublishedQuestionnaire.code == questionnaire.code,
            PublishedQuestionnaire.version == questionnaire.version,
        )
    )
    if known is not None:
        if known.definition != definition:
            raise ValueError(f"{known.code} {known.version} was published with other words: raise the version")
        return known
    row = PublishedQuestionnaire(
        code=questionnaire.code,
        version=questionnaire.version,
        title=Localised(questionnaire.title),
        definition=dict(definition),
        published_on=questionnaire.published_on,
    )
    db.session.add(row)
    db.session.flush()
    return row


def published_questionnaire(questionnaire_id: uuid.UUID) -> Questionnaire:
    """Give a published questionnaire as values; no query after a process's first time.

    Raises:
        LookupError: there is no such questionnaire.
    """
    if questionnaire_id not in _parsed:
        row = db.session.get(PublishedQuestionnaire, questionnaire_id)
        if row is None:
            raise LookupError(questionnaire_id)
        _parsed[questionnaire_id] = parse(row.definition)
    return _parsed[questionnaire_id]


def parsed_questionnaire(questionnaire_id: uuid.UUID) -> Questionnaire | None:
    """Give a questionnaire that this process has read already, or None; no query."""
    return _parsed.get(questionnaire_id)


def known_form(questionnaire_id: uuid.UUID, form: Form) -> PlainForm | None:
    """Give a form of a questionnaire that this process has read already, ready to read answers; or None. No query."""
    known = _forms.get((questionnaire_id, form))
    if known is None and questionnaire_id in _parsed:
        known = _forms[questionnaire_id, form] = PlainForm(_parsed[questionnaire_id], form)
    return known


def questionnaire_row(questionnaire_id: uuid.UUID) -> PublishedQuestionnaire:
    """Load a published questionnaire.

    Raises:
        NotYours: there is none.
    """
    row = db.session.get(PublishedQuestionnaire, questionnaire_id)
    if row is None:
        raise NotYours
    return row


def published_rows() -> list[PublishedQuestionnaire]:
    """List the published questionnaires, newest first; the forms of linked pairs, which are made by themselves, not."""
    return [row for row in reversed(_oldest_first()) if not row.code.endswith(LINKED)]


def version_before(row: PublishedQuestionnaire) -> PublishedQuestionnaire | None:
    """Give the version that a published questionnaire replaced, or None."""
    older = [one for one in _oldest_first() if one.code == row.code]
    place = [one.id for one in older].index(row.id)
    return older[place - 1] if place else None


def broken_trends_of(row: PublishedQuestionnaire) -> dict[str, list[str]]:
    """List the items that are worded differently than in the version before: item code to languages."""
    before = version_before(row)
    if before is None:
        return {}
    return broken_trends(published_questionnaire(before.id), published_questionnaire(row.id))


def offered_questionnaires() -> dict[str, str]:
    """Give the questionnaires a new wave can use, code to title: those shipped and those published."""
    titles = {code: Localised(shipped(code)["title"]).text() for code in SHIPPED}
    titles.update({row.code: row.title.text() for row in _oldest_first() if not row.code.endswith(LINKED)})
    return titles


def chosen_questionnaire(code: str) -> uuid.UUID:
    """Give the id of the newest version of a questionnaire; the shipped one is published by being chosen. Flushes.

    Raises:
        LookupError: there is no questionnaire of that code.
    """
    if code in SHIPPED:
        publish_shipped(code)
    rows = [row for row in _oldest_first() if row.code == code]
    if not rows:
        raise LookupError(code)
    return rows[-1].id


def _oldest_first() -> list[PublishedQuestionnaire]:
    return list(
        db.session.scalars(
            select(PublishedQuestionnaire).order_by(PublishedQuestionnaire.published_on, PublishedQuestionnaire.version)
        )
    )

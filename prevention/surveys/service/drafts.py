"""Questionnaires being written, the item bank, licensed texts, and publishing: from then on nothing changes."""

import uuid
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.surveys.drafting import DraftRefused, copy_of, entry_for_bank, new_definition
from prevention.surveys.instruments import missing_instruments, with_instruments
from prevention.surveys.models import BankItem, InstrumentText, PublishedQuestionnaire, QuestionnaireDraft
from prevention.surveys.questionnaire import SHIPPED, parse, shipped
from prevention.surveys.service.questionnaires import publish


def drafts() -> list[QuestionnaireDraft]:
    """List the drafts, the last changed first."""
    return list(
        db.session.scalars(
            select(QuestionnaireDraft).order_by(QuestionnaireDraft.changed_on.desc(), QuestionnaireDraft.code)
        )
    )


def draft_for(actor: Actor, draft_id: uuid.UUID) -> QuestionnaireDraft:
    """Load a draft for the office.

    Raises:
        NotYours: there is none, or the person is not of the office.
    """
    row = db.session.get(QuestionnaireDraft, draft_id)
    if row is None or not actor.sees_all:
        raise NotYours
    return row


def begin_draft(
    actor: Actor | None, *, code: str, title: Mapping[str, str], based_on: str = "", today: date
) -> QuestionnaireDraft:
    """Begin a questionnaire, empty but for the assent, or as a copy of a shipped or published one. Flushes.

    Args:
        actor: who begins it.
        code: its code; that of the questionnaire it is based on makes it the next version of it.
        title: its title by language.
        based_on: code of a shipped or published questionnaire; empty for none.
        today: the present day.

    Raises:
        DraftRefused: a draft of this code is there.
        LookupError: there is no questionnaire to base it on.
    """
    if based_on:
        definition = {**copy_of(_newest(based_on), code=code), "title": dict(title)}
    else:
        definition = new_definition(code, title)
    return keep_draft(actor, definition, today=today)


def keep_draft(actor: Actor | None, definition: Mapping[str, Any], *, today: date) -> QuestionnaireDraft:
    """Keep a definition, made here or read from a file, as a draft. Flushes.

    Raises:
        DraftRefused: a draft of this code is there.
    """
    row = QuestionnaireDraft(
        id=uuid.uuid4(), code=definition["code"], definition=dict(definition), revision=1, changed_on=today
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise DraftRefused(DraftRefused.CODE_TAKEN, value=row.code) from error
    audit.record(actor, "surveys.draft_begun", row.id, code=row.code)
    fill_bank()
    db.session.flush()
    return row


def change_draft(
    actor: Actor, draft: QuestionnaireDraft, definition: Mapping[str, Any], *, revision: int, today: date
) -> None:
    """Keep a changed definition, unless somebody changed the draft since `revision` was shown. Flushes.

    Raises:
        DraftRefused: it was changed meanwhile.
    """
    changed = db.session.execute(
        update(QuestionnaireDraft)
        .where(QuestionnaireDraft.id == draft.id, QuestionnaireDraft.revision == revision)
        .values(definition=dict(definition), revision=revision + 1, changed_on=today)
        .returning(QuestionnaireDraft.id),
        execution_options={"synchronize_session": False},
    ).first()
    if changed is None:
        raise DraftRefused(DraftRefused.CHANGED_MEANWHILE)
    db.session.refresh(draft)
    audit.record(actor, "surveys.draft_changed", draft.id, revision=draft.revision)
    db.session.flush()


def discard_draft(actor: Actor, draft: QuestionnaireDraft) -> None:
    """Delete a draft. Flushes."""
    audit.record(actor, "surveys.draft_discarded", draft.id, code=draft.code)
    db.session.delete(draft)
    db.session.flush()


def publish_draft(actor: Actor, draft: QuestionnaireDraft, *, revision: int, today: date) -> PublishedQuestionnaire:
    """Freeze a draft as the next version of its code, with the licensed texts that are loaded; it is no draft then.

    Flushes.

    Raises:
        BadDefinition: it has faults.
        DraftRefused: it was changed meanwhile, or published by somebody else.
    """
    definition = ready_definition(draft, today=today)
    parse(definition)
    claimed = db.session.execute(
        delete(QuestionnaireDraft)
        .where(QuestionnaireDraft.id == draft.id, QuestionnaireDraft.revision == revision)
        .returning(QuestionnaireDraft.id),
        execution_options={"synchronize_session": False},
    ).first()
    if claimed is None:
        raise DraftRefused(DraftRefused.CHANGED_MEANWHILE)
    db.session.expunge(draft)
    row = publish(definition)
    remember_items(definition)
    audit.record(actor, "surveys.questionnaire_published", row.id, code=row.code, version=row.version)
    db.session.flush()
    return row


def ready_definition(draft: QuestionnaireDraft, *, today: date) -> dict[str, Any]:
    """Give what would be published today: the draft with version, day and licensed texts."""
    definition = deepcopy(draft.definition)
    definition.pop("import_report", None)
    definition |= {"version": _next_version(draft.code, today), "published_on": today.isoformat()}
    return with_instruments(definition, loaded_instruments())


def left_out(draft: QuestionnaireDraft) -> list[str]:
    """List the instruments whose items would be left out: their licensed text is not loaded in every language."""
    return missing_instruments(draft.definition, loaded_instruments())


def _next_version(code: str, today: date) -> str:
    taken = set(db.session.scalars(select(PublishedQuestionnaire.version).where(PublishedQuestionnaire.code == code)))
    if code in SHIPPED:
        taken.add(shipped(code)["version"])
    return next(version for version in (f"{today.year}.{number}" for number in range(1, 1000)) if version not in taken)


def _newest(code: str) -> Mapping[str, Any]:
    row = db.session.scalar(
        select(PublishedQuestionnaire)
        .where(PublishedQuestionnaire.code == code)
        .order_by(PublishedQuestionnaire.published_on.desc(), PublishedQuestionnaire.version.desc())
        .limit(1)
    )
    if row is not None:
        return row.definition
    if code not in SHIPPED:
        raise LookupError(code)
    return shipped(code)


# ---- The bank -----------------------------------------------------------------------------------------------------


def fill_bank() -> None:
    """Put the items of the shipped questionnaires into the bank; a second time changes nothing. Flushes."""
    for code in SHIPPED:
        remember_items(shipped(code))


def remember_items(definition: Mapping[str, Any]) -> None:
    """Put the items of a definition into the bank: a new one as version 1, a changed one as the next. Flushes."""
    newest = {row.code: row for row in _versions()}
    for item in definition["items"]:
        entry = entry_for_bank(definition, item)
        known = newest.get(item["code"])
        if known is None or known.definition != entry:
            db.session.add(BankItem(code=item["code"], version=known.version + 1 if known else 1, definition=entry))
    db.session.flush()


def bank_items(words: str = "") -> list[BankItem]:
    """List the newest version of each item of the bank that has these words in its code, text or source, by code."""
    newest = {row.code: row for row in _versions()}
    wanted = words.lower().split()
    return [row for row in newest.values() if all(word in _searched(row) for word in wanted)]


def bank_item(code: str) -> BankItem:
    """Give the newest version of an item.

    Raises:
        NotYours: there is none.
    """
    row = db.session.scalar(select(BankItem).where(BankItem.code == code).order_by(BankItem.version.desc()).limit(1))
    if row is None:
        raise NotYours
    return row


def _versions() -> list[BankItem]:
    return list(db.session.scalars(select(BankItem).order_by(BankItem.code, BankItem.version)))


def _searched(row: BankItem) -> str:
    item = row.definition["item"]
    texts = [*item.get("text", {}).values(), *row.definition["lead"].values()]
    return " ".join([row.code, *texts, item.get("source", "")]).lower()


# ---- Licensed instruments -----------------------------------------------------------------------------------------


def loaded_instruments() -> dict[str, dict[str, dict[str, str]]]:
    """Give the licensed texts that were loaded: instrument to unit to language to text. One query."""
    return {row.instrument: row.texts for row in db.session.scalars(select(InstrumentText))}


def instrument_rows() -> dict[str, InstrumentText]:
    """Give what was loaded, by instrument. One query."""
    return {row.instrument: row for row in db.session.scalars(select(InstrumentText))}


def load_instrument(
    actor: Actor | None, instrument: str, texts: Mapping[str, Mapping[str, str]], *, licence: str, today: date
) -> InstrumentText:
    """Keep the licensed wording of an instrument in place of what was there; published versions keep theirs."""
    row = db.session.get(InstrumentText, instrument) or InstrumentText(instrument=instrument)
    row.texts = {unit: dict(text) for unit, text in texts.items()}
    row.licence, row.loaded_on = licence, today
    db.session.add(row)
    audit.record(actor, "surveys.instrument_loaded", None, instrument=instrument, licence=licence)
    db.session.flush()
    return row

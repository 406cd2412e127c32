"""The verbs of an edition: begin, write, send to review, sign, publish, correct.

Its papers are `edition_papers`; what is only read, `edition_reading`.

A state is left by a conditional UPDATE: of two people who act at once, one is told that the edition has moved on. The
signature names the figures and texts by their SHA-256; what is built afterwards is built from these, and from nothing
else.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.i18n import DEFAULT_LANGUAGE
from prevention.reports import edition_papers, service
from prevention.reports.edition_reading import are_results_changed, figures_of, latest, missing
from prevention.reports.edition_rules import (
    BuildState,
    ChangesUnsaid,
    EditionState,
    NotBuilt,
    NothingConcluded,
    NotNow,
    OneUnderWay,
    ResultsChanged,
    TextsChanged,
    YearNotClosed,
    check_signature,
)
from prevention.reports.figures import YearFigures
from prevention.reports.models import ReportEdition
from prevention.reports.papers import papers_of

Texts = Mapping[str, Mapping[str, str]]


def begin(
    actor: Actor | None, *, school_year: int, now: datetime, today: date, figures: YearFigures | None = None
) -> ReportEdition:
    """Begin an edition of a school year's report with its figures as they stand, and the texts of the one before.

    Args:
        actor: None when the clock begins it.
        figures: collected a moment ago; now when None.

    Raises:
        YearNotOffered: the year has not begun, or lies too far back.
        OneUnderWay: an edition of the year is not published yet.
    """
    figures = figures or service.figures_of(school_year, today=today)
    before = latest(school_year)
    if before is not None and before.state is not EditionState.PUBLISHED:
        raise OneUnderWay
    edition = ReportEdition(
        school_year=school_year,
        number=before.number + 1 if before else 1,
        state=EditionState.DRAFT,
        figures=figures.to_json(),
        collected_at=now,
        texts=before.texts if before else {},
        texts_version=1,
        changes={},
        created_by=actor.id if actor else None,
        created_at=now,
        note="",
        signed_name="",
        build=BuildState.NONE,
        papers_wanted=0,
        attempts=0,
    )
    db.session.add(edition)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise OneUnderWay from error
    audit.record(actor, "report.edition_begun", edition.id, school_year=school_year, number=edition.number)
    return edition


def collect_again(actor: Actor, edition: ReportEdition, *, now: datetime, today: date) -> None:
    """Put the figures as they stand today in the place of a draft's.

    Raises:
        NotNow: the edition is no draft any more.
    """
    figures = service.figures_of(edition.school_year, today=today)
    _move(edition, EditionState.DRAFT, figures=figures.to_json(), collected_at=now)
    audit.record(actor, "report.edition_collected", edition.id)


def save_texts(actor: Actor, edition: ReportEdition, texts: Texts, *, changes: Mapping[str, str], version: int) -> int:
    """Save the office's texts of a draft; give their new version.

    Raises:
        NotNow: the edition is no draft any more.
        TextsChanged: they were saved by somebody else since `version`; nothing is overwritten.
    """
    saved: int | None = db.session.scalar(
        update(ReportEdition)
        .where(
            ReportEdition.id == edition.id,
            ReportEdition.state == EditionState.DRAFT,
            ReportEdition.texts_version == version,
        )
        .values(
            texts={key: dict(value) for key, value in texts.items()}, changes=dict(changes), texts_version=version + 1
        )
        .returning(ReportEdition.texts_version)
    )
    if saved is None:
        db.session.refresh(edition)
        raise NotNow if edition.state is not EditionState.DRAFT else TextsChanged
    db.session.refresh(edition)
    audit.record(actor, "report.texts_saved", edition.id, version=saved)
    return saved


def send_to_review(actor: Actor, edition: ReportEdition, *, now: datetime, today: date, accepted: int = 0) -> None:
    """Hand a draft to a second person.

    Args:
        accepted: so many missing registers were seen and are accepted; the report says how many they are.

    Raises:
        NotNow, YearNotClosed, ResultsChanged, NothingConcluded, ChangesUnsaid: see `edition_rules`.
    """
    _check_ready(edition, today=today, accepted=accepted)
    _move(edition, EditionState.DRAFT, state=EditionState.IN_REVIEW, sent_by=actor.id, sent_at=now, note="")
    audit.record(actor, "report.sent_to_review", edition.id, registers_accepted=accepted)


def send_back(actor: Actor, edition: ReportEdition, *, note: str) -> None:
    """Give an edition back to its writers with a note, e.g. what to mend.

    Raises:
        NotNow: it is not in review.
    """
    _move(edition, EditionState.IN_REVIEW, state=EditionState.DRAFT, note=note)
    audit.record(actor, "report.sent_back", edition.id)


def sign(actor: Actor, edition: ReportEdition, *, now: datetime, today: date, accepted: int = 0) -> None:
    """Sign an edition off and have its papers made; `accepted` as for `send_to_review`.

    Raises:
        SamePerson: the signer began the edition or sent it to review.
        NotNow, YearNotClosed, ResultsChanged, NothingConcluded, ChangesUnsaid: see `edition_rules`.
    """
    check_signature(signer=actor.id, authors=frozenset({edition.created_by, edition.sent_by}))
    _check_ready(edition, today=today, accepted=accepted)
    figures = figures_of(edition)
    _move(
        edition,
        EditionState.IN_REVIEW,
        state=EditionState.SIGNED,
        signed_by=actor.id,
        signed_name=actor.name,
        signed_at=now,
        identifier=figures.identifier,
        build=BuildState.WAITING,
        papers_wanted=len(papers_of(figures)),
        attempts=0,
    )
    audit.record(actor, "report.signed", edition.id, identifier=figures.identifier, registers_accepted=accepted)


def take_back(actor: Actor, edition: ReportEdition, *, note: str) -> None:
    """Take a signature back before publication: the edition is a draft again, and its papers are forgotten.

    Raises:
        NotNow: it is not signed, or already published.
    """
    _move(
        edition,
        EditionState.SIGNED,
        state=EditionState.DRAFT,
        note=note,
        identifier=None,
        signed_by=None,
        signed_name="",
        signed_at=None,
        build=BuildState.NONE,
        claim=None,
        leased_until=None,
        problem=None,
    )
    for paper in edition_papers.papers(edition.id):
        db.session.delete(paper)
    audit.record(actor, "report.signature_taken_back", edition.id)


def publish(actor: Actor, edition: ReportEdition, *, now: datetime) -> None:
    """Put an edition and its papers before the public.

    Raises:
        NotBuilt: not all its papers are there.
        ResultsChanged: survey results were published or corrected since: the papers would contradict the open data.
        NotNow: it is not signed, or published already.
    """
    if edition.state is EditionState.SIGNED and edition.build is not BuildState.DONE:
        raise NotBuilt
    if edition.state is EditionState.SIGNED and are_results_changed(figures_of(edition)):
        raise ResultsChanged
    _move(edition, EditionState.SIGNED, state=EditionState.PUBLISHED, published_at=now)
    audit.record(actor, "report.published", edition.id, identifier=edition.identifier)


def _check_ready(edition: ReportEdition, *, today: date, accepted: int) -> None:
    found = missing(edition, today=today)
    if found.but_for_registers(accepted):
        raise YearNotClosed(found)
    if are_results_changed(figures_of(edition)):
        raise ResultsChanged
    if not edition.texts.get(DEFAULT_LANGUAGE, {}).get("conclusions", "").strip():
        raise NothingConcluded
    if edition.number > 1 and not edition.changes.get(DEFAULT_LANGUAGE, "").strip():
        raise ChangesUnsaid


def _move(edition: ReportEdition, since: EditionState, /, **values: Any) -> None:
    moved = db.session.scalar(
        update(ReportEdition)
        .where(ReportEdition.id == edition.id, ReportEdition.state == since)
        .values(**values)
        .returning(ReportEdition.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(edition)
    if moved is None:
        raise NotNow

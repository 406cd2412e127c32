"""Waves: making one, opening and closing it, and what staff may see of it meanwhile."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, func, select, union_all, update
from sqlalchemy.orm import joinedload, selectinload

from prevention.booking.models import Booking
from prevention.booking.rules import BookingStatus
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.network import service as network
from prevention.network.governance_models import ProtectionAct
from prevention.roles import Role
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS
from prevention.surveys.codes import cluster_mark
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, Wave, WaveAct, WaveClass, WaveSecret
from prevention.surveys.service.credentials import forget_credentials
from prevention.surveys.service.personal_codes import waits_for_joining
from prevention.surveys.service.residue import owe_tidying
from prevention.surveys.service.secrets import fresh_key
from prevention.surveys.wave_rules import THRESHOLD, NewWave, WaveRefused, WaveStatus, takes_answers


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassState:
    """What staff may know of a class in a wave. Never a count of answers: only whether there are enough."""

    wave_class: WaveClass
    has_codes: bool
    reached_threshold: bool
    has_report: bool


def waves_for(actor: Actor) -> list[Wave]:
    """List the waves a person may see, newest window first: the office all, a coordinator those of own classes."""
    query = select(Wave).order_by(Wave.opens_on.desc(), Wave.name)
    return list(db.session.scalars(_within_scope(query, actor)))


def running_waves_for(actor: Actor, *, today: date) -> list[Wave]:
    """List the waves a person may see that take answers today, newest window first."""
    return [
        wave
        for wave in waves_for(actor)
        if takes_answers(wave.status, opens_on=wave.opens_on, closes_on=wave.closes_on, today=today)
    ]


def wave_for(actor: Actor, wave_id: uuid.UUID) -> Wave:
    """Load a wave for a person who may see it.

    Raises:
        NotYours: there is none, or none with a class of theirs.
    """
    wave = db.session.scalar(_within_scope(select(Wave).where(Wave.id == wave_id), actor))
    if wave is None:
        raise NotYours
    return wave


def bookable_classes(school_year: int) -> list[SchoolClass]:
    """List the classes of the target levels in a school year, by school and name, for the office to choose from."""
    return list(
        db.session.scalars(
            select(SchoolClass)
            .join(SchoolClass.site)
            .where(SchoolClass.school_year == school_year, Site.level.in_(TARGET_LEVELS))
            .options(joinedload(SchoolClass.site).joinedload(Site.institute))
            .order_by(Site.name, Site.code, SchoolClass.grade, SchoolClass.section)
        )
    )


def booked_class_ids(school_year: int) -> frozenset[uuid.UUID]:
    """Give the ids of the classes of a school year that have a booking which was not cancelled."""
    return frozenset(
        db.session.scalars(
            select(Booking.school_class_id)
            .join(SchoolClass, SchoolClass.id == Booking.school_class_id)
            .where(Booking.status == BookingStatus.CONFIRMED, SchoolClass.school_year == school_year)
        )
    )


def create_wave(actor: Actor | None, new: NewWave, *, class_ids: Sequence[uuid.UUID] | None = None) -> Wave:
    """Make a wave as a draft. Flushes.

    Args:
        actor: who makes it; None for a command.
        new: its name, year, questionnaire, window and mode.
        class_ids: the classes that take part; None takes every class of the year that has a booking.

    Raises:
        WaveRefused: the window runs backwards, no class takes part, or a class is of another school year.
    """
    if new.opens_on > new.closes_on:
        raise WaveRefused(WaveRefused.WINDOW_BACKWARDS)
    chosen = booked_class_ids(new.school_year) if class_ids is None else frozenset(class_ids)
    classes = [one.id for one in bookable_classes(new.school_year) if one.id in chosen]
    if class_ids is not None and len(classes) != len(chosen):
        raise WaveRefused(WaveRefused.CLASS_OF_OTHER_YEAR)
    if not classes:
        raise WaveRefused(WaveRefused.NO_CLASSES)
    wave = Wave(
        id=uuid.uuid4(),
        name=new.name,
        school_year=new.school_year,
        questionnaire_id=new.questionnaire_id,
        mode=new.mode,
        opens_on=new.opens_on,
        closes_on=new.closes_on,
        classes=[WaveClass(school_class_id=class_id) for class_id in classes],
    )
    db.session.add(wave)
    db.session.flush()
    db.session.add(WaveSecret(wave_id=wave.id, code_key=fresh_key(), cluster_key=fresh_key()))
    audit.record(actor, "surveys.wave_created", wave.id, classes=len(classes))
    db.session.flush()
    return wave


def open_wave(actor: Actor | None, wave: Wave) -> None:
    """Let a draft take answers within its window, under the acts of data protection that are known now. Flushes.

    Raises:
        WaveRefused: it is no draft.
    """
    _move(wave, WaveStatus.DRAFT, WaveStatus.OPEN)
    acts = network.acts_in_force(wave.opens_on, wave.closes_on)
    db.session.add_all(WaveAct(wave_id=wave.id, act_id=act.id) for act in acts)
    audit.record(actor, "surveys.wave_opened", wave.id)
    db.session.flush()


def acts_of(wave: Wave) -> list[ProtectionAct]:
    """List the versions of acts under which a wave was opened; of a draft, those in force on its days. One query."""
    if wave.status is WaveStatus.DRAFT:
        return network.acts_in_force(wave.opens_on, wave.closes_on)
    return network.acts_named(select(WaveAct.act_id).where(WaveAct.wave_id == wave.id))


def close_wave(actor: Actor | None, wave: Wave, now: datetime | None = None) -> None:
    """End an open wave for good: from here on no code of it opens anything. Flushes.

    Unspent codes are deleted, which also makes an answer that is being handed in at this very moment either
    come before (and be kept) or find no code. Receipts are erased from the spent ones; on PostgreSQL that
    rewrites every row, so that all carry the mark of one transaction instead of the order in which they were
    spent.

    Raises:
        WaveRefused: it is not open.
    """
    _move(wave, WaveStatus.OPEN, WaveStatus.CLOSED)
    mine = select(WaveClass.id).where(WaveClass.wave_id == wave.id)
    db.session.execute(
        delete(AccessCode).where(AccessCode.wave_class_id.in_(mine), AccessCode.is_spent.is_(False)),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(AccessCode).where(AccessCode.wave_class_id.in_(mine)).values(receipt_hash=None),
        execution_options={"synchronize_session": False},
    )
    forget_credentials(wave.id)
    owe_tidying()
    audit.record(actor, "surveys.wave_closed", wave.id, on=clock.day_of(now or clock.now()).isoformat())
    db.session.flush()


def next_closed_wave() -> Wave | None:
    """Give a wave that is closed and waits to be sealed, the earliest window first; None when there is none.

    A wave of a linked pair waits until the pair is joined or given up.
    """
    return db.session.scalar(
        select(Wave)
        .where(Wave.status == WaveStatus.CLOSED, Wave.id.not_in(waits_for_joining()))
        .order_by(Wave.closes_on, Wave.id)
        .limit(1)
    )


def class_states(actor: Actor, wave: Wave) -> list[ClassState]:
    """List the classes of a wave that a person may see, by school and name. Four queries."""
    query = (
        select(WaveClass)
        .join(WaveClass.school_class)
        .join(SchoolClass.site)
        .where(WaveClass.wave_id == wave.id)
        .options(
            joinedload(WaveClass.school_class).joinedload(SchoolClass.site).joinedload(Site.institute),
            selectinload(WaveClass.report),
        )
        .order_by(Site.name, Site.code, SchoolClass.grade, SchoolClass.section)
    )
    if not actor.sees_all:
        query = query.where(Site.institute_id.in_(actor.scope))
    reached = _marks_over_threshold(wave.id)
    secret = db.session.get(WaveSecret, wave.id)
    return [
        ClassState(
            wave_class=wave_class,
            has_codes=wave_class.codes_made > 0,
            reached_threshold=secret is not None
            and cluster_mark(wave_class.id.bytes, cluster_key=secret.cluster_key) in reached,
            has_report=wave_class.report is not None,
        )
        for wave_class in db.session.scalars(query)
    ]


def _marks_over_threshold(wave_id: uuid.UUID) -> frozenset[bytes]:
    """Give the cluster marks with enough answers. Answers are counted, not spent codes: one is spent at the start."""
    marks = union_all(
        *(select(box.cluster_mark).where(box.wave_id == wave_id) for box in (Ballot, MixedAnswer))
    ).subquery()
    found = select(marks.c.cluster_mark).group_by(marks.c.cluster_mark).having(func.count() >= THRESHOLD)
    return frozenset(map(bytes, db.session.scalars(found)))


def _within_scope(query: Select[Wave], actor: Actor) -> Select[Wave]:
    if actor.sees_all:
        return query
    own = (
        select(WaveClass.wave_id)
        .join(WaveClass.school_class)
        .join(SchoolClass.site)
        .where(Site.institute_id.in_(actor.scope if actor.has(Role.COORDINATOR) else ()))
    )
    return query.where(Wave.id.in_(own))


def _move(wave: Wave, before: WaveStatus, after: WaveStatus) -> None:
    """Claim the step by a conditional update, so that of two at once one is refused."""
    moved = db.session.execute(
        update(Wave).where(Wave.id == wave.id, Wave.status == before).values(status=after).returning(Wave.id),
        execution_options={"synchronize_session": False},
    ).first()
    if moved is None:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    db.session.refresh(wave)

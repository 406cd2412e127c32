"""What the pages of a plan show: its dates, and the requests that wait."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking.models import Booking
from prevention.booking.plan_models import PlannedMeeting, PlanningRun, UnplacedRequest
from prevention.booking.service.plan_times import moment_of
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass, Site


def planned_meetings(
    run: PlanningRun,
    *,
    since: date | None = None,
    until: date | None = None,
    facilitator_id: uuid.UUID | None = None,
    institute_id: uuid.UUID | None = None,
) -> Sequence[PlannedMeeting]:
    """List the dates that a run proposes, in order, with what its pages show; `until` is the first day after."""
    query = (
        select(PlannedMeeting)
        .where(PlannedMeeting.run_id == run.id)
        .options(
            joinedload(PlannedMeeting.facilitator).options(lazyload(User.roles)),
            joinedload(PlannedMeeting.room),
            _with_class(),
        )
        .order_by(PlannedMeeting.starts_at, PlannedMeeting.id)
    )
    if since is not None:
        query = query.where(PlannedMeeting.starts_at >= moment_of(since, 0))
    if until is not None:
        query = query.where(PlannedMeeting.starts_at < moment_of(until, 0))
    if facilitator_id is not None:
        query = query.where(PlannedMeeting.facilitator_id == facilitator_id)
    if institute_id is not None:
        of_school = (
            select(Booking.id)
            .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
            .join(Site, SchoolClass.site_id == Site.id)
            .where(Site.institute_id == institute_id)
        )
        query = query.where(PlannedMeeting.booking_id.in_(of_school))
    return db.session.scalars(query).all()


def unplaced_requests(run: PlanningRun) -> Sequence[UnplacedRequest]:
    """List the requests that a run found no dates for, by school and class."""
    rows = db.session.scalars(
        select(UnplacedRequest).where(UnplacedRequest.run_id == run.id).options(_with_class(UnplacedRequest.booking))
    ).all()
    return sorted(
        rows, key=lambda row: (row.booking.school_class.site.name, row.booking.school_class.label, str(row.id))
    )


def _with_class(booking: Any = PlannedMeeting.booking) -> Any:
    return joinedload(booking).options(
        joinedload(Booking.edition).joinedload(Edition.programme),
        joinedload(Booking.school_class)
        .joinedload(SchoolClass.site)
        .options(joinedload(Site.institute), joinedload(Site.municipality)),
    )

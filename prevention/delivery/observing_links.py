"""Links by which a teacher without an account fills in what was seen of one meeting: signed, for a while, once.

A link says which meeting, who sent it and until when; nothing is stored for it. It works only while its sender may
observe the meeting and nobody has observed it yet, so it is spent with the first answer, whoever gave that. What comes
by a link is written down under the name of who sent it, and the trail says that it came so.
"""

import uuid
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import BookingMeeting
from prevention.config import Settings
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.web import address_of
from prevention.delivery import letters
from prevention.delivery.models import LessonObservation
from prevention.delivery.observing import Observation, may_observe, observe
from prevention.delivery.rules import AlreadyObserved
from prevention.delivery.service.meetings import meeting_for

PURPOSE = "teacher's observation"
# A link holds until so long after the meeting, or after it was sent if that is later.
LIFETIME = timedelta(days=30)


def send_link(actor: Actor, meeting: BookingMeeting, *, to: str, now: datetime) -> None:
    """Mail a teacher the link to the form of one meeting; the same address gets it once a day. Flushes.

    Raises:
        NotYours: this person may not observe the meeting.
        AlreadyObserved: there is nothing left to fill in.
    """
    if not may_observe(actor, meeting):
        raise NotYours(meeting.id)
    if _is_observed(meeting):
        raise AlreadyObserved
    until = max(now, meeting.ends_at) + LIFETIME
    token = str(_signer().dumps([meeting.id.hex, actor.id.hex, int(until.timestamp())]))
    address = address_of("delivery.observe_by_link", token=token)
    letters.ask_teacher(meeting, to=to, sender=actor.name, address=address, until=until, today=now)
    audit.record(actor, "delivery.observation_asked", meeting.id)


def meeting_of_link(token: str, *, now: datetime) -> tuple[Actor, BookingMeeting]:
    """Give the sender and the meeting of a link.

    Raises:
        NotYours: it is none of ours, too old, or its sender may not observe the meeting any more.
        AlreadyObserved: it is spent.
    """
    try:
        meeting_key, sender_key, until = _signer().loads(token)
        meeting_id, sender_id = uuid.UUID(hex=meeting_key), uuid.UUID(hex=sender_key)
    except (BadSignature, ValueError, TypeError, AttributeError) as error:
        raise NotYours(token[:8]) from error
    sender = db.session.get(User, sender_id)
    if sender is None or not sender.active or not isinstance(until, int) or now.timestamp() > until:
        raise NotYours(meeting_id)
    actor = actor_of(sender)
    meeting = meeting_for(actor, meeting_id)
    if not may_observe(actor, meeting):
        raise NotYours(meeting_id)
    if _is_observed(meeting):
        raise AlreadyObserved
    return actor, meeting


def observe_by_link(actor: Actor, meeting: BookingMeeting, seen: Observation, *, now: datetime) -> LessonObservation:
    """Write down what a teacher saw, once. Flushes.

    Raises:
        AlreadyObserved: another answer was faster.
        NotYetHeld: the meeting lies ahead.
    """
    db.session.execute(select(BookingMeeting.id).where(BookingMeeting.id == meeting.id).with_for_update())
    if _is_observed(meeting):
        raise AlreadyObserved
    row = observe(actor, meeting, seen, now=now)
    audit.record(None, "delivery.observed_by_link", row.id, meeting=str(meeting.id))
    return row


def _is_observed(meeting: BookingMeeting) -> bool:
    found = select(LessonObservation.id).where(LessonObservation.booking_meeting_id == meeting.id)
    return db.session.scalar(found) is not None


def _signer() -> URLSafeSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    return URLSafeSerializer(settings.derived_key(PURPOSE), salt=PURPOSE)

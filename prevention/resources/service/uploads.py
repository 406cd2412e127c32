"""Files on their way in pieces: announced, received piece by piece, handed in by a form once, or forgotten."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import selectinload

from prevention.accounts.models import User
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.parts import Part
from prevention.resources import rules
from prevention.resources.models import ResourceUpload, ResourceUploadPiece


def announce_upload(actor: Actor, *, file_name: str, size: int, most: int, now: datetime) -> ResourceUpload:
    """Begin a file of `size` bytes that comes in pieces. Flushes.

    Args:
        most: how many bytes a file may have.

    Raises:
        FileRefused, FileTooLarge, TooManyUploads: not this file, or not now.
    """
    # Two files announced at the same moment are counted one after the other.
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update())
    waiting = select(func.count()).select_from(ResourceUpload).where(ResourceUpload.uploaded_by == actor.id)
    under_way = db.session.scalar(waiting.where(ResourceUpload.touched_at >= now - rules.UPLOAD_LIFETIME)) or 0
    rules.check_announced(size, most=most, under_way=under_way)
    begun = ResourceUpload(
        id=uuid.uuid4(), file_name=file_name, size=size, received=0, uploaded_by=actor.id, touched_at=now
    )
    db.session.add(begun)
    db.session.flush()
    return begun


def upload_for(actor: Actor, upload_id: uuid.UUID, *, now: datetime) -> ResourceUpload:
    """Load a file on its way, with its pieces, that this person sends.

    Raises:
        NotYours: there is none, it is somebody else's, or it is too old.
    """
    found = db.session.scalar(
        select(ResourceUpload)
        .where(ResourceUpload.id == upload_id, ResourceUpload.uploaded_by == actor.id)
        .options(selectinload(ResourceUpload.pieces))
        .execution_options(populate_existing=True)
    )
    if found is None or rules.expires_at(found.touched_at) < now:
        raise NotYours(upload_id)
    return found


def uploads_of(actor: Actor, *, now: datetime) -> Sequence[ResourceUpload]:
    """List the files that somebody has under way, the last touched first."""
    return db.session.scalars(
        select(ResourceUpload)
        .where(ResourceUpload.uploaded_by == actor.id, ResourceUpload.touched_at >= now - rules.UPLOAD_LIFETIME)
        .order_by(ResourceUpload.touched_at.desc(), ResourceUpload.id)
    ).all()


def add_piece(actor: Actor, upload_id: uuid.UUID, part: Part, *, start: int, now: datetime) -> int:
    """Take a kept part for the next piece of a file; give how many bytes are there now.

    Of two pieces that begin at the same place, one is taken.

    Raises:
        NotYours: the file is not there any more, or not this person's.
        PieceMisplaced: another piece was faster.
    """
    received = db.session.scalar(
        update(ResourceUpload)
        .where(
            ResourceUpload.id == upload_id,
            ResourceUpload.uploaded_by == actor.id,
            ResourceUpload.received == start,
            ResourceUpload.size >= start + part.size,
        )
        .values(received=start + part.size, touched_at=now)
        .returning(ResourceUpload.received)
        .execution_options(synchronize_session=False)
    )
    if received is None:
        raise rules.PieceMisplaced(received=upload_for(actor, upload_id, now=now).received)
    db.session.execute(insert(ResourceUploadPiece).values(upload_id=upload_id, start=start, part=part.key))
    return received


def finished_upload(actor: Actor, upload_id: uuid.UUID, *, now: datetime) -> ResourceUpload:
    """Load a file of which every piece has come.

    Raises:
        UploadGone: it was handed in already, thrown away, or is too old.
        UploadUnfinished: pieces are missing.
    """
    try:
        found = upload_for(actor, upload_id, now=now)
    except NotYours as error:
        raise rules.UploadGone from error
    if found.received < found.size:
        raise rules.UploadUnfinished
    return found


def claim_upload(actor: Actor, upload_id: uuid.UUID) -> None:
    """Take a file away from those on their way, once: a form hands it in. Its parts are dropped by the caller.

    Raises:
        UploadGone: another form was faster.
    """
    if not _take_away(actor, upload_id):
        raise rules.UploadGone


def discard_upload(actor: Actor, upload_id: uuid.UUID) -> None:
    """Forget a file on its way. Its parts are dropped by the caller.

    Raises:
        NotYours: it is somebody else's, or gone already.
    """
    if not _take_away(actor, upload_id):
        raise NotYours(upload_id)


def _take_away(actor: Actor, upload_id: uuid.UUID) -> bool:
    gone = db.session.scalar(
        delete(ResourceUpload)
        .where(ResourceUpload.id == upload_id, ResourceUpload.uploaded_by == actor.id)
        .returning(ResourceUpload.id)
        .execution_options(synchronize_session=False)
    )
    return gone is not None


def forget_old_uploads(*, now: datetime) -> int:
    """Forget files whose next piece, or whose form, never came, and say how many."""
    expired = delete(ResourceUpload).where(ResourceUpload.touched_at < now - rules.UPLOAD_LIFETIME)
    return len(list(db.session.scalars(expired.returning(ResourceUpload.id))))


def parts_in_use(keys: Collection[str]) -> set[str]:
    """Give those of some parts that belong to a file on its way."""
    return set(db.session.scalars(select(ResourceUploadPiece.part).where(ResourceUploadPiece.part.in_(keys))))

"""Documents that the office hands in: kept by their content, handed out to those whom their row concerns.

Only the office hands documents in. Each goes through the same intake as a material of the library (`core.intake`):
told by its bytes, scanned, written anew, unless an electronic signature holds it together. It is handed out as an
attachment that a browser saves and never runs.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import or_, select

from prevention.core import files
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.intake import Kept
from prevention.network.governance_models import (
    DOCUMENT_SHELF,
    AgreementDocument,
    AgreementParty,
    Document,
    ProtectionAct,
    TableMeeting,
    TableSeat,
)
from prevention.roles import Role


def add_document(kept: Kept, *, now: datetime) -> Document:
    """Write the row of a file that was taken in, for the caller to tie to what it belongs to. Flushes."""
    row = Document(
        id=uuid.uuid4(),
        file_name=kept.file_name[-160:],
        media_type=kept.media_type,
        size=kept.stored.size,
        sha256=kept.stored.sha256,
        kept_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def document_for(actor: Actor, document_id: uuid.UUID) -> Document:
    """Give a document: the office any; others those of agreements, acts and meetings of their organisations.

    Raises:
        NotYours: it is not there or not theirs.
    """
    query = select(Document).where(Document.id == document_id)
    if not actor.has(Role.OFFICE):
        of_agreements = (
            select(AgreementDocument.document_id)
            .join(AgreementParty, AgreementParty.agreement_id == AgreementDocument.agreement_id)
            .where(AgreementParty.organisation_id.in_(actor.scope))
        )
        of_acts = select(ProtectionAct.document_id).where(
            or_(ProtectionAct.controller_id.in_(actor.scope), ProtectionAct.partner_id.in_(actor.scope))
        )
        of_meetings = (
            select(TableMeeting.minutes_id)
            .join(TableSeat, TableSeat.meeting_id == TableMeeting.id)
            .where(TableSeat.organisation_id.in_(actor.scope))
        )
        query = query.where(or_(Document.id.in_(of_agreements), Document.id.in_(of_acts), Document.id.in_(of_meetings)))
    found = db.session.scalar(query)
    if found is None:
        raise NotYours(document_id)
    return found


def open_document(document: Document) -> BinaryIO:
    """Open the content of a document for reading.

    Raises:
        FileNotFoundError: it is gone from the store.
    """
    return files.open_stored(files.relative_path_of(document.sha256), shelf=DOCUMENT_SHELF)


def documents_in_use(digests: Collection[str]) -> set[str]:
    """Say which contents some document speaks of."""
    return set(db.session.scalars(select(Document.sha256).where(Document.sha256.in_(digests))))

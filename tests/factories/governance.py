"""The smallest valid rows of agreements, acts, the steering table and their documents. Every factory flushes."""

import io
import uuid
from datetime import date
from typing import Any

from prevention.core import clock, files
from prevention.core.db import db
from prevention.core.intake import Kept
from prevention.network import service
from prevention.network.governance_models import (
    DOCUMENT_SHELF,
    Agreement,
    Decision,
    Document,
    ProtectionAct,
    TableMeeting,
)
from prevention.network.governance_rules import ActKind, AgreementKind
from prevention.network.models import Organisation
from tests.factories.network import make_organisation
from tests.resources import samples

# What the intake makes of a PDF of one empty page.
PDF = samples.PDF


def make_document(content: bytes = PDF, file_name: str = "atto.pdf") -> Document:
    """Keep a small PDF."""
    stored = files.store(io.BytesIO(content), max_bytes=10_000, shelf=DOCUMENT_SHELF)
    kept = Kept(stored=stored, media_type="application/pdf", file_name=file_name)
    return service.add_document(kept, now=clock.now())


def make_agreement(*parties: Organisation, documents: tuple[Document, ...] = (), **values: Any) -> Agreement:
    """Make an agreement of this year between these organisations."""
    row = Agreement(
        **{
            "id": uuid.uuid4(),
            "title": "Protocol",
            "kind": AgreementKind.PROTOCOL,
            "starts_on": date(2026, 9, 1),
            "note": "",
            "parties": list(parties),
            "documents": list(documents),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_act(**values: Any) -> ProtectionAct:
    """Make the first version of an impact assessment, in force since September."""
    if "controller_id" not in values:
        values["controller_id"] = make_organisation().id
    row = ProtectionAct(
        **{
            "id": uuid.uuid4(),
            "kind": ActKind.IMPACT_ASSESSMENT,
            "title": "Survey",
            "version": 1,
            "starts_on": date(2026, 9, 1),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_meeting(*seats: Organisation, decisions: tuple[Decision, ...] = (), **values: Any) -> TableMeeting:
    """Make a meeting of October at which these organisations sit."""
    row = TableMeeting(
        **{
            "id": uuid.uuid4(),
            "held_on": date(2026, 10, 12),
            "place": "",
            "agenda": "The year.",
            "seats": list(seats),
            "decisions": list(decisions),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_decision(owner: Organisation, **values: Any) -> Decision:
    """Make a decision that is due at the end of October, to be put into a meeting."""
    return Decision(
        **{
            "id": uuid.uuid4(),
            "position": 1,
            "words": "Open a desk.",
            "owner": owner,
            "due_on": date(2026, 10, 31),
            **values,
        }
    )

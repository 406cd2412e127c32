"""Spreadsheets of materials between handing in and confirming: their rows wait in a row of their own, once."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select

from prevention.accounts.models import User
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.resources.models import Resource, ResourceCare, ResourceImport
from prevention.resources.rules import CellFault, Status

# How long a spreadsheet waits to be confirmed.
IMPORT_LIFETIME = timedelta(hours=24)
# Databases bound the values of one statement.
_BATCH = 400

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRow:
    """One row of a spreadsheet: its number there (the header is 1), text by column, cells that hold no plain text."""

    number: int
    values: dict[str, str]
    faults: dict[str, CellFault] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells one material from another: its title, however written, and its link."""
        return key_of(self.values.get("title", ""), self.values.get("link", ""))


def key_of(title: str, link: str) -> Key:
    """Give what tells one material from another."""
    return " ".join(title.casefold().split()), link


def known_among(actor: Actor, keys: Iterable[Key], *, base: str) -> set[Key]:
    """Say which materials are there already: published, or among those that this person wrote or looks after.

    Args:
        base: public address of this site. The catalogue gives a material without a link that of its page here.
    """
    wanted = set(keys)
    links = sorted({link for _title, link in wanted})
    visible = or_(
        ResourceCare.status == Status.PUBLISHED, Resource.created_by == actor.id, ResourceCare.owner_id == actor.id
    )
    found: set[Key] = set()
    for start in range(0, len(links), _BATCH):
        query = (
            select(Resource.title, Resource.link)
            .join(Resource.care)
            .where(and_(visible, Resource.link.in_(links[start : start + _BATCH])))
        )
        found.update(key_of(title, link) for title, link in db.session.execute(query))
    pages = sorted(filter(None, (_id_of_page(link, base) for link in links)))
    for start in range(0, len(pages), _BATCH):
        own = (
            select(Resource.title, Resource.id)
            .join(Resource.care)
            .where(and_(visible, Resource.id.in_(pages[start : start + _BATCH])))
        )
        found.update(key_of(title, f"{base}/resources/{key}") for title, key in db.session.execute(own))
    return found & wanted


def _id_of_page(link: str, base: str) -> uuid.UUID | None:
    """Give the material whose page here a link leads to."""
    try:
        return uuid.UUID(link.removeprefix(f"{base}/resources/")) if link.startswith(f"{base}/resources/") else None
    except ValueError:
        return None


def hand_sheet_in(actor: Actor, rows: Sequence[SheetRow], *, file_name: str, now: datetime) -> ResourceImport:
    """Keep rows without a fault until they are confirmed. Flushes."""
    kept = [{"row": row.number, "values": row.values} for row in rows]
    waiting = ResourceImport(file_name=file_name, rows=kept, uploaded_by=actor.id, uploaded_at=now)
    db.session.add(waiting)
    db.session.flush()
    return waiting


def import_for(actor: Actor, import_id: uuid.UUID, *, now: datetime) -> tuple[str, list[SheetRow]]:
    """Give the file name and rows of a spreadsheet that this person handed in and that still waits.

    Raises:
        NotYours: no such spreadsheet, somebody else's, confirmed already, or too old.
    """
    waiting = db.session.get(ResourceImport, import_id)
    if waiting is None or waiting.uploaded_by != actor.id or waiting.uploaded_at + IMPORT_LIFETIME < now:
        raise NotYours(import_id)
    return waiting.file_name, [SheetRow(number=row["row"], values=row["values"]) for row in waiting.rows]


def claim_import(actor: Actor, import_id: uuid.UUID) -> None:
    """Take a waiting spreadsheet away, once; nobody else adds for this person until the transaction ends.

    Raises:
        NotYours: it is somebody else's, or a request a moment ago was faster.
    """
    # Two copies of one file confirmed at the same moment must see each other's rows.
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update())
    discard_import(actor, import_id)


def discard_import(actor: Actor, import_id: uuid.UUID) -> None:
    """Forget a waiting spreadsheet.

    Raises:
        NotYours: it is somebody else's, or gone already.
    """
    gone = db.session.scalar(
        delete(ResourceImport)
        .where(ResourceImport.id == import_id, ResourceImport.uploaded_by == actor.id)
        .returning(ResourceImport.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        raise NotYours(import_id)


def forget_old_imports(*, now: datetime) -> int:
    """Forget spreadsheets that nobody confirmed in time, and say how many."""
    expired = delete(ResourceImport).where(ResourceImport.uploaded_at < now - IMPORT_LIFETIME)
    return len(list(db.session.scalars(expired.returning(ResourceImport.id))))

"""Taking a file of closures in: all of it or nothing, and the same file again changes nothing."""

import uuid
from dataclasses import dataclass
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.schools.closure_files import FoundClosure, read_closures
from prevention.schools.models import Institute, Site
from prevention.schools.school_time import ClosureKind
from prevention.schools.service.calendar import may_change
from prevention.schools.time_models import SchoolClosure


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosureReport:
    """What a file of closures did: entries that were new, changed, the same, and taken away (cancelled in it)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def import_closures(
    actor: Actor,
    stream: IO[bytes],
    *,
    file_name: str,
    institute: Institute,
    site: Site | None,
    kind: ClosureKind,
    school_year: int,
) -> ClosureReport:
    """Take the closures of an institute (or one of its sites) in from a calendar or a table. Flushes.

    Raises:
        NotYours: the institute is not this person's, or the site is another institute's.
        FileRefused: the file is wrong; nothing was written.
    """
    if not may_change(actor, institute.id) or (site is not None and site.institute_id != institute.id):
        raise NotYours(institute.id)
    found = read_closures(stream, file_name=file_name, school_year=school_year, kind=kind, grades=range(1, 6))
    scope = f"{institute.id}:{site.id if site else ''}"
    # Two imports at once would both find an entry missing; the second waits here for the first.
    db.session.execute(select(Institute.id).where(Institute.id == institute.id).with_for_update(key_share=True))
    known = _known(institute.id)
    counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}
    for entry in found:
        counts[_take_in(entry, known, scope, institute, site, school_year, file_name)] += 1
    db.session.flush()
    report = ClosureReport(**counts)
    audit.record(actor, "schools.closures_imported", institute.id, file=file_name[:160], **counts)
    return report


def _take_in(
    entry: FoundClosure,
    known: dict[str, SchoolClosure],
    scope: str,
    institute: Institute,
    site: Site | None,
    school_year: int,
    file_name: str,
) -> str:
    key = f"{scope}:{entry.key}"[:400]
    row = known.get(key)
    if entry.is_cancelled:
        if row is None:
            return "unchanged"
        db.session.delete(row)
        return "removed"
    values = {
        "school_year": school_year,
        "first_day": entry.first_day,
        "last_day": entry.last_day,
        "kind": entry.kind,
        "grades": list(entry.grades),
    }
    if row is None:
        db.session.add(
            SchoolClosure(
                **values,
                reason=Localised(it=entry.reason),
                institute_id=institute.id,
                site_id=site.id if site else None,
                source=file_name[:300],
                import_key=key,
                classes=[],
            )
        )
        return "added"
    if all(getattr(row, name) == value for name, value in values.items()) and row.reason.get("it") == entry.reason:
        return "unchanged"
    for name, value in values.items():
        setattr(row, name, value)
    row.reason = Localised({**row.reason, "it": entry.reason})
    return "changed"


def _known(institute_id: uuid.UUID) -> dict[str, SchoolClosure]:
    rows = db.session.scalars(
        select(SchoolClosure)
        .where(SchoolClosure.institute_id == institute_id, SchoolClosure.import_key.is_not(None))
        .options(selectinload(SchoolClosure.classes))
    )
    return {row.import_key: row for row in rows if row.import_key is not None}

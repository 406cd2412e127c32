"""What imports share: one at a time, and a line in the log of imports."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import exists, select, text

from prevention.core.db import db
from prevention.schools.ministry_files import FileKind
from prevention.schools.models import RegisterImport


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportCounts:
    """Rows of a file that this district takes: new, different, the same; and sites that the file lacks."""

    taken: int
    added: int
    changed: int
    missing: int

    @property
    def unchanged(self) -> int:
        """Rows that say what is known already."""
        return self.taken - self.added - self.changed


def hold_imports() -> None:
    """Make other imports wait until this transaction ends.

    Two imports that both find a code missing would both insert it. SQLite's writing transactions already wait for
    each other; on PostgreSQL the table that only imports write serves as the gate.
    """
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE register_import IN SHARE ROW EXCLUSIVE MODE"))


def record_import(
    stream: IO[bytes],
    *,
    kind: FileKind,
    school_year: int,
    file_name: str,
    counts: ImportCounts,
    now: datetime,
) -> None:
    """Log an import; the same content again, changing nothing, leaves no second line."""
    stream.seek(0)
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary stream does
    has_changes = counts.added or counts.changed
    if not has_changes and db.session.scalar(select(exists().where(RegisterImport.sha256 == sha256))):
        return
    db.session.add(
        RegisterImport(
            kind=kind,
            school_year=school_year,
            file_name=file_name[:160],
            sha256=sha256,
            rows=counts.taken,
            added=counts.added,
            changed=counts.changed,
            missing=counts.missing,
            imported_at=now,
        )
    )
    db.session.flush()

"""Several files at once, from a command or from a page: look first, then take in.

The office hands files in, sees what they would change, and confirms. Between the two, the files lie in the content
store and a `RegisterUpload` row speaks of them; confirming takes that row away, so it works once.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import delete

from prevention.core import audit, files
from prevention.core.access import Actor, NotYours
from prevention.core.csv_reading import open_table
from prevention.core.db import db
from prevention.schools.ministry_files import FileKind, kind_of
from prevention.schools.models import RegisterUpload
from prevention.schools.service.enrolment_import import (
    EnrolmentReport,
    import_enrolments,
    plan_enrolments,
)
from prevention.schools.service.register_import import import_register, plan_register
from prevention.schools.service.register_plan import RegisterReport

# How long files that were handed in wait to be confirmed.
UPLOAD_LIFETIME = timedelta(hours=24)

FileReport = RegisterReport | EnrolmentReport


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """A file as handed in: its name, for reports and refusals, and its bytes (seekable)."""

    name: str
    stream: IO[bytes]


def import_files(
    sources: Sequence[SourceFile],
    *,
    provinces: Collection[str],
    now: datetime,
    kind: FileKind | None = None,
) -> tuple[FileReport, ...]:
    """Take several files in, registers before pupils; all of them or none.

    Raises:
        FileRefused: one of them cannot be taken in. The caller's transaction must be rolled back.
    """
    reports: list[FileReport] = []
    for source, found in _in_order(sources, kind):
        if found is FileKind.ENROLMENTS:
            reports.append(import_enrolments(source.stream, file_name=source.name, now=now))
        else:
            reports.append(
                import_register(source.stream, file_name=source.name, provinces=provinces, now=now, kind=found)
            )
    return tuple(reports)


def preview_files(
    sources: Sequence[SourceFile], *, provinces: Collection[str], kind: FileKind | None = None
) -> tuple[FileReport, ...]:
    """Say what several files would change, registers before pupils. Writes nothing.

    Raises:
        FileRefused: one of them cannot be taken in.
    """
    reports: list[FileReport] = []
    new_codes: set[str] = set()
    for source, found in _in_order(sources, kind):
        if found is FileKind.ENROLMENTS:
            plan = plan_enrolments(source.stream, file_name=source.name, new_codes=new_codes)
            reports.append(plan.report)
        else:
            register = plan_register(source.stream, file_name=source.name, provinces=provinces, kind=found)
            new_codes |= register.codes
            reports.append(register.report)
    return tuple(reports)


def _in_order(sources: Sequence[SourceFile], kind: FileKind | None) -> list[tuple[SourceFile, FileKind]]:
    kinds = [(source, kind_of(open_table(source.stream, file_name=source.name), expected=kind)) for source in sources]
    return sorted(kinds, key=lambda item: item[1] is FileKind.ENROLMENTS)


def hand_in(
    actor: Actor, sources: Sequence[SourceFile], *, provinces: Collection[str], max_bytes: int, now: datetime
) -> RegisterUpload:
    """Keep files that can be taken in until they are confirmed.

    Raises:
        FileRefused: one of them cannot be taken in; nothing was kept.
    """
    preview_files(sources, provinces=provinces)
    kept = []
    for source in sources:
        source.stream.seek(0)
        stored = files.store(source.stream, max_bytes=max_bytes)
        kept.append({"name": source.name, "path": stored.relative_path, "sha256": stored.sha256})
    upload = RegisterUpload(files=kept, provinces=sorted(provinces), uploaded_by=actor.id, uploaded_at=now)
    db.session.add(upload)
    db.session.flush()
    return upload


def upload_for(actor: Actor, upload_id: uuid.UUID, *, now: datetime) -> RegisterUpload:
    """Load files that this person handed in and that still wait.

    Raises:
        NotYours: no such upload, somebody else's, confirmed already, or too old.
    """
    upload = db.session.get(RegisterUpload, upload_id)
    if upload is None or upload.uploaded_by != actor.id or upload.uploaded_at + UPLOAD_LIFETIME < now:
        raise NotYours(upload_id)
    return upload


def preview_upload(upload: RegisterUpload) -> tuple[FileReport, ...]:
    """Say what waiting files would change now.

    Raises:
        FileRefused: what changed meanwhile makes one of them impossible.
    """
    with _opened(upload) as sources:
        return preview_files(sources, provinces=upload.provinces)


def confirm_upload(actor: Actor, upload: RegisterUpload, *, now: datetime) -> tuple[FileReport, ...]:
    """Take waiting files in, once.

    Raises:
        NotYours: somebody confirmed or discarded them a moment ago.
        FileRefused: what changed meanwhile makes one of them impossible; nothing is written.
    """
    with _opened(upload) as sources:
        _claim(upload)
        reports = import_files(sources, provinces=upload.provinces, now=now)
    audit.record(
        actor,
        "schools.register_imported",
        upload.id,
        files=[report.file_name for report in reports],
        changes=sum(0 if report.changes_nothing else 1 for report in reports),
    )
    return reports


def discard_upload(upload: RegisterUpload) -> None:
    """Forget waiting files. The store is swept of their content later.

    Raises:
        NotYours: they are gone already.
    """
    _claim(upload)


def forget_old_uploads(*, now: datetime) -> int:
    """Forget files that nobody confirmed in time, and say how many uploads that were."""
    expired = db.session.scalars(
        delete(RegisterUpload).where(RegisterUpload.uploaded_at < now - UPLOAD_LIFETIME).returning(RegisterUpload.id)
    )
    return len(list(expired))


def _claim(upload: RegisterUpload) -> None:
    upload_id = upload.id
    claimed = db.session.scalar(
        delete(RegisterUpload)
        .where(RegisterUpload.id == upload_id)
        .returning(RegisterUpload.id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        raise NotYours(upload_id)
    db.session.expunge(upload)


@contextmanager
def _opened(upload: RegisterUpload) -> Iterator[list[SourceFile]]:
    with ExitStack() as stack:
        yield [
            SourceFile(name=file["name"], stream=stack.enter_context(files.open_stored(file["path"])))
            for file in upload.files
        ]

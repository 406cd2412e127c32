"""Taking a register of schools in: what would change is planned first, from the whole file, and then written."""

from collections.abc import Collection
from datetime import datetime
from typing import IO

from sqlalchemy import exists, insert, select, update

from prevention.core.csv_reading import open_table
from prevention.core.db import db
from prevention.network.provinces import find_province
from prevention.schools.ministry_files import FileKind, RegisterFault, RegisterRefused, kind_of
from prevention.schools.models import Enrolment, Institute, Site
from prevention.schools.register import RegisterReader
from prevention.schools.service.import_log import hold_imports, record_import
from prevention.schools.service.register_plan import RegisterPlan, RegisterPlanner, RegisterReport


def import_register(
    stream: IO[bytes],
    *,
    file_name: str,
    provinces: Collection[str],
    now: datetime,
    kind: FileKind | None = None,
) -> RegisterReport:
    """Take a register of state or non-state schools in; all of it or nothing.

    Keyed by the ministry's code: a second run changes no row. Sites that disappeared are listed, never deleted.

    Args:
        stream: seekable bytes as published, packed or not.
        provinces: car-plate codes; rows of other provinces are checked and left out. Empty takes all.
        now: when, for the log of imports.
        kind: what the caller says the file is; None believes its columns.

    Raises:
        FileRefused: the file cannot be taken in; nothing was written.
    """
    hold_imports()
    plan = plan_register(stream, file_name=file_name, provinces=provinces, kind=kind)
    write_register(plan)
    report = plan.report
    record_import(
        stream,
        kind=report.kind,
        school_year=report.school_year,
        file_name=file_name,
        counts=report.counts,
        now=now,
    )
    return report


def plan_register(
    stream: IO[bytes], *, file_name: str, provinces: Collection[str], kind: FileKind | None = None
) -> RegisterPlan:
    """Read a whole register and work out what it would change. Writes nothing.

    Raises:
        FileRefused: the file cannot be taken in.
    """
    table = open_table(stream, file_name=file_name)
    found = kind_of(table, expected=kind)
    if found is FileKind.ENROLMENTS:
        raise RegisterRefused(
            RegisterFault.OTHER_KIND, file_name=file_name, row=1, value=found, expected=kind or FileKind.STATE
        )
    names = _ministry_names(provinces, file_name)
    reader = RegisterReader(table, kind=found, provinces=frozenset(names) if names else None)
    rows = list(reader)
    for name in names:
        if name not in reader.provinces:
            raise RegisterRefused(RegisterFault.ABSENT_PROVINCE, file_name=file_name, value=names[name])
    return RegisterPlanner(reader, rows, file_name=file_name).plan()


def _ministry_names(provinces: Collection[str], file_name: str) -> dict[str, str]:
    names = {}
    for code in provinces:
        province = find_province(code)
        if province is None:
            raise RegisterRefused(RegisterFault.UNKNOWN_PROVINCE, file_name=file_name, value=code)
        names[province.ministry_name] = province.code
    return names


def write_register(plan: RegisterPlan) -> None:
    """Write what a plan says, in at most five statements; flushes nothing else."""
    for model, new, changed in (
        (Institute, plan.new_institutes, plan.changed_institutes),
        (Site, plan.new_sites, plan.changed_sites),
    ):
        if new:
            # Without this, rows would be sent in groups that have the same empty columns: thousands of statements.
            db.session.execute(insert(model).execution_options(render_nulls=True), new)
        if changed:
            db.session.execute(update(model), changed)
    if plan.new_sites:
        _link_enrolments()
    db.session.expire_all()


def _link_enrolments() -> None:
    # Pupils may have been taken in before the register that knows their school.
    site_id = select(Site.id).where(Site.code == Enrolment.code).scalar_subquery()
    db.session.execute(
        update(Enrolment)
        .where(Enrolment.site_id.is_(None), exists().where(Site.code == Enrolment.code))
        .values(site_id=site_id)
        .execution_options(synchronize_session=False)
    )

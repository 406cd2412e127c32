"""Taking the ministry's pupils per school in, as the denominators of everything that is counted later."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import insert, select, update

from prevention.core.csv_reading import open_table
from prevention.core.db import db
from prevention.schools.enrolments import EnrolmentRow, read_enrolments
from prevention.schools.ministry_files import FileKind, RegisterFault, RegisterRefused, kind_of
from prevention.schools.models import Enrolment, Site
from prevention.schools.service.import_log import ImportCounts, hold_imports, record_import
from prevention.schools.service.successions import successors_of_codes

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class YearSum:
    """One school year of the file: school codes, pupils counted, and codes whose count is hidden (``<=3``)."""

    school_year: int
    schools: int
    pupils: int
    low: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentReport:
    """What a file of pupils per school did, or would do.

    `taken` counts the rows of this district: the school is in the register, or its code begins as those do. `absent`
    are the codes among them that the register does not know, with the school years in which they had pupils, those
    that were there last coming first; they are kept. `outside` rows belong to other districts and are left out.
    """

    file_name: str
    kind: FileKind
    school_year: int
    rows: int
    taken: int
    outside: int
    added: int
    changed: int
    years: tuple[YearSum, ...]
    absent: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def counts(self) -> ImportCounts:
        """The figures that every kind of file has."""
        return ImportCounts(taken=self.taken, added=self.added, changed=self.changed, missing=0)

    @property
    def changes_nothing(self) -> bool:
        """Whether all of it is known already."""
        return not (self.added or self.changed)


@dataclass(slots=True)
class EnrolmentPlan:
    """A report and the rows that would make it true."""

    report: EnrolmentReport
    new: list[Values]
    changed: list[Values]


def import_enrolments(stream: IO[bytes], *, file_name: str, now: datetime) -> EnrolmentReport:
    """Take pupils per school in; all of the file or nothing. A second run changes no row.

    Raises:
        FileRefused: the file cannot be taken in, or no school of it is in the register; nothing was written.
    """
    hold_imports()
    plan = plan_enrolments(stream, file_name=file_name)
    write_enrolments(plan)
    report = plan.report
    record_import(
        stream,
        kind=FileKind.ENROLMENTS,
        school_year=report.school_year,
        file_name=file_name,
        counts=report.counts,
        now=now,
    )
    return report


def plan_enrolments(stream: IO[bytes], *, file_name: str, new_codes: Collection[str] = frozenset()) -> EnrolmentPlan:
    """Read a whole file of pupils per school and work out what it would change. Writes nothing.

    Args:
        new_codes: schools that a register handed in together with this file would add.

    Raises:
        FileRefused: the file cannot be taken in.
    """
    table = open_table(stream, file_name=file_name)
    kind_of(table, expected=FileKind.ENROLMENTS)
    all_rows = list(read_enrolments(table))
    site_ids = {row.code: row.id for row in db.session.execute(select(Site.code, Site.id))}
    known = site_ids.keys() | set(new_codes)
    # A dissolved school is ours when its code begins with the same province sign as those of our register.
    signs = {code[:2] for code in known}
    rows = [row for row in all_rows if row.code[:2] in signs]
    if known.isdisjoint(row.code for row in rows):
        raise RegisterRefused(RegisterFault.NO_KNOWN_SCHOOL, file_name=file_name)
    # What was decided about a code that ended holds for its pupils too, also when they are read again.
    new, changed = _compare(rows, site_ids | successors_of_codes())
    absent: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.code not in known:
            absent[row.code].append(row.school_year)
    report = EnrolmentReport(
        file_name=file_name,
        kind=FileKind.ENROLMENTS,
        school_year=max(row.school_year for row in rows),
        rows=len(all_rows),
        taken=len(rows),
        outside=len(all_rows) - len(rows),
        added=len(new),
        changed=len(changed),
        years=_year_sums(rows),
        absent=_newest_first(absent),
    )
    return EnrolmentPlan(report=report, new=new, changed=changed)


def _compare(rows: Iterable[EnrolmentRow], site_ids: dict[str, uuid.UUID]) -> tuple[list[Values], list[Values]]:
    columns = Enrolment.__table__.columns
    years = {row.school_year for row in rows}
    known = {
        (row.code, row.school_year): row
        for row in db.session.execute(select(*columns).where(Enrolment.school_year.in_(years)))
    }
    new, changed = [], []
    for row in rows:
        values = {"pupils": row.pupils, "is_low": row.pupils is None, "site_id": site_ids.get(row.code)}
        earlier = known.get((row.code, row.school_year))
        if earlier is None:
            new.append({"id": uuid.uuid4(), "code": row.code, "school_year": row.school_year, **values})
        elif any(getattr(earlier, name) != value for name, value in values.items()):
            changed.append({"id": earlier.id, **values})
    return new, changed


def _newest_first(absent: Mapping[str, Iterable[int]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    lines = [(code, tuple(sorted(years))) for code, years in absent.items()]
    return tuple(sorted(lines, key=lambda line: (-line[1][-1], line[0])))


def _year_sums(rows: Iterable[EnrolmentRow]) -> tuple[YearSum, ...]:
    by_year: dict[int, list[int | None]] = defaultdict(list)
    for row in rows:
        by_year[row.school_year].append(row.pupils)
    return tuple(
        YearSum(
            school_year=year,
            schools=len(pupils),
            pupils=sum(count for count in pupils if count is not None),
            low=pupils.count(None),
        )
        for year, pupils in sorted(by_year.items())
    )


def write_enrolments(plan: EnrolmentPlan) -> None:
    """Write what a plan says, in at most two statements."""
    if plan.new:
        db.session.execute(insert(Enrolment).execution_options(render_nulls=True), plan.new)
    if plan.changed:
        db.session.execute(update(Enrolment), plan.changed)
        db.session.expire_all()

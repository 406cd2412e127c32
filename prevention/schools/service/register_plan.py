"""What a register would change: its rows compared with what is known. Reads, never writes.

Statements do not grow with the rows, but for lookups by code, which go in portions of `CODES_PER_QUERY`.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Row, func, select

from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.schools.ministry_files import FileKind, RegisterFault, RegisterRefused
from prevention.schools.models import Institute, Site
from prevention.schools.register import RegisterReader, RegisterRow
from prevention.schools.rules import Level
from prevention.schools.service.import_log import ImportCounts

# SQLite binds at most 32,766 values in a statement, PostgreSQL 65,535.
CODES_PER_QUERY = 10_000

Values = dict[str, Any]
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteLine:
    """A site as an import report lists it."""

    code: str
    name: str
    municipality: str
    level: Level


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteChange:
    """A site whose entry differs from what the register had: column to (before, after)."""

    site: SiteLine
    differences: dict[str, tuple[str | None, str | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterReport:
    """What a register file did, or would do.

    `rows` counts the whole file, `taken` the rows of the asked provinces. `missing` are sites that the register has
    and the file no longer lists: they stay. `is_older` says that a newer file was taken in before; an older one only
    adds sites that were not known, and changes nothing.
    """

    file_name: str
    kind: FileKind
    school_year: int
    provinces: tuple[str, ...]
    rows: int
    taken: int
    added: tuple[SiteLine, ...]
    changed: tuple[SiteChange, ...]
    missing: tuple[SiteLine, ...]
    institutes_added: int
    institutes_changed: int
    is_older: bool

    @property
    def counts(self) -> ImportCounts:
        """The figures that every kind of file has."""
        return ImportCounts(
            taken=self.taken,
            added=len(self.added),
            changed=len(self.changed),
            missing=len(self.missing),
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether the register already says all of it."""
        return not (self.added or self.changed or self.institutes_added or self.institutes_changed)


@dataclass(slots=True)
class RegisterPlan:
    """A report and the rows that would make it true."""

    report: RegisterReport
    codes: frozenset[str]
    new_institutes: list[Values]
    changed_institutes: list[Values]
    new_sites: list[Values]
    changed_sites: list[Values]


class RegisterPlanner:
    """Compares the rows of a file with the register. Reads, never writes."""

    def __init__(self, reader: RegisterReader, rows: Sequence[RegisterRow], *, file_name: str) -> None:
        self._reader = reader
        self._rows = rows
        self._file_name = file_name
        self._is_state = reader.kind is FileKind.STATE
        self._municipalities = {
            row.cadastral_code: row
            for row in db.session.execute(
                select(Municipality.cadastral_code, Municipality.id, Municipality.name, Municipality.province)
            )
        }
        self._codes = frozenset(row.code for row in rows)

    def plan(self) -> RegisterPlan:
        """Work out what the rows would change.

        Raises:
            RegisterRefused: a row lies in a municipality that is not known.
        """
        self._check_municipalities()
        provinces = sorted({self._municipalities[row.cadastral_code].province for row in self._rows})
        newest = self._newest_year(provinces)
        is_older = newest is not None and newest > self._reader.school_year
        institute_ids, new_institutes, changed_institutes = self._plan_institutes(is_older=is_older)
        new_sites, changed_sites, added, changed = self._plan_sites(institute_ids, is_older=is_older)
        report = RegisterReport(
            file_name=self._file_name,
            kind=self._reader.kind,
            school_year=self._reader.school_year,
            provinces=tuple(provinces),
            rows=self._reader.row_count,
            taken=len(self._rows),
            added=tuple(added),
            changed=tuple(changed),
            missing=() if is_older else self._missing(provinces),
            institutes_added=len(new_institutes),
            institutes_changed=len(changed_institutes),
            is_older=is_older,
        )
        return RegisterPlan(
            report=report,
            codes=self._codes,
            new_institutes=new_institutes,
            changed_institutes=changed_institutes,
            new_sites=new_sites,
            changed_sites=changed_sites,
        )

    def _check_municipalities(self) -> None:
        for row in self._rows:
            if row.cadastral_code not in self._municipalities:
                raise RegisterRefused(
                    RegisterFault.UNKNOWN_MUNICIPALITY,
                    file_name=self._file_name,
                    row=row.row,
                    column="CODICECOMUNESCUOLA",
                    value=row.cadastral_code,
                )

    def _newest_year(self, provinces: Collection[str]) -> int | None:
        return db.session.scalar(
            select(func.max(Site.last_seen))
            .join(Municipality)
            .where(Site.is_state == self._is_state, Municipality.province.in_(provinces))
        )

    def _plan_institutes(self, *, is_older: bool) -> tuple[dict[str, uuid.UUID], list[Values], list[Values]]:
        wanted = {row.institute_code: row for row in self._rows}
        known = {
            row.code: row
            for codes in _portions(wanted)
            for row in db.session.execute(
                select(
                    Institute.id,
                    Institute.code,
                    Institute.name,
                    Institute.municipality_id,
                    Institute.is_state,
                ).where(Institute.code.in_(codes))
            )
        }
        ids: dict[str, uuid.UUID] = {}
        added, changed = [], []
        for code, row in wanted.items():
            earlier = known.get(code)
            values = self._institute_values(row, earlier)
            if earlier is None:
                ids[code] = uuid.uuid4()
                added.append({"id": ids[code], "code": code, **values})
                continue
            ids[code] = earlier.id
            if not is_older and any(getattr(earlier, name) != value for name, value in values.items()):
                changed.append({"id": earlier.id, **values})
        return ids, added, changed

    def _institute_values(self, row: RegisterRow, earlier: AnyRow | None) -> Values:
        # The institute's own row may lie in a province that is not taken in: then its seat is known only if that
        # province's municipalities are loaded, and a seat known from before is kept.
        seat = row.cadastral_code if not self._is_state else self._reader.seats.get(row.institute_code, "")
        municipality = self._municipalities.get(seat)
        kept = earlier.municipality_id if earlier is not None else None
        return {
            "name": row.institute_name,
            "municipality_id": municipality.id if municipality is not None else kept,
            "is_state": self._is_state,
        }

    def _plan_sites(
        self, institute_ids: dict[str, uuid.UUID], *, is_older: bool
    ) -> tuple[list[Values], list[Values], list[SiteLine], list[SiteChange]]:
        known = {row.code: row for codes in _portions(self._codes) for row in _known_sites(codes)}
        year = self._reader.school_year
        new, kept, added, changed = [], [], [], []
        for row in self._rows:
            values = self._site_values(row, institute_ids)
            earlier = known.get(row.code)
            if earlier is None:
                new.append({"id": uuid.uuid4(), **values, "first_seen": year, "last_seen": year})
                added.append(self._line(row))
                continue
            differs = not is_older and any(getattr(earlier, name) != value for name, value in values.items())
            if differs:
                changed.append(SiteChange(site=self._line(row), differences=self._differences(row, earlier)))
            first, last = min(earlier.first_seen, year), max(earlier.last_seen, year)
            if differs or (first, last) != (earlier.first_seen, earlier.last_seen):
                now_said = values if not is_older else {name: getattr(earlier, name) for name in values}
                kept.append({"id": earlier.id, **now_said, "first_seen": first, "last_seen": last})
        return new, kept, added, changed

    def _site_values(self, row: RegisterRow, institute_ids: dict[str, uuid.UUID]) -> Values:
        return {
            "code": row.code,
            "institute_id": institute_ids[row.institute_code],
            "name": row.name,
            "address": row.address,
            "postcode": row.postcode,
            "municipality_id": self._municipalities[row.cadastral_code].id,
            "level": row.level,
            "type_description": row.type_description,
            "track": row.track,
            "email": row.email,
            "website": row.website,
            "is_state": self._is_state,
        }

    def _line(self, row: RegisterRow) -> SiteLine:
        municipality = self._municipalities[row.cadastral_code].name
        return SiteLine(code=row.code, name=row.name, municipality=municipality, level=row.level)

    def _differences(self, row: RegisterRow, earlier: AnyRow) -> dict[str, tuple[str | None, str | None]]:
        after = {
            "name": row.name,
            "institute": row.institute_code,
            "address": row.address,
            "postcode": row.postcode,
            "municipality": self._municipalities[row.cadastral_code].name,
            "level": row.level,
            "type_description": row.type_description,
            "email": row.email,
            "website": row.website,
        }
        before = {name: getattr(earlier, name) for name in after}
        return {name: (before[name], after[name]) for name in after if before[name] != after[name]}

    def _missing(self, provinces: Collection[str]) -> tuple[SiteLine, ...]:
        rows = db.session.execute(
            select(Site.code, Site.name, Site.level, Municipality.name.label("municipality"))
            .join(Municipality)
            .where(
                Site.is_state == self._is_state,
                Site.last_seen < self._reader.school_year,
                Municipality.province.in_(provinces),
            )
            .order_by(Site.code)
        )
        return tuple(
            SiteLine(code=row.code, name=row.name, municipality=row.municipality, level=row.level)
            for row in rows
            if row.code not in self._codes
        )


def _known_sites(codes: Collection[str]) -> Iterable[AnyRow]:
    return db.session.execute(
        select(
            *Site.__table__.columns,
            Institute.code.label("institute"),
            Municipality.name.label("municipality"),
        )
        .join(Institute, Site.institute_id == Institute.id)
        .join(Municipality, Site.municipality_id == Municipality.id)
        .where(Site.code.in_(codes))
    )


def _portions(codes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(codes)
    while portion := list(islice(rest, CODES_PER_QUERY)):
        yield portion

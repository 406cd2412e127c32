"""The verbs of the network: municipalities and the ways between them, organisations, help services and their file."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import IO

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core.db import db
from prevention.network.centres import shipped_centres
from prevention.network.help_file import HelpLine, read_help_services
from prevention.network.models import HelpService, Municipality, Organisation, TravelTime
from prevention.network.municipalities import (
    MunicipalitiesRefused,
    MunicipalityFault,
    MunicipalityRow,
    read_municipalities,
)
from prevention.network.provinces import find_province
from prevention.network.rules import OrganisationKind, Province, is_stale
from prevention.network.travel import Point, TravelTimes


@dataclass(frozen=True, kw_only=True, slots=True)
class MunicipalityReport:
    """What a table of municipalities did: how many rows it has, and how many were new, changed, the same."""

    rows: int
    added: int
    changed: int
    unchanged: int


def import_municipalities(stream: IO[bytes], *, file_name: str) -> MunicipalityReport:
    """Take a table of municipalities in, keyed by ISTAT code; all of it or nothing.

    A second run of the same file changes no row. What the file does not say (residents, planning area) is kept; the
    centre point comes from the points that this package knows. Three statements, however long the file.

    Raises:
        FileRefused: the file cannot be taken in; nothing was written.
    """
    rows = read_municipalities(stream, file_name=file_name)
    known = list(db.session.scalars(select(Municipality)))
    by_istat = {municipality.istat_code: municipality for municipality in known}
    by_cadastral = {municipality.cadastral_code: municipality.istat_code for municipality in known}
    added, changed = [], []
    for row in rows:
        _check_cadastral_code(row, by_cadastral, file_name)
        municipality = by_istat.get(row.istat_code)
        values = {name: value for name, value in _columns(row).items() if value is not None}
        if municipality is None:
            added.append(
                {
                    "id": uuid.uuid4(),
                    "population": None,
                    "planning_area": None,
                    "latitude": None,
                    "longitude": None,
                    **values,
                }
            )
        elif any(getattr(municipality, name) != value for name, value in values.items()):
            changed.append({"id": municipality.id, **_columns(municipality), **values})
    if added:
        db.session.execute(insert(Municipality).execution_options(render_nulls=True), added)
    if changed:
        db.session.execute(update(Municipality), changed)
        db.session.expire_all()
    return MunicipalityReport(
        rows=len(rows),
        added=len(added),
        changed=len(changed),
        unchanged=len(rows) - len(added) - len(changed),
    )


def _check_cadastral_code(row: MunicipalityRow, by_cadastral: dict[str, str], file_name: str) -> None:
    owner = by_cadastral.get(row.cadastral_code, row.istat_code)
    if owner != row.istat_code:
        raise MunicipalitiesRefused(
            MunicipalityFault.CODE_TAKEN,
            file_name=file_name,
            row=row.row,
            column="codice_catastale",
            value=row.cadastral_code,
            expected=owner,
        )


def _columns(source: MunicipalityRow | Municipality) -> dict[str, str | float | None]:
    centre = shipped_centres().get(source.istat_code) if isinstance(source, MunicipalityRow) else source
    return {
        "istat_code": source.istat_code,
        "cadastral_code": source.cadastral_code,
        "name": source.name,
        "province": source.province,
        "population": source.population,
        "planning_area": source.planning_area,
        "latitude": centre.latitude if centre else None,
        "longitude": centre.longitude if centre else None,
    }


def municipalities() -> list[Municipality]:
    """List all municipalities, by province and name."""
    return list(db.session.scalars(select(Municipality).order_by(Municipality.province, Municipality.name)))


def municipality_by_cadastral(cadastral_code: str) -> Municipality | None:
    """Find a municipality by its cadastral code, the one that the ministry's school files carry."""
    return db.session.scalar(select(Municipality).where(Municipality.cadastral_code == cadastral_code))


def loaded_provinces() -> list[Province]:
    """List the provinces that have municipalities, by name: those for which schools can be taken in."""
    codes = db.session.scalars(select(Municipality.province).distinct())
    found = (find_province(code) for code in codes)
    return sorted(
        (province for province in found if province is not None),
        key=lambda province: province.name,
    )


def travel_times() -> TravelTimes:
    """Read the ways between all municipalities: their points, and the minutes that the office wrote. Two statements."""
    centres = db.session.execute(
        select(Municipality.id, Municipality.latitude, Municipality.longitude).where(Municipality.latitude.is_not(None))
    )
    known = db.session.execute(select(TravelTime.first_id, TravelTime.second_id, TravelTime.minutes))
    return TravelTimes(
        centres={
            key: Point(latitude=latitude, longitude=longitude)
            for key, latitude, longitude in centres
            if latitude is not None and longitude is not None
        },
        known={frozenset((first, second)): minutes for first, second, minutes in known},
    )


def set_travel_time(one: uuid.UUID, other: uuid.UUID, *, minutes: int | None) -> None:
    """Write down how long it takes between two municipalities, or (None) leave it to the estimate.

    One statement: of two who write at once, the later one holds.
    """
    # The databases compare ids as the text of their digits, and so does this.
    first, second = sorted((one, other), key=lambda key: key.hex)
    if minutes is None:
        db.session.execute(delete(TravelTime).where(TravelTime.first_id == first, TravelTime.second_id == second))
        return
    make = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        make(TravelTime)
        .values(id=uuid.uuid4(), first_id=first, second_id=second, minutes=minutes)
        .on_conflict_do_update(index_elements=["first_id", "second_id"], set_={"minutes": minutes})
    )


def find_organisation(name: str) -> Organisation | None:
    """Find an organisation by its name."""
    return db.session.scalar(select(Organisation).where(Organisation.name == name.strip()))


def add_organisation(name: str, *, kind: OrganisationKind) -> Organisation:
    """Add an organisation, or give the one that has this name already. Flushes."""
    found = find_organisation(name)
    if found is None:
        found = Organisation(name=name.strip(), kind=kind)
        db.session.add(found)
        db.session.flush()
    return found


def load_help_services() -> int:
    """Bring the help services in step with their file, and say how many rows changed.

    A service that the file no longer names is taken away: nobody should dial a number that somebody took out.
    """
    rows = {row.code: row for row in db.session.scalars(select(HelpService))}
    lines = {line.code: line for line in read_help_services()}
    changes = 0
    for code in rows.keys() - lines.keys():
        db.session.delete(rows[code])
        changes += 1
    for line in lines.values():
        row = rows.get(line.code)
        if row is None:
            db.session.add(HelpService(**_as_values(line)))
            changes += 1
        elif _line_of(row) != line:
            for name, value in _as_values(line).items():
                setattr(row, name, value)
            changes += 1
    db.session.flush()
    return changes


def help_services(codes: Iterable[str] | None = None) -> tuple[HelpLine, ...]:
    """List the help services in the order in which they are shown; only some of them when `codes` says which.

    Help is never missing: where nothing was loaded yet, the file that comes with the package speaks.
    """
    rows = db.session.scalars(select(HelpService).order_by(HelpService.position))
    lines = tuple(_line_of(row) for row in rows) or read_help_services()
    return lines if codes is None else tuple(line for line in lines if line.code in set(codes))


def stale_help_services(*, today: date) -> list[HelpLine]:
    """List the help services that the office must verify again: last verified more than twelve months ago."""
    return [line for line in help_services() if is_stale(line.verified_on, today=today)]


def _as_values(line: HelpLine) -> dict[str, object]:
    return {field.name: getattr(line, field.name) for field in fields(HelpLine)}


def _line_of(row: HelpService) -> HelpLine:
    return HelpLine(**{field.name: getattr(row, field.name) for field in fields(HelpLine)})

"""Municipalities and the ways between them."""

import uuid
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core.db import db
from prevention.network.centres import shipped_centres
from prevention.network.models import Municipality, TravelTime
from prevention.network.municipalities import (
    MunicipalitiesRefused,
    MunicipalityFault,
    MunicipalityRow,
    read_municipalities,
)
from prevention.network.provinces import find_province
from prevention.network.rules import Province
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
                    "mayor_email": "",
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


def municipality_rows() -> Select[Municipality]:
    """Select all municipalities, for a list."""
    return select(Municipality)


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

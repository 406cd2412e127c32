"""Planning areas and the addresses that papers for mayors go to: assigned by the office, one by one or by a table."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.network.areas import AreaRow, Known, area_code, check_spelling, read_areas, tidy
from prevention.network.models import Municipality, Organisation, PlanningAreaContact


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaLine:
    """A planning area as the office sees it: its municipalities, their residents where all are known, its address."""

    name: str
    municipalities: int
    residents: int | None
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AreasReport:
    """What a table of planning areas did."""

    rows: int
    changed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MayorAddresses:
    """Where papers for mayors go: mail address by ISTAT code, and by the code of a planning area; known ones only."""

    municipalities: dict[str, str]
    areas: dict[str, str]

    def of(self, scope: str) -> str:
        """Give the address of a municipality or an area; empty when there is none."""
        return self.municipalities.get(scope) or self.areas.get(scope, "")


def planning_areas() -> list[AreaLine]:
    """List the planning areas that have municipalities, by name. One statement."""
    rows = db.session.execute(
        select(
            Municipality.planning_area,
            func.count().label("municipalities"),
            func.sum(Municipality.population).label("residents"),
            func.count(Municipality.population).label("known"),
            func.max(PlanningAreaContact.email).label("email"),
        )
        .outerjoin(PlanningAreaContact, PlanningAreaContact.name == Municipality.planning_area)
        .where(Municipality.planning_area.is_not(None))
        .group_by(Municipality.planning_area)
        .order_by(Municipality.planning_area)
    )
    return [
        AreaLine(
            name=row.planning_area or "",
            municipalities=row.municipalities,
            residents=int(row.residents) if row.known == row.municipalities else None,
            email=row.email or "",
        )
        for row in rows
    ]


def municipality_of(municipality_id: uuid.UUID) -> Municipality:
    """Give a municipality.

    Raises:
        NotYours: it is not there.
    """
    found = db.session.get(Municipality, municipality_id)
    if found is None:
        raise NotYours(municipality_id)
    return found


def save_municipality(actor: Actor, found: Municipality, *, planning_area: str, mayor_email: str) -> None:
    """Write the planning area (empty: none) and the mayor's address of a municipality.

    Raises:
        AreaSpelledOtherwise, NoAreaName: see `check_spelling`.
    """
    area = _checked(planning_area, but=(found.id,))
    found.planning_area, found.mayor_email = area or None, mayor_email.lower()
    db.session.flush()
    _forget_empty_areas()
    audit.record(actor, "network.municipality_saved", found.id, planning_area=area)


def assign_area(actor: Actor, municipality_ids: Collection[uuid.UUID], planning_area: str) -> int:
    """Put municipalities into a planning area, or (empty) into none; give how many changed.

    Raises:
        AreaSpelledOtherwise, NoAreaName: see `check_spelling`.
    """
    area = _checked(planning_area, but=municipality_ids)
    chosen = Municipality.id.in_(municipality_ids)
    differs = Municipality.planning_area.is_distinct_from(area or None)
    changed = db.session.scalars(
        update(Municipality)
        .where(chosen, differs)
        .values(planning_area=area or None)
        .returning(Municipality.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    _forget_empty_areas()
    audit.record(actor, "network.area_assigned", None, planning_area=area, municipalities=len(changed))
    return len(changed)


def import_areas(actor: Actor, stream: IO[bytes], *, file_name: str) -> AreasReport:
    """Take a table of planning areas and addresses in; all of it or nothing. Municipalities not in it stay as they are.

    Raises:
        FileRefused: the file cannot be taken in; nothing was written.
    """
    known = {row.istat_code: row for row in db.session.scalars(select(Municipality))}
    rows = read_areas(
        stream,
        file_name=file_name,
        known={code: Known(name=row.name, planning_area=row.planning_area or "") for code, row in known.items()},
    )
    changed = {
        municipality.id: values
        for municipality, values in ((known[row.istat_code], _values(row, known[row.istat_code])) for row in rows)
        if any(getattr(municipality, name) != value for name, value in values.items())
    }
    if changed:
        # In the order of ids, so that two tables taken in at once wait and do not block each other.
        ordered = sorted(changed, key=lambda key: key.hex)
        db.session.execute(update(Municipality), [{"id": key, **changed[key]} for key in ordered])
        db.session.expire_all()
        _forget_empty_areas()
    audit.record(actor, "network.areas_imported", None, rows=len(rows), changed=len(changed))
    return AreasReport(rows=len(rows), changed=len(changed))


def _values(row: AreaRow, found: Municipality) -> dict[str, str | None]:
    return {
        "planning_area": row.planning_area or None,
        "mayor_email": found.mayor_email if row.email is None else row.email,
    }


def area_rows() -> list[tuple[str, str, str, str]]:
    """Give the table as it can be taken in again: ISTAT code, name, area, address. One statement."""
    rows = db.session.execute(
        select(
            Municipality.istat_code, Municipality.name, Municipality.planning_area, Municipality.mayor_email
        ).order_by(Municipality.name, Municipality.istat_code)
    )
    return [(code, name, area or "", email) for code, name, area, email in rows]


def set_area_address(actor: Actor, area: str, email: str) -> None:
    """Write where the papers of a planning area go; empty takes it away.

    Raises:
        NotYours: no municipality is in such an area.
    """
    if db.session.scalar(select(func.count()).where(Municipality.planning_area == area)) == 0:
        raise NotYours(area)
    make = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        make(PlanningAreaContact)
        .values(id=uuid.uuid4(), name=area, email=email.lower())
        .on_conflict_do_update(index_elements=["name"], set_={"email": email.lower()})
    )
    audit.record(actor, "network.area_address_set", None, planning_area=area)


def mayor_addresses() -> MayorAddresses:
    """Give all addresses that papers for mayors go to: the mayor's own, else the municipality's. Two statements."""
    rows = db.session.execute(
        select(Municipality.istat_code, Municipality.mayor_email, Organisation.email).outerjoin(
            Organisation, Organisation.municipality_id == Municipality.id
        )
    )
    areas = db.session.execute(select(PlanningAreaContact.name, PlanningAreaContact.email))
    return MayorAddresses(
        municipalities={code: own or of_organisation for code, own, of_organisation in rows if own or of_organisation},
        areas={area_code(name): email for name, email in areas if email},
    )


def _checked(planning_area: str, *, but: Collection[uuid.UUID]) -> str:
    """Tidy the name of an area and compare it with those of the other municipalities."""
    area = tidy(planning_area)
    if area:
        standing = db.session.scalars(
            select(Municipality.planning_area)
            .where(Municipality.planning_area.is_not(None), Municipality.id.not_in(but))
            .distinct()
        )
        check_spelling(area, [name for name in standing if name is not None])
    return area


def _forget_empty_areas() -> None:
    """Take away the addresses of areas that no municipality is in any more."""
    used = select(Municipality.planning_area).where(Municipality.planning_area.is_not(None))
    db.session.execute(
        delete(PlanningAreaContact)
        .where(PlanningAreaContact.name.not_in(used))
        .execution_options(synchronize_session=False)
    )

"""The smallest valid rows of the network room. Every factory flushes; nothing commits."""

from itertools import count
from typing import Any

from prevention.core import clock
from prevention.core.db import db
from prevention.network.models import BoundaryFile, Municipality, MunicipalityBoundary, Organisation
from prevention.network.rules import OrganisationKind

_numbers = count(1)


def make_municipality(**values: Any) -> Municipality:
    """Make a municipality of the province of Cremona with codes of its own."""
    number = next(_numbers)
    row = Municipality(
        **{
            "istat_code": f"019{number % 1000:03d}",
            "cadastral_code": f"{chr(ord('A') + number // 1000 % 26)}{number % 1000:03d}",
            "name": f"Comune {number}",
            "province": "CR",
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_organisation(**values: Any) -> Organisation:
    """Make an organisation with a name of its own."""
    number = next(_numbers)
    row = Organisation(
        **{"name": f"Organisation {number}", "kind": OrganisationKind.THIRD_SECTOR, **values},
    )
    db.session.add(row)
    db.session.flush()
    return row


def square(west: float, south: float, *, side: float = 0.1) -> list[list[list[list[float]]]]:
    """Give the land of a square municipality: one polygon of one ring, in degrees."""
    east, north = round(west + side, 5), round(south + side, 5)
    return [[[[west, south], [east, south], [east, north], [west, north], [west, south]]]]


def make_boundary(municipality: Municipality | None = None, *, west: float = 10.0, south: float = 45.1) -> None:
    """Give a municipality a square boundary from a file of its own."""
    file = BoundaryFile(
        file_name="confini.geojson", sha256="0" * 64, source="ISTAT", licence="CC BY 4.0", imported_at=clock.now()
    )
    place = municipality or make_municipality()
    db.session.add(file)
    db.session.flush()
    db.session.add(MunicipalityBoundary(municipality_id=place.id, file_id=file.id, shape=square(west, south)))
    db.session.flush()

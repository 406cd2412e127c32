"""The smallest valid rows of the network room. Every factory flushes; nothing commits."""

from itertools import count
from typing import Any

from prevention.core.db import db
from prevention.network.models import Municipality, Organisation
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

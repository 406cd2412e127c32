"""What the programmes know that concerns an organisation: the parts it takes, and what it pays."""

import uuid
from datetime import date

from flask_babel import gettext as _

from prevention.network.signals import Concern
from prevention.programmes.quality_models import FundingLine
from prevention.programmes.quality_wording import PARTS, money
from prevention.programmes.service import quality
from prevention.schools.rules import school_year_label


def parts_and_payments(
    _sender: object, *, organisation_id: uuid.UUID, municipality_id: uuid.UUID | None, today: date
) -> list[Concern]:
    """Answer with the parts and the payments of an organisation. Two queries."""
    parts, lines = quality.parts_and_payments(organisation_id)
    return [
        Concern(
            title=_("Parts in programmes"),
            lines=tuple((row.programme.name.text(), str(PARTS[row.part])) for row in parts),
        ),
        Concern(
            title=_("What it pays"),
            lines=tuple((_payment(line), money(line.amount_cents)) for line in lines),
        ),
    ]


def _payment(line: FundingLine) -> str:
    programme = line.programme.name.text() if line.programme else _("all programmes")
    return f"{school_year_label(line.school_year)}, {programme}"

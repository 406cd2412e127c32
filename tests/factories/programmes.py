"""The smallest valid rows of the programmes room. Every factory flushes; nothing commits."""

from itertools import count
from typing import Any

from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.programmes.models import Edition, Programme, ProgrammeActivity, ProgrammeMeeting
from prevention.programmes.rules import EditionStatus, EvidenceClass, Method, Topic
from tests.factories.network import make_organisation
from tests.factories.schools import SCHOOL_YEAR

_numbers = count(1)


def make_programme(*, meetings: int = 1, minutes: int = 60, activities: int = 1, **values: Any) -> Programme:
    """Make a skills programme for all grades of upper secondary school."""
    number = next(_numbers)
    row = Programme(
        **{
            "slug": f"programme-{number}",
            "name": Localised(it=f"Percorso {number}", en=f"Programme {number}"),
            "summary": Localised(it="Un percorso.", en="A programme."),
            "topics": [Topic.LIFE_SKILLS.value],
            "levels": ["secondo_grado"],
            "grade_min": 1,
            "grade_max": 5,
            "method": Method.SKILLS,
            "delivered_by": Localised(it="Insegnanti", en="Teachers"),
            "evidence_class": EvidenceClass.NOT_RATED,
            "evidence_note": Localised(it="Nessuna valutazione.", en="No rating."),
            "is_active": True,
            **values,
        }
    )
    row.meetings = [
        ProgrammeMeeting(
            number=place,
            title=Localised(it=f"Incontro {place}", en=f"Meeting {place}"),
            minutes=minutes,
            activities=[
                ProgrammeActivity(position=position, title=Localised(it=f"Attività {position}"))
                for position in range(1, activities + 1)
            ],
        )
        for place in range(1, meetings + 1)
    ]
    db.session.add(row)
    db.session.flush()
    return row


def make_edition(**values: Any) -> Edition:
    """Make an open edition of this school year, of a programme and a provider of its own unless given."""
    if "programme" not in values and "programme_id" not in values:
        values["programme"] = make_programme()
    if "organisation" not in values and "organisation_id" not in values:
        values["organisation"] = make_organisation()
    row = Edition(
        **{
            "school_year": SCHOOL_YEAR,
            "group_min": 1,
            "group_max": 40,
            "status": EditionStatus.OPEN,
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row

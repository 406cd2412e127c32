"""What delivery knows that concerns a municipality: how its schools were reached this school year and the last."""

import uuid
from datetime import date

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.delivery.coverage import year_activity
from prevention.network import service as network
from prevention.network.signals import Concern
from prevention.schools.rules import school_year_label, school_year_of


def schools_reached(
    _sender: object, *, organisation_id: uuid.UUID, municipality_id: uuid.UUID | None, today: date
) -> list[Concern]:
    """Answer with the coverage of a municipality's schools: sums of all of them, of no single class."""
    places = {place.id: place for place in network.municipalities()} if municipality_id is not None else {}
    place = places.get(municipality_id) if municipality_id is not None else None
    if place is None:
        return []
    this_year = school_year_of(today)
    concerns = []
    for year in (this_year, this_year - 1):
        found = [
            each for each in year_activity(year, today=today).municipalities if each.istat_code == place.istat_code
        ]
        for each in found:
            lines = (
                (_("Schools reached"), _("%(part)s of %(whole)s", part=each.sites_reached, whole=each.sites)),
                (_("Classes reached"), number(each.classes_reached)),
                (_("Pupils reached"), number(each.pupils_reached)),
                (_("Hours for each enrolled pupil"), number(each.hours_per_pupil) or "–"),
            )
            title = _("Schools in %(place)s, %(year)s", place=place.name, year=school_year_label(year))
            concerns.append(Concern(title=title, lines=lines))
    return concerns

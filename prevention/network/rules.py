"""Decisions about the district's actors: kinds, provinces, and when a help service must be checked again. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Owners of help services are asked so many days before their year is over.
ASK_AHEAD_DAYS = 30


class OrganisationKind(StrEnum):
    """What an organisation is, for the district."""

    EDUCATION_OFFICE = "education_office"
    MUNICIPALITY = "municipality"
    HEALTH_AUTHORITY = "health_authority"
    HOSPITAL_TRUST = "hospital_trust"
    THIRD_SECTOR = "third_sector"
    OTHER = "other"


class HelpServiceKind(StrEnum):
    """What a help service is for; the order is the order of the page."""

    EMERGENCY = "emergency"
    LISTENING = "listening"
    ADDICTION = "addiction"
    HEALTH = "health"
    VIOLENCE = "violence"


class HelpServiceScope(StrEnum):
    """Whether a service answers the whole country or the district."""

    NATIONAL = "national"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True, slots=True)
class Province:
    """A province of Italy: car-plate code, three-digit ISTAT code, name, and its name in the ministry's files."""

    code: str
    istat_code: str
    name: str

    @property
    def ministry_name(self) -> str:
        """The name as the ministry's school files write it: capitals, accents as apostrophes."""
        return self.name.upper().replace("Ì", "I'")


def is_stale(verified_on: date, *, today: date) -> bool:
    """Say whether a service was last verified more than twelve months before `today`.

    Numbers change owner. Months are those of the calendar: the same day of the next year is still in time, in leap
    years too; what was verified on 29 February is in time until 28 February.
    """
    return (today.year - 1, today.month, today.day) > (verified_on.year, verified_on.month, verified_on.day)


def dialable(phone: str) -> str:
    """Give a telephone number as a ``tel:`` link wants it: digits, with a leading plus if there is one."""
    return ("+" if phone.strip().startswith("+") else "") + "".join(char for char in phone if char.isdigit())

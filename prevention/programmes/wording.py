"""Words for this room's values, and for the levels and grades of schools, in the reader's language.

Owns labels that forms, pages and mails share, as template filters. Is not the wording of refusals: that is
the view's.
"""

import re
from datetime import date
from urllib.parse import urlsplit

from babel import Locale
from flask.sansio.app import App
from flask_babel import LazyString, format_date, get_locale, gettext, lazy_gettext

from prevention.programmes.models import Edition
from prevention.programmes.rules import (
    BookingMode,
    CatalogueOrder,
    EditionStatus,
    EvidenceClass,
    Length,
    Method,
    RoomNeed,
    Topic,
    Venue,
)
from prevention.schools.rules import school_year_label
from prevention.schools.time_wording import ROOM_KINDS

_MONTH = re.compile(r"(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])")

TOPICS: dict[str, LazyString] = {
    Topic.LIFE_SKILLS: lazy_gettext("Life skills"),
    Topic.TOBACCO: lazy_gettext("Tobacco and vaping"),
    Topic.ALCOHOL: lazy_gettext("Alcohol"),
    Topic.DRUGS: lazy_gettext("Cannabis and other drugs"),
    Topic.GAMBLING: lazy_gettext("Gambling"),
    Topic.SCREENS: lazy_gettext("Internet, gaming, social media"),
    Topic.WELLBEING: lazy_gettext("Wellbeing"),
}

METHODS: dict[str, LazyString] = {
    Method.SKILLS: lazy_gettext("Course with exercises in class"),
    Method.PEERS: lazy_gettext("Led by trained students"),
    Method.TALK: lazy_gettext("Single talk or testimony"),
}

LENGTHS: dict[str, LazyString] = {
    Length.SINGLE: lazy_gettext("One meeting"),
    Length.SHORT: lazy_gettext("Two to five meetings"),
    Length.COURSE: lazy_gettext("Six meetings or more"),
}

ORDERS: dict[str, LazyString] = {
    CatalogueOrder.OFFERED: lazy_gettext("Offered this year first"),
    CatalogueOrder.EVIDENCE: lazy_gettext("Best evidence first"),
    CatalogueOrder.SOONEST: lazy_gettext("Next date first"),
    CatalogueOrder.SHORTEST: lazy_gettext("Shortest first"),
}

VENUES: dict[str, LazyString] = {
    Venue.AT_SCHOOL: lazy_gettext("At the school"),
    Venue.ELSEWHERE: lazy_gettext("The class travels"),
}

ROOM_NEEDS: dict[str, LazyString] = {
    RoomNeed.NONE: lazy_gettext("The class's own classroom"),
    RoomNeed.ROOM: lazy_gettext("Another room of the school"),
    RoomNeed.PROJECTOR: lazy_gettext("A room of the school with a projector"),
}

BOOKING_MODES: dict[str, LazyString] = {
    BookingMode.DATES: lazy_gettext("Published dates"),
    BookingMode.REQUESTS: lazy_gettext("Requests that the office plans"),
    BookingMode.BOTH: lazy_gettext("Published dates, or requests"),
}

LEVELS: dict[str, LazyString] = {
    "infanzia": lazy_gettext("Nursery school"),
    "primaria": lazy_gettext("Primary school"),
    "primo_grado": lazy_gettext("Lower secondary school"),
    "secondo_grado": lazy_gettext("Upper secondary school"),
}

EDITION_STATUS: dict[str, LazyString] = {
    EditionStatus.DRAFT: lazy_gettext("Draft"),
    EditionStatus.OPEN: lazy_gettext("Open for bookings"),
    EditionStatus.CLOSED: lazy_gettext("Closed"),
}

EVIDENCE: dict[str, LazyString] = {
    EvidenceClass.BENEFICIAL: lazy_gettext("Beneficial"),
    EvidenceClass.LIKELY_BENEFICIAL: lazy_gettext("Likely beneficial"),
    EvidenceClass.POSSIBLY_BENEFICIAL: lazy_gettext("Possibly beneficial"),
    EvidenceClass.MORE_STUDIES: lazy_gettext("More studies needed"),
    EvidenceClass.NOT_RATED: lazy_gettext("Not rated"),
    EvidenceClass.UNLIKELY_OR_HARMFUL: lazy_gettext("Unlikely to help, or harmful"),
}

# Our own plain words for the levels of the Xchange registry.
EVIDENCE_EXPLAINED: dict[str, LazyString] = {
    EvidenceClass.BENEFICIAL: lazy_gettext("Several good studies agree that it helps."),
    EvidenceClass.LIKELY_BENEFICIAL: lazy_gettext("At least one good study shows that it helps."),
    EvidenceClass.POSSIBLY_BENEFICIAL: lazy_gettext("Some results are good, but they need to be confirmed."),
    EvidenceClass.MORE_STUDIES: lazy_gettext("It looks promising; it has not been studied enough to say."),
    EvidenceClass.NOT_RATED: lazy_gettext("No published rating was found. Read the note to see which studies exist."),
    EvidenceClass.UNLIKELY_OR_HARMFUL: lazy_gettext("Studies found no benefit, or found harm."),
}

# How the badge of an evidence class looks; the words carry the meaning.
EVIDENCE_TONES: dict[str, str] = {
    EvidenceClass.BENEFICIAL: "success",
    EvidenceClass.LIKELY_BENEFICIAL: "success",
    EvidenceClass.POSSIBLY_BENEFICIAL: "info",
    EvidenceClass.MORE_STUDIES: "info",
    EvidenceClass.NOT_RATED: "neutral",
    EvidenceClass.UNLIKELY_OR_HARMFUL: "warning",
}

STATUS_TONES: dict[str, str] = {
    EditionStatus.DRAFT: "neutral",
    EditionStatus.OPEN: "success",
    EditionStatus.CLOSED: "neutral",
}


def grades(first: int, last: int) -> str:
    """Write the grades that a programme is for, e.g. "Grades 1 to 3"."""
    if first == last:
        return gettext("Grade %(grade)s", grade=first)
    return gettext("Grades %(first)s to %(last)s", first=first, last=last)


def month_value(month: tuple[int, int]) -> str:
    """Write a (year, month) pair as an address carries it, e.g. "2027-03"."""
    return f"{month[0]:04d}-{month[1]:02d}"


def read_month(text: str) -> tuple[int, int] | None:
    """Read a month from an address; None when it is none."""
    found = _MONTH.fullmatch(text)
    return (int(found["year"]), int(found["month"])) if found is not None else None


def month_words(month: tuple[int, int]) -> str:
    """Write a (year, month) pair in words, e.g. "March 2027"."""
    return format_date(date(*month, 1), "LLLL y", rebase=False)


def language_words(code: str) -> str:
    """Name a language in the reader's language, e.g. "Italian"."""
    return str((get_locale() or Locale("en")).languages.get(code, code))


def source(address: str) -> str:
    """Write the address of a source short enough for a phone: its site alone; anything else as it is."""
    return urlsplit(address).hostname or address


def room_words(edition: Edition) -> str:
    """Say what room at the school an edition takes, e.g. "A room of the school with a projector (gym)"."""
    need = str(ROOM_NEEDS[edition.room_need])
    if edition.room_need is RoomNeed.NONE or edition.room_kind is None:
        return need
    return f"{need} ({str(ROOM_KINDS[edition.room_kind]).lower()})"


def init_app(app: App) -> None:
    """Give the words to the templates of every room."""
    app.jinja_env.filters.update(
        topic_words=lambda value: TOPICS[value],
        method_words=lambda value: METHODS[value],
        level_words=lambda value: LEVELS.get(value, value),
        edition_status_words=lambda value: EDITION_STATUS[value],
        edition_status_tone=lambda value: STATUS_TONES[value],
        evidence_words=lambda value: EVIDENCE[value],
        evidence_explained=lambda value: EVIDENCE_EXPLAINED[value],
        evidence_tone=lambda value: EVIDENCE_TONES[value],
        source_words=source,
        school_year=school_year_label,
        venue_words=lambda value: VENUES[value],
        room_words=room_words,
        booking_mode_words=lambda value: BOOKING_MODES[value],
        language_words=language_words,
        grades_words=lambda programme: grades(programme.grade_min, programme.grade_max),
    )

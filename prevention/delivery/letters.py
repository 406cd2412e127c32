"""Letters of this room: registers that are missing, and what breaks off at the beginning of a school year."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.accounts.models import User
from prevention.booking.letters.kinds import place
from prevention.booking.letters.posting import post
from prevention.booking.letters.values import DATE_FORM
from prevention.booking.models import BookingMeeting
from prevention.core import clock
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language
from prevention.core.web import address_of, day, moment, number
from prevention.delivery.continuity.rules import Break, BreakKind
from prevention.delivery.continuity.wording import break_words
from prevention.messages import service as messages
from prevention.messages.kinds import Kind, Placeholder, shipped_texts
from prevention.messages.rules import TextRefused
from prevention.schools.rules import school_year_label

if TYPE_CHECKING:
    from prevention.delivery.service.meetings import MeetingLine

SHIPPED = Path(__file__).resolve().parent / "shipped"
# More lines in one mail nobody reads; the page has them all.
LINES_MOST = 40


def registers_missing(person: User, lines: Sequence["MeetingLine"], *, today: date) -> None:
    """Ask a person for registers, all in one mail."""
    _post_registers("register-missing", person, lines, today=today)


def registers_given_up(person: User, lines: Sequence["MeetingLine"], *, today: date) -> None:
    """Tell somebody of the office which registers nobody sends although they were asked for three times."""
    _post_registers("register-given-up", person, lines, today=today)


def _post_registers(kind: str, person: User, lines: Sequence["MeetingLine"], *, today: date) -> None:
    def values(language: str) -> Mapping[str, str]:
        return {
            "meetings": _lines([_meeting_line(line, language) for line in lines]),
            "number": number(len(lines)),
            "page": address_of("delivery.registers"),
        }

    post(kind, person, key=f"{kind}:{person.id}:{today.isoformat()}", values=values)


def continuity(person: User, breaks: Sequence[Break], *, school_year: int) -> None:
    """Tell somebody of the office what breaks off in a school year, once."""

    def values(language: str) -> Mapping[str, str]:
        del language
        return {
            "year": school_year_label(school_year),
            "breaks": _lines([break_words(each) for each in breaks]),
            "number": number(len(breaks)),
            "page": address_of("delivery.continuity"),
        }

    post("continuity", person, key=f"continuity:{school_year}:{person.id}", values=values)


def school_continuity(person: User, breaks: Sequence[Break], *, school_year: int) -> None:
    """Tell a coordinator that a school had something the year before and nothing now, once."""

    def values(language: str) -> Mapping[str, str]:
        del language
        return {
            "year": school_year_label(school_year),
            "breaks": _lines([break_words(each) for each in breaks]),
            "page": address_of("booking.slots"),
        }

    post("school-continuity", person, key=f"school-continuity:{school_year}:{person.id}", values=values)


def ask_teacher(
    meeting: BookingMeeting, *, to: str, sender: str, address: str, until: datetime, today: datetime
) -> None:
    """Ask a teacher, who has no account, what was seen of a meeting; the same address once a day."""
    booking = meeting.booking
    kind, texts = messages.kind_of("observation-asked"), messages.texts_of("observation-asked")
    with in_language(DEFAULT_LANGUAGE):
        values = {
            "programme": booking.edition.programme.name.text(DEFAULT_LANGUAGE),
            "class": booking.school_class.label,
            "school": booking.school_class.site.display_name,
            "when": moment(meeting.starts_at, DATE_FORM),
            "sender": sender,
            "until": day(until),
            "page": address,
        }
        try:
            filled = messages.fill(kind, texts[DEFAULT_LANGUAGE], values, language=DEFAULT_LANGUAGE)
        except TextRefused:
            # A text that was right when it was written, before an update took a placeholder away: ours is.
            filled = messages.fill(kind, kind.shipped[DEFAULT_LANGUAGE], values, language=DEFAULT_LANGUAGE)
    key = f"observation-asked:{meeting.id}:{clock.day_of(today).isoformat()}:{to.strip().lower()}"
    messages.enqueue(
        key=hashlib.sha256(key.encode()).hexdigest(),
        to=to,
        subject=filled.subject,
        body=filled.body,
        language=DEFAULT_LANGUAGE,
    )


def _lines(lines: Sequence[str]) -> str:
    shown = [f"- {line}" for line in lines[:LINES_MOST]]
    left = len(lines) - len(shown)
    return "\n".join([*shown, *([_("and %(count)s more", count=left)] if left else [])])


def _meeting_line(line: "MeetingLine", language: str) -> str:
    return _(
        "%(when)s: %(class)s, %(school)s – %(programme)s, meeting %(number)s",
        **{
            "when": moment(line.starts_at, DATE_FORM),
            "class": line.class_label,
            "school": line.site,
            "programme": line.programme.text(language),
            "number": line.number,
        },
    )


_NAME = place("name", "nome", _l("name of the reader"))
_PAGE = place("page", "pagina", _l("address of the page"))
_NUMBER = place("number", "numero", _l("how many there are"))
_MEETINGS = place("meetings", "incontri", _l("the meetings, one below the other"))
_YEAR = place("year", "anno", _l("the school year"))
_BREAKS = place("breaks", "interruzioni", _l("what breaks off, one below the other"))


def _sample(language: str) -> Mapping[str, str]:
    del language
    example = Break(
        kind=BreakKind.SCHOOL, key="", name="Liceo Scientifico", place="Cremona", before=(6, 4), now=0, programmes=()
    )
    return {
        "name": "Maria Rossi",
        "meetings": "- 2A, Liceo Scientifico – Unplugged",
        "number": "1",
        "page": address_of("delivery.registers"),
        "year": school_year_label(2026),
        "breaks": _lines([break_words(example)]),
        "programme": "Unplugged",
        "class": "2A",
        "school": "Liceo Scientifico",
        "when": "23/11/2026, 10:00",
        "sender": "Maria Rossi",
        "until": "23/12/2026",
    }


def _kind(key: str, title: LazyString, occasion: LazyString, *places: Placeholder, named: bool = True) -> Kind:
    return Kind(
        key=key,
        title=title,
        occasion=occasion,
        placeholders=(*([_NAME] if named else []), *places, _PAGE),
        shipped=shipped_texts(SHIPPED, key),
        sample=_sample,
        languages=LANGUAGES,
    )


KINDS = (
    _kind(
        "register-missing",
        _l("Registers missing"),
        _l("To who led or booked a meeting: a day, a week and three weeks after it, while it has no register."),
        _MEETINGS,
        _NUMBER,
    ),
    _kind(
        "register-given-up",
        _l("Registers nobody sends"),
        _l("To the office, three weeks after a meeting that has no register."),
        _MEETINGS,
        _NUMBER,
    ),
    _kind(
        "continuity",
        _l("What breaks off"),
        _l("To the office, in the middle of September: schools, grades, providers and programmes without anything."),
        _YEAR,
        _BREAKS,
        _NUMBER,
    ),
    _kind(
        "school-continuity",
        _l("A school that breaks off"),
        _l("To its coordinators, in the middle of September: it took part before and has nothing planned."),
        _YEAR,
        _BREAKS,
    ),
    _kind(
        "observation-asked",
        _l("What did you see of the meeting?"),
        _l("To a teacher without an account, when the school's coordinator asks for it."),
        place("programme", "programma", _l("name of the programme")),
        place("class", "classe", _l("the class, e.g. 2A")),
        place("school", "scuola", _l("the school")),
        place("when", "quando", _l("when the meeting was")),
        place("sender", "mittente", _l("who sends the link")),
        place("until", "entro", _l("until when the link works")),
        named=False,
    ),
)

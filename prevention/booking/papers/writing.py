"""Making a paper: the text filled and laid out, or the sheet with its lines, as a tagged PDF."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_babel import gettext as _

from prevention.booking.letters.values import booking_values, settings
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.papers.kinds import PAPER_LANGUAGES, PaperKind, paper_values
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.i18n import DEFAULT_LANGUAGE, current_language, in_language, language_name
from prevention.core.pdf import render_pdf
from prevention.messages import service as messages

# Lines beyond the pupils who were announced: somebody always comes along.
SPARE_LINES = 2
DATES_PER_SHEET = 12
LINES_PER_SHEET = 32

Values = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A paragraph of lines, or a list of them."""

    lines: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One letter on its own page. `instead_of` names the language in which there is no text, else it is empty."""

    language: str
    title: str
    blocks: tuple[Block, ...]
    instead_of: str


def has_papers(booking: Booking) -> bool:
    """Say whether papers can be made: the booking stands and has dates that take place."""
    return booking.status is BookingStatus.CONFIRMED and bool(_planned(booking))


def families_languages(booking: Booking) -> list[tuple[str, bool]]:
    """List the languages of the letter to families, and whether there is a text in each. One query.

    They are Italian, those in which the programme is offered, and those that somebody wrote.
    """
    written = messages.texts_of(PaperKind.FAMILIES.letter_key)
    wanted = {DEFAULT_LANGUAGE, *booking.edition.languages, *written}
    return [(code, code in written) for code in PAPER_LANGUAGES if code in wanted]


def write_letter(paper: PaperKind, booking: Booking, *, languages: Sequence[str], today: date) -> bytes:
    """Write a paper in each of the languages, one below the other, each on a page of its own.

    Where there is no text in a language, the Italian one stands in and says so.
    """
    planned = _planned(booking)

    def values(language: str) -> Mapping[str, str]:
        return {
            **booking_values(booking, planned, language=language),
            **paper_values(booking, language=language),
        }

    return print_text(
        paper.letter_key, values, languages=languages, school=booking.school_class.site.display_name, today=today
    )


def print_text(letter_key: str, values: Values, *, languages: Sequence[str], school: str, today: date) -> bytes:
    """Fill the text of a paper and print it; `values` maps a language to values by key."""
    sections = [_section(letter_key, values, language) for language in languages]
    first = sections[0]
    with in_language(first.language):
        html = render_template(
            "papers/letter.html",
            sections=sections,
            school=school,
            district=settings().district,
            language=first.language,
        )
    return render_pdf(html, title=first.title, language=first.language, dated=today)


def write_presence_sheet(booking: Booking, *, today: date) -> bytes:
    """Write the sheet for the presences: numbered lines for the pupils, a column for each date, no name."""
    planned, lines = _planned(booking), booking.pupils + SPARE_LINES
    sheets = [
        (planned[start : start + DATES_PER_SHEET], range(first, min(first + LINES_PER_SHEET, lines + 1)))
        for start in range(0, len(planned), DATES_PER_SHEET)
        for first in range(1, lines + 1, LINES_PER_SHEET)
    ]
    title = _(
        "Presence sheet: %(programme)s, %(label)s",
        programme=booking.edition.programme.name.text(),
        label=booking.school_class.label,
    )
    html = render_template(
        "papers/presence.html",
        booking=booking,
        title=title,
        sheets=sheets,
        pupils=booking.pupils,
        school=booking.school_class.site.display_name,
        district=settings().district,
        language=current_language(),
    )
    return render_pdf(html, title=title, language=current_language(), dated=today)


def paper_name(paper: PaperKind, booking: Booking) -> str:
    """Give the file name of a paper, e.g. ``families-2A.pdf``."""
    label = re.sub(r"[^0-9A-Za-z]+", "-", booking.school_class.label).strip("-")
    return f"{paper.value}-{label}.pdf"


def blocks_of(text: str) -> tuple[Block, ...]:
    """Cut a plain text into paragraphs at empty lines, and lines that begin with a dash into lists."""
    blocks: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        for line in chunk.splitlines():
            is_item = line.startswith("- ")
            if lines and is_item is not lines[-1].startswith("- "):
                blocks.append(_block(lines))
                lines = []
            lines.append(line)
        if lines:
            blocks.append(_block(lines))
    return tuple(blocks)


def _section(letter_key: str, values: Values, language: str) -> Section:
    kind = messages.kind_of(letter_key, language=language)
    written = messages.text_of(kind, language)
    used = DEFAULT_LANGUAGE if written.is_missing else language
    with in_language(used):
        filled = messages.fill(kind, written.text, values(used), language=used)
        return Section(
            language=used,
            title=filled.subject,
            blocks=blocks_of(filled.body),
            instead_of=language_name(language) if written.is_missing else "",
        )


def _block(lines: Iterable[str]) -> Block:
    given = tuple(lines)
    is_list = given[0].startswith("- ")
    return Block(lines=tuple(line.removeprefix("- ") for line in given) if is_list else given, is_list=is_list)


def _planned(booking: Booking) -> list[BookingMeeting]:
    return [meeting for meeting in booking.meetings if meeting.status is MeetingStatus.PLANNED]

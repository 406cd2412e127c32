"""The papers whose words the office can change, with their places and our texts."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from prevention.booking.letters.kinds import BOOKING_PLACES, place
from prevention.booking.letters.samples import newest_booking, sample_values
from prevention.booking.letters.values import settings
from prevention.booking.models import Booking
from prevention.core import clock
from prevention.core.i18n import LANGUAGES
from prevention.core.web import day
from prevention.messages.kinds import Kind, shipped_texts
from prevention.network import service as network
from prevention.network.rules import HelpServiceKind

SHIPPED = Path(__file__).resolve().parent / "shipped"

# Languages of families here in which the printed font has every letter; a letter may be written in each.
PAPER_LANGUAGES = ("it", "en", "fr", "es", "ro", "sq")
# What a family that worries would call, rather than the numbers for emergencies, which everybody knows.
HELP_KINDS = (HelpServiceKind.LISTENING, HelpServiceKind.ADDICTION)
HELP_LINES = 5


class PaperKind(StrEnum):
    """A paper that is made from a booking."""

    FAMILIES = "families"
    CIRCULAR = "circular"
    CLASS_REGISTER = "class-register"
    PRESENCE = "presence"

    @property
    def letter_key(self) -> str:
        """The key of its text; the presence sheet has none."""
        return f"paper-{self.value}"


_PLACES = (
    *BOOKING_PLACES,
    place("summary", "presentazione", _l("what the programme is, in some sentences")),
    place("needs", "occorrente", _l("what the school must have ready")),
    place("help", "aiuto", _l("services that families can turn to, with their numbers")),
    place("district", "territorio", _l("the city and its province")),
    place("day", "giorno", _l("the day")),
)


def paper_values(booking: Booking | None, *, language: str) -> dict[str, str]:
    """Give the values that papers have beside those of letters, in the language in force. One query."""
    lines = [line for line in network.help_services() if line.phone and line.kind in HELP_KINDS][:HELP_LINES]
    return {
        "summary": booking.edition.programme.summary.text(language) if booking else "…",
        "needs": booking.edition.needs.text(language) if booking else "",
        "help": "\n".join(f"- {line.name.text(language)}: {line.phone}" for line in lines),
        "district": settings().district,
        "day": day(clock.today()),
    }


def _kind(paper: PaperKind, title: LazyString, occasion: LazyString, *, languages: tuple[str, ...]) -> Kind:
    return Kind(
        key=paper.letter_key,
        title=title,
        occasion=occasion,
        placeholders=_PLACES,
        shipped=shipped_texts(SHIPPED, paper.letter_key),
        sample=_sample,
        languages=languages,
        is_paper=True,
    )


def _sample(language: str) -> Mapping[str, str]:
    own = paper_values(newest_booking(), language=language)
    keys = frozenset(each.key for each in _PLACES) - own.keys()
    return {**sample_values(keys, language=language), **own}


KINDS = (
    _kind(
        PaperKind.FAMILIES,
        _l("Letter to families"),
        _l("Handed out before the first meeting, in the languages of the families."),
        languages=PAPER_LANGUAGES,
    ),
    _kind(
        PaperKind.CIRCULAR,
        _l("Circular"),
        _l("From the school to teachers and families of the class."),
        languages=LANGUAGES,
    ),
    _kind(
        PaperKind.CLASS_REGISTER,
        _l("Note for the class register"),
        _l("For the electronic register of the class, on the day."),
        languages=LANGUAGES,
    ),
)

"""Letters to classes on a waiting list: an offer with its end, why it was passed over, and its end."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from prevention.accounts.models import User
from prevention.booking.letters.posting import post
from prevention.booking.letters.values import DATE_FORM, slot_place, span_words
from prevention.booking.models import Slot
from prevention.core.web import address_of, moment
from prevention.schools.models import SchoolClass


def waiting_offer(offer_id: uuid.UUID, person: User, slot: Slot, school_class: SchoolClass, *, until: datetime) -> None:
    """Tell a coordinator that a place is free for a waiting class, and until when it is kept for it.

    Args:
        offer_id: names the offer; the same one twice is one mail.
        person: who put the class on the list.
        slot: with edition, programme, provider, site and dates.
        school_class: with its site and municipality.
        until: aware; the offer passes on afterwards.
    """
    post(
        "waiting_offer",
        person,
        key=f"waiting-offer:{offer_id}:{person.id}",
        values=_values(slot, school_class, until=until),
    )


def waiting_skipped(
    occasion_id: uuid.UUID, person: User, slot: Slot, school_class: SchoolClass, *, reason: object
) -> None:
    """Tell a coordinator why a free place went past a waiting class; it stays on the list.

    Args:
        occasion_id: names the event; the same one twice is one mail.
        reason: a sentence, lazily translated: it is written in the recipient's language.
    """
    post(
        "waiting_skipped",
        person,
        key=f"waiting-skipped:{occasion_id}:{person.id}",
        values=_values(slot, school_class, reason=reason),
    )


def waiting_lapsed(offer_id: uuid.UUID, person: User, slot: Slot, school_class: SchoolClass) -> None:
    """Tell a coordinator that an offer was not taken in time and passed on."""
    post("waiting_lapsed", person, key=f"waiting-lapsed:{offer_id}:{person.id}", values=_values(slot, school_class))


def waiting_closed(
    waiting_id: uuid.UUID, person: User, slot: Slot, school_class: SchoolClass, *, reason: object
) -> None:
    """Tell a coordinator that a class waits no longer, because the dates are off or over.

    Args:
        waiting_id: names the class on the list; the same one twice is one mail.
        reason: what the provider wrote, or a sentence, lazily translated.
    """
    values = _values(slot, school_class, reason=reason)

    def written(language: str) -> Mapping[str, str]:
        # What is off has no page for a school any more.
        return {**values(language), "page": address_of("booking.slots", programme=slot.edition.programme.slug)}

    post("waiting_closed", person, key=f"waiting-closed:{waiting_id}:{person.id}", values=written)


def _values(
    slot: Slot, school_class: SchoolClass, *, until: datetime | None = None, reason: object = ""
) -> Callable[[str], Mapping[str, str]]:
    def written(language: str) -> Mapping[str, str]:
        return {
            "programme": slot.edition.programme.name.text(language),
            "class": school_class.label,
            "school": school_class.site.display_name,
            "provider": slot.edition.organisation.name,
            "place": slot_place(slot, school_class),
            "dates": "\n".join(f"- {span_words(date.starts_at, date.ends_at)}" for date in slot.meetings),
            "until": moment(until, DATE_FORM) if until else "",
            "reason": str(reason),
            "page": address_of("booking.slot", slot_id=slot.id),
        }

    return written

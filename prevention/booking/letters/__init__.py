"""Letters about bookings: who is told what, in whose language, with which calendar entry. They go to the outbox.

Each verb takes the booking as it stands after the change, and the moment; it finds the recipients itself: who booked,
and the facilitators of the dates concerned. The words are texts that the office can change (`kinds`, `shipped/`), in
the language of each recipient. The key of a mail names the occasion (the booking, or the date with its SEQUENCE), so
that the same change told twice is one mail.

Free-text needs of a class stay on the booking's page: a mail box is no place for what may be data on health.

Choices, with their reason:

* One mail for each change and person, not one for each date: a class with twelve dates is one mail.
* One VEVENT for each date. A single date rides as ``text/calendar`` beside the text (multipart/alternative), where
  mail programs look for it, and as a file; several ride as files of their own, because all entries of one REQUEST
  must share one UID (RFC 5546, section 3.2.2) and multipart/mixed is how several are sent (RFC 6047, section 2.4).
* Delivery is at least once: a process killed after the server took a mail and before that was noted sends it again
  after the lease, under the same Message-ID, and calendars take the same UID and SEQUENCE for the same entry. At most
  once would lose the mail instead.
"""

from prevention.booking.letters.bookings import (
    Move,
    approved,
    booked,
    called_off,
    date_added,
    date_cancelled,
    declined,
    moved,
    planned,
    requested,
    slot_called_off,
)
from prevention.booking.letters.kinds import KINDS
from prevention.booking.letters.posting import entry_of
from prevention.booking.letters.reminders import digest, reminder
from prevention.booking.letters.values import page_address, place_of
from prevention.booking.letters.waiting import waiting_closed, waiting_lapsed, waiting_offer, waiting_skipped

__all__ = [
    "KINDS",
    "Move",
    "approved",
    "booked",
    "called_off",
    "date_added",
    "date_cancelled",
    "declined",
    "digest",
    "entry_of",
    "moved",
    "page_address",
    "place_of",
    "planned",
    "reminder",
    "requested",
    "slot_called_off",
    "waiting_closed",
    "waiting_lapsed",
    "waiting_offer",
    "waiting_skipped",
]

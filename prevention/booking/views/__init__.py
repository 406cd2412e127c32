"""Pages of booking: one blueprint, its views by the matter they treat."""

from prevention.booking.views import (
    board,
    book,
    bookings,
    calendar,
    dates,
    hours,
    papers,
    planning,
    reminders,
    requests,
    slots,
    waiting,
    ways,
)
from prevention.booking.views.blueprint import bp, calendar_bp

__all__ = [
    "board",
    "book",
    "bookings",
    "bp",
    "calendar",
    "calendar_bp",
    "dates",
    "hours",
    "papers",
    "planning",
    "reminders",
    "requests",
    "slots",
    "waiting",
    "ways",
]

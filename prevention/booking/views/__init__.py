"""Pages of booking: dated places (`slots`), bookings and agendas (`bookings`), all behind one blueprint."""

from prevention.booking.views import bookings, reminders, slots
from prevention.booking.views.blueprint import bp

__all__ = ["bookings", "bp", "reminders", "slots"]

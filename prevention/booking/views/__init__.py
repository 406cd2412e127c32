"""Pages of booking: dated places (`slots`), bookings and agendas (`bookings`), all behind one blueprint."""

from prevention.booking.views import bookings, calendar, reminders, slots
from prevention.booking.views.blueprint import bp, calendar_bp

__all__ = ["bookings", "bp", "calendar", "calendar_bp", "reminders", "slots"]

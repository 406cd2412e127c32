"""When a reminder of a date is due."""

from datetime import date, timedelta

REMINDER_DAYS = 7
REMINDER_DAYS_MOST = 60


def is_reminder_due(*, starts_on: date, told_on: date, days: int, today: date) -> bool:
    """Say whether a date is to be reminded of today; all days are days in Rome.

    A reminder that was missed is still due until the date itself. It is not due for those who were told of the date,
    or of its last change, on the day of the reminder or later: they know.

    Args:
        starts_on: the day of the date.
        told_on: when it was booked, planned or last changed.
        days: how many days before; 0 means never.
        today: the day that asks.
    """
    remind_on = starts_on - timedelta(days=days)
    return days > 0 and told_on < remind_on <= today <= starts_on

"""What the clock does with early signals: once a day it looks for rises, and forgets old words."""

from datetime import time

from prevention.core import clock, daily
from prevention.core.db import unit_of_work
from prevention.early_signals import service

TASK = "early_signals"
AT = time(6)


def watch_signals() -> bool:
    """Raise the alerts that are due and erase words that are old, once a day; never says that there is more."""
    with unit_of_work():
        now = clock.now()
        if daily.claim(TASK, now=now, at=AT) is not None:
            service.raise_alerts(now=now, today=clock.day_of(now))
            service.raise_survey_alerts(now=now)
            service.forget_old_words(today=clock.day_of(now))
    return False

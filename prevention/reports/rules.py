"""Decisions about report runs: which years may be asked for, how long a run may take, how much time is left. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from prevention.schools.rules import school_year_of

# A run that has not moved for this long belongs to a process that died; every step takes the lease anew.
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3

# A district's report has some 20 to 60 pages and well under 2 MiB; more than this is a mistake.
LARGEST_REPORT_BYTES = 64 * 1024 * 1024

# By this day, month and number, lessons are over in every region.
LESSONS_OVER = (6, 15)

# School years that can be asked for, the current one included.
YEARS_BACK = 5

# Below this share done, in hundredths, a guess at the time left would be noise.
GUESS_FROM = 8


class RunStatus(StrEnum):
    """Life of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Step(StrEnum):
    """What a running run is doing."""

    WAITING = "waiting"
    COLLECTING = "collecting"
    DRAWING = "drawing"
    LAYING_OUT = "laying_out"
    KEEPING = "keeping"


# How far a run is, in hundredths of its usual time, when each step begins.
STEP_BEGINS = {Step.WAITING: 0, Step.COLLECTING: 2, Step.DRAWING: 10, Step.LAYING_OUT: 22, Step.KEEPING: 95}


class Problem(StrEnum):
    """Why a run failed, as far as its reader can use it."""

    INTERRUPTED = "interrupted"
    NO_SPACE = "no_space"
    BUG = "bug"
    RESULTS_CHANGED = "results_changed"


class ReportRefusal(Exception):
    """Base of what this room refuses."""


class YearNotOffered(ReportRefusal):
    """No report can be made for this school year: it has not begun, or lies too far back."""

    def __init__(self, *, school_year: int) -> None:
        super().__init__(school_year)
        self.school_year = school_year


class RunLost(Exception):
    """Another process has taken the run over; whoever gets this stops and writes nothing."""


def years_offered(today: date) -> tuple[int, ...]:
    """Give the school years that a report can be asked for, the current one first."""
    current = school_year_of(today)
    return tuple(range(current, current - YEARS_BACK - 1, -1))


def check_year(school_year: int, *, today: date) -> None:
    """Refuse a school year without a report.

    Raises:
        YearNotOffered: it has not begun, or lies more than `YEARS_BACK` years back.
    """
    if school_year not in years_offered(today):
        raise YearNotOffered(school_year=school_year)


def laid_out(pages: int, *, expected: int) -> int:
    """Say how far a run is, in hundredths, after `pages` pages of an `expected` number were laid out.

    Pages are laid out about twice, because the table of contents must know where things ended up. The guess never
    reaches the next step by itself.
    """
    begin, end = STEP_BEGINS[Step.LAYING_OUT], STEP_BEGINS[Step.KEEPING]
    return begin + round((end - begin) * min(pages / max(2 * expected, 1), 0.98))


def time_left(progress: int, *, started_at: datetime, now: datetime) -> timedelta | None:
    """Guess how long a run still takes, from how long it took so far; None while it is too early to say.

    Args:
        progress: done so far, 0 to 100.
    """
    if progress < GUESS_FROM or now <= started_at:
        return None
    return (now - started_at) * ((100 - progress) / progress)


def time_left_of(made: int, wanted: int, *, before: int, started_at: datetime, now: datetime) -> timedelta | None:
    """Guess how long the rest of a number of papers takes; those made `before` it was started tell nothing."""
    left = wanted - before
    return time_left(100 * (made - before) // left, started_at=started_at, now=now) if left > 0 else None


def report_year_of(today: date, *, day: tuple[int, int]) -> tuple[int, date]:
    """Give the school year whose report is due, and since when: the newest one whose report day has come.

    Args:
        day: month and day. One before the middle of June lies in the year after the lessons have ended.
    """
    month, number = day
    later = 0 if day >= LESSONS_OVER else 1
    due = date(today.year, month, number)
    if due > today:
        due = due.replace(year=due.year - 1)
    return due.year - 1 - later, due

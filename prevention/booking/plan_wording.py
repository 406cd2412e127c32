"""Words of planning: states of a run, why a request waits, what is wrong with a date, and why something is refused."""

from collections.abc import Callable
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from prevention.booking import plan_rules
from prevention.booking.plan_check import PlanFault
from prevention.booking.plan_rules import PlanningProblem, PlanningStatus, PlanRefusal, WaitReason
from prevention.core.web import day

RUN_STATUS: dict[str, LazyString] = {
    PlanningStatus.QUEUED: lazy_gettext("Waiting for its turn"),
    PlanningStatus.RUNNING: lazy_gettext("Being planned"),
    PlanningStatus.DONE: lazy_gettext("Ready to be looked at"),
    PlanningStatus.FAILED: lazy_gettext("Not planned"),
    PlanningStatus.PUBLISHED: lazy_gettext("Plan published"),
}

RUN_TONES = {"queued": "info", "running": "info", "done": "warning", "failed": "danger", "published": "success"}

RUN_PROBLEM: dict[str, LazyString] = {
    PlanningProblem.INTERRUPTED: lazy_gettext("The process was interrupted several times. Please plan again."),
    PlanningProblem.BUG: lazy_gettext("Something went wrong in the program; it was written down. Please plan again."),
}

WAIT_REASON: dict[str, LazyString] = {
    WaitReason.WISHED_WEEKDAYS: lazy_gettext("It would fit on other days of the week than those the school asked for."),
    WaitReason.WISHED_HOURS: lazy_gettext("It would fit at other hours than those the school asked for."),
    WaitReason.WEEKS_TO_AVOID: lazy_gettext("It would fit in the weeks that the school wants to avoid."),
    WaitReason.CLOSURES: lazy_gettext("The days on which the school is closed or the class is away stand in the way."),
    WaitReason.CLASS_BUSY: lazy_gettext("The class has other meetings at the times that would be left."),
    WaitReason.HOURS_OF_FACILITATORS: lazy_gettext(
        "The facilitators are not there at these hours; more of their hours would make room."
    ),
    WaitReason.FACILITATORS_TAKEN: lazy_gettext(
        "The facilitators are with other classes; one more facilitator would make room."
    ),
    WaitReason.FULL_WEEKS: lazy_gettext(
        "The weeks of the facilitators are full; a higher weekly limit would make room."
    ),
    WaitReason.TRAVEL: lazy_gettext("There is no time for the way from the school before or to the one after."),
    WaitReason.ROOM: lazy_gettext("No suitable room of the school is free."),
    WaitReason.NO_SUITABLE_ROOM: lazy_gettext(
        "The school has entered no room that is large enough for the class and has what the programme needs."
    ),
    WaitReason.SPACING: lazy_gettext("The meetings would fit, but not at the distance that the programme asks for."),
    WaitReason.QUOTA: lazy_gettext("The school has all the classes that it may have in this programme."),
    WaitReason.NO_FACILITATOR: lazy_gettext("Nobody leads this programme: its provider has no facilitator."),
    WaitReason.NO_HOURS_ENTERED: lazy_gettext("No facilitator of this programme has entered hours."),
    WaitReason.NO_LESSON_LONG_ENOUGH: lazy_gettext("The school day has no lessons in a row long enough for a meeting."),
    WaitReason.SEVERAL_THINGS: lazy_gettext(
        "Several things stand in the way together (hours, days, ways): giving way in one alone would not do."
    ),
}

FAULT: dict[str, LazyString] = {
    PlanFault.UNKNOWN: lazy_gettext("the request was withdrawn, or a person is no longer there"),
    PlanFault.INCOMPLETE: lazy_gettext("not all its meetings have a date"),
    PlanFault.OUTSIDE_BELL_TIMES: lazy_gettext("it is outside the lessons of the school"),
    PlanFault.OUTSIDE_DAYS: lazy_gettext("the day has passed or lies outside the school year"),
    PlanFault.CLOSED: lazy_gettext("the school is closed or the class is away that day"),
    PlanFault.SPACING: lazy_gettext("it is nearer to, or farther from, the meeting beside it than the programme asks"),
    PlanFault.WRONG_ORDER: lazy_gettext("it would come before an earlier meeting"),
    PlanFault.SEVERAL_FACILITATORS: lazy_gettext("another facilitator leads the other meetings"),
    PlanFault.WRONG_FACILITATOR: lazy_gettext("that facilitator does not work for the provider of the programme"),
    PlanFault.FACILITATOR_AWAY: lazy_gettext("the facilitator is not there at that time"),
    PlanFault.WEEK_FULL: lazy_gettext("the facilitator's week is full"),
    PlanFault.CLASS_BUSY: lazy_gettext("the class has something else at that time"),
    PlanFault.FACILITATOR_BUSY: lazy_gettext("the facilitator is with another class at that time"),
    PlanFault.ROOM_BUSY: lazy_gettext("the room is taken at that time"),
    PlanFault.TRAVEL_TOO_SHORT: lazy_gettext("there is no time for the way to or from another school"),
    PlanFault.NO_ROOM: lazy_gettext("it needs a room of the school and has none"),
    PlanFault.WRONG_ROOM: lazy_gettext("the room does not suit the class, or is no longer in use"),
    PlanFault.AGAINST_WISHES: lazy_gettext("it is not what the school asked for"),
    PlanFault.OVER_QUOTA: lazy_gettext("the school would get more classes than it may"),
    PlanFault.LOCKED_MOVED: lazy_gettext("a locked date was moved"),
}


def refusal(no: PlanRefusal) -> str:
    """Say why planning said no."""
    return _SENTENCES[type(no)](no)


def faults(values: Any) -> str:
    """Write what is wrong with a date as one list of words."""
    return "; ".join(str(FAULT[value]) for value in values)


_SENTENCES: dict[type[PlanRefusal], Callable[[Any], str]] = {
    plan_rules.NothingToPlan: lambda _no: _("No request waits for dates in this school year."),
    plan_rules.PlanNotReady: lambda _no: _(
        "This plan is being made or was published in the meantime; nothing was changed."
    ),
    plan_rules.NoDays: lambda no: _(
        "The lessons of the school year end on %(day)s: no day is left.", day=day(no.last_day)
    ),
    plan_rules.PlanOutdated: lambda _no: _(
        "Something changed since the plan was made, so nothing was published. Plan again: what still fits stays where "
        "it is."
    ),
    plan_rules.NothingToPublish: lambda _no: _("No request of this plan has all its dates."),
    plan_rules.NoLessonThen: lambda no: _(
        "On %(day)s no lesson of the school begins at that time, or none long enough.", day=day(no.day)
    ),
    plan_rules.MoveRefused: lambda no: _("The meeting cannot be there: %(why)s.", why=faults(no.faults)),
    plan_rules.WrongHours: lambda _no: _("Hours must end after they begin and must not overlap; days likewise."),
}

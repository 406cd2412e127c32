"""Words for this room's values, in the reader's language. Is not the wording of refusals: that is the forms'."""

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from prevention.delivery.coverage.groups import Dimension, GroupCoverage
from prevention.delivery.rules import Extent, LedBy, Outcome, Reason, Scale
from prevention.programmes.wording import LEVELS
from prevention.schools.rules import Track

OUTCOMES: dict[str, LazyString] = {
    Outcome.HELD: lazy_gettext("Held"),
    Outcome.MOVED: lazy_gettext("Moved to another day"),
    Outcome.NOT_HELD: lazy_gettext("Not held"),
}

OUTCOME_TONES: dict[str, str] = {
    Outcome.HELD: "success",
    Outcome.MOVED: "info",
    Outcome.NOT_HELD: "warning",
}

REASONS: dict[str, LazyString] = {
    Reason.FACILITATOR_AWAY: lazy_gettext("The facilitator could not come"),
    Reason.CLASS_AWAY: lazy_gettext("The class was out, on a trip or at an assembly"),
    Reason.LESSON_TOOK_THE_HOUR: lazy_gettext("A test or a lesson took the hour"),
    Reason.SCHOOL_CLOSED: lazy_gettext("School closed, strike or weather"),
    Reason.ROOM: lazy_gettext("No room or equipment"),
    Reason.OTHER: lazy_gettext("Another reason"),
}

LED_BY: dict[str, LazyString] = {
    LedBy.FACILITATOR: lazy_gettext("The facilitator"),
    LedBy.TEACHER: lazy_gettext("The teacher"),
    LedBy.BOTH: lazy_gettext("Facilitator and teacher together"),
    LedBy.PEERS: lazy_gettext("Trained older students"),
}

EXTENTS: dict[str, LazyString] = {
    Extent.FULL: lazy_gettext("In full"),
    Extent.PART: lazy_gettext("In part"),
    Extent.NOT_DONE: lazy_gettext("Not done"),
}

ITEMS: dict[str, LazyString] = {
    "interest": lazy_gettext("Pupils were interested"),
    "participation": lazy_gettext("Pupils took part, not only a few"),
    "climate": lazy_gettext("The climate was respectful and safe"),
    "clarity": lazy_gettext("What was said and asked was clear"),
    "preparation": lazy_gettext("The class had been prepared"),
    "usefulness": lazy_gettext("It can be taken up in lessons"),
}

SCALE: dict[str, LazyString] = {
    Scale.NOT: lazy_gettext("Not at all"),
    Scale.LITTLE: lazy_gettext("A little"),
    Scale.QUITE: lazy_gettext("Quite"),
    Scale.VERY: lazy_gettext("Very much"),
}

TRACKS: dict[str, LazyString] = {
    Track.LICEO: lazy_gettext("Liceo"),
    Track.TECNICO: lazy_gettext("Technical"),
    Track.PROFESSIONALE: lazy_gettext("Vocational"),
}


def group_words(group: GroupCoverage) -> str:
    """Name a group of the coverage."""
    if group.dimension is Dimension.TRACK:
        return str(TRACKS[group.key]) if group.key else _("no track")
    if group.dimension is Dimension.GRADE:
        level, _dash, grade = group.key.rpartition("-")
        return _("Grade %(grade)s, %(level)s", grade=grade, level=str(LEVELS[level]).lower())
    return group.name or _("no planning area")

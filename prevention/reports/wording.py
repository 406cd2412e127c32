"""Words for the state of a run, in the reader's language."""

from datetime import timedelta

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from prevention.reports.rules import Problem, RunStatus, Step

STATUS: dict[str, LazyString] = {
    RunStatus.QUEUED: lazy_gettext("Waiting"),
    RunStatus.RUNNING: lazy_gettext("Being made"),
    RunStatus.DONE: lazy_gettext("Ready"),
    RunStatus.FAILED: lazy_gettext("Failed"),
}

# How the badge of a status looks; the words carry the meaning.
TONES: dict[str, str] = {
    RunStatus.QUEUED: "neutral",
    RunStatus.RUNNING: "info",
    RunStatus.DONE: "success",
    RunStatus.FAILED: "danger",
}

STEPS: dict[str, LazyString] = {
    Step.WAITING: lazy_gettext("Waiting for its turn"),
    Step.COLLECTING: lazy_gettext("Collecting the figures"),
    Step.DRAWING: lazy_gettext("Drawing the charts"),
    Step.LAYING_OUT: lazy_gettext("Laying out the pages"),
    Step.KEEPING: lazy_gettext("Writing the document"),
}

PROBLEMS: dict[str, LazyString] = {
    Problem.INTERRUPTED: lazy_gettext("The work was interrupted several times. Ask for the report again."),
    Problem.NO_SPACE: lazy_gettext("There is no space left on the disk of the server. Free some, then ask again."),
    Problem.BUG: lazy_gettext("Something went wrong that should not. The details are in the server's log."),
}


def time_left_words(left: timedelta | None) -> str:
    """Say how much time is left; nothing while it is too early to say."""
    if left is None:
        return ""
    minutes = round(left / timedelta(minutes=1))
    if minutes < 1:
        return gettext("less than a minute left")
    return ngettext("about %(num)d minute left", "about %(num)d minutes left", minutes)

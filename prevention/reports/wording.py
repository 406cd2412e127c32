"""Words for the state of a run, in the reader's language."""

from datetime import timedelta

from flask_babel import LazyString, format_date, gettext, lazy_gettext, ngettext

from prevention.reports.edition_rules import (
    BuildState,
    ChangesUnsaid,
    EditionRefused,
    EditionState,
    Missing,
    NotBuilt,
    NothingConcluded,
    NotNow,
    OneUnderWay,
    ResultsChanged,
    SamePerson,
    TextsChanged,
    YearNotClosed,
)
from prevention.reports.papers.kinds import Kind
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
    Problem.RESULTS_CHANGED: lazy_gettext(
        "Survey results were published or corrected after the signature, so these papers would say something else than "
        "the open data. Take the signature back, take the figures of today, and have the report signed again."
    ),
}


STATES: dict[str, LazyString] = {
    EditionState.DRAFT: lazy_gettext("Draft"),
    EditionState.IN_REVIEW: lazy_gettext("With a second person"),
    EditionState.SIGNED: lazy_gettext("Signed"),
    EditionState.PUBLISHED: lazy_gettext("Published"),
}

STATE_TONES: dict[str, str] = {
    EditionState.DRAFT: "neutral",
    EditionState.IN_REVIEW: "info",
    EditionState.SIGNED: "info",
    EditionState.PUBLISHED: "success",
}

BUILDS: dict[str, LazyString] = {
    BuildState.NONE: lazy_gettext("Not asked for"),
    BuildState.WAITING: lazy_gettext("Waiting for their turn"),
    BuildState.BUILDING: lazy_gettext("Being made"),
    BuildState.STOPPED: lazy_gettext("Stopped"),
    BuildState.DONE: lazy_gettext("All made, and compared with each other"),
    BuildState.FAILED: lazy_gettext("Failed"),
}

KINDS: dict[str, LazyString] = {
    Kind.IMPACT: lazy_gettext("Yearly impact report"),
    Kind.ANNEX: lazy_gettext("Technical annex"),
    Kind.PARENTS: lazy_gettext("Leaf for parents"),
    Kind.NORMS: lazy_gettext("Slides for pupils"),
    Kind.MAYORS: lazy_gettext("Two pages for the mayor"),
    Kind.SCHOOL: lazy_gettext("School sheet"),
}

_REFUSALS: dict[type[EditionRefused], LazyString] = {
    NotNow: lazy_gettext("Somebody else was first: the edition is in another state now. Look at it again."),
    SamePerson: lazy_gettext("Whoever began an edition or sent it to review does not sign it: a second person does."),
    TextsChanged: lazy_gettext(
        "Somebody else saved these texts in the meantime. Yours stand below and are not saved; copy what you need, "
        "then open the page again."
    ),
    NothingConcluded: lazy_gettext("The office's conclusions are still missing in Italian."),
    ChangesUnsaid: lazy_gettext("Say in Italian what changed since the edition before."),
    ResultsChanged: lazy_gettext(
        "Survey results were published or corrected since the figures were taken. Take the figures of today, and look "
        "at the report again; take the signature back first if it is signed."
    ),
    OneUnderWay: lazy_gettext("This school year has an edition that is not published yet."),
    NotBuilt: lazy_gettext("Not all papers are made yet."),
    YearNotClosed: lazy_gettext("The school year is not closed yet."),
}

DONE: dict[str, LazyString] = {
    "collect": lazy_gettext("The figures stand as they are today."),
    "send": lazy_gettext("The edition waits for a second person."),
    "send_back": lazy_gettext("The edition is a draft again."),
    "sign": lazy_gettext("The edition is signed. Its papers are being made."),
    "take_back": lazy_gettext("The signature is taken back; the edition is a draft again."),
    "stop": lazy_gettext("No further paper is made. What is made stays."),
    "go_on": lazy_gettext("The papers go on being made."),
    "publish": lazy_gettext("The report is published, and the schools are told."),
}


def refusal_words(refusal: EditionRefused) -> str:
    """Say why an act was refused, and for a year that is not closed what it lacks."""
    words = str(_REFUSALS[type(refusal)])
    if isinstance(refusal, YearNotClosed):
        return " ".join([words, *missing_words(refusal.missing)])
    return words


def missing_words(missing: Missing) -> list[str]:
    """Say what a school year lacks before its report can be signed, one sentence for each."""
    said = []
    if missing.lessons_end is not None:
        said.append(gettext("Lessons end on %(day)s.", day=format_date(missing.lessons_end, "long")))
    if missing.registers:
        said.append(
            ngettext(
                "The register of %(num)d meeting is missing.",
                "The registers of %(num)d meetings are missing.",
                missing.registers,
            )
        )
    if missing.surveys:
        said.append(gettext("Not closed and sealed yet: %(names)s.", names="; ".join(missing.surveys)))
    return said


def time_left_words(left: timedelta | None) -> str:
    """Say how much time is left; nothing while it is too early to say."""
    if left is None:
        return ""
    minutes = round(left / timedelta(minutes=1))
    if minutes < 1:
        return gettext("less than a minute left")
    return ngettext("about %(num)d minute left", "about %(num)d minutes left", minutes)

"""Words for this room's values and refusals, in the reader's language."""

from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from prevention.core import csv_reading
from prevention.core.csv_wording import REASONS, refusal_in_words
from prevention.core.intake import wording as intake_wording
from prevention.resources import rules
from prevention.resources.models import Resource
from prevention.resources.rules import (
    Access,
    CellFault,
    Language,
    Length,
    Licence,
    LifeSkill,
    Moment,
    Outcome,
    ResourceKind,
    SheetFault,
    Status,
    Step,
)
from prevention.schools.rules import TARGET_LEVELS, Level

KINDS: dict[str, LazyString] = {
    ResourceKind.LESSON_PLAN: lazy_gettext("Lesson plan"),
    ResourceKind.ACTIVITY: lazy_gettext("Activity"),
    ResourceKind.SLIDES: lazy_gettext("Slides"),
    ResourceKind.VIDEO: lazy_gettext("Video"),
    ResourceKind.LETTER: lazy_gettext("Letter to families"),
    ResourceKind.POSTER: lazy_gettext("Poster"),
    ResourceKind.MANUAL: lazy_gettext("Manual"),
    ResourceKind.OTHER: lazy_gettext("Other material"),
}

SKILLS: dict[str, LazyString] = {
    LifeSkill.SELF_AWARENESS: lazy_gettext("Self-awareness"),
    LifeSkill.EMOTIONS: lazy_gettext("Coping with emotions"),
    LifeSkill.STRESS: lazy_gettext("Coping with stress"),
    LifeSkill.COMMUNICATION: lazy_gettext("Effective communication"),
    LifeSkill.RELATIONSHIPS: lazy_gettext("Interpersonal relationships"),
    LifeSkill.EMPATHY: lazy_gettext("Empathy"),
    LifeSkill.CREATIVE_THINKING: lazy_gettext("Creative thinking"),
    LifeSkill.CRITICAL_THINKING: lazy_gettext("Critical thinking"),
    LifeSkill.DECISIONS: lazy_gettext("Decision making"),
    LifeSkill.PROBLEM_SOLVING: lazy_gettext("Problem solving"),
}

ACCESS: dict[str, LazyString] = {
    Access.CAPTIONS: lazy_gettext("Captions"),
    Access.TRANSCRIPT: lazy_gettext("Transcript"),
    Access.TAGGED_PDF: lazy_gettext("Tagged PDF"),
    Access.ALTERNATIVE_TEXT: lazy_gettext("Pictures described in words"),
    Access.LARGE_PRINT: lazy_gettext("Large print"),
    Access.HIGH_CONTRAST: lazy_gettext("High contrast"),
    Access.SIGN_LANGUAGE: lazy_gettext("Sign language"),
}

MOMENTS: dict[str, LazyString] = {
    Moment.BEFORE: lazy_gettext("Before the meeting"),
    Moment.DURING: lazy_gettext("During the meeting"),
    Moment.AFTER: lazy_gettext("After the meeting"),
}

OUTCOMES: dict[str, LazyString] = {
    Outcome.WORKED: lazy_gettext("I used it: it worked"),
    Outcome.PARTLY: lazy_gettext("I used it: it worked in part"),
    Outcome.DID_NOT: lazy_gettext("I used it: it did not work"),
}

LENGTHS: dict[str, LazyString] = {
    Length.SHORT: lazy_gettext("Up to 30 minutes"),
    Length.HOUR: lazy_gettext("Up to one hour"),
    Length.LONG: lazy_gettext("More than one hour"),
}

STATUSES: dict[str, LazyString] = {
    Status.DRAFT: lazy_gettext("Draft"),
    Status.WAITING: lazy_gettext("Waiting for review"),
    Status.REVIEWED: lazy_gettext("Reviewed"),
    Status.PUBLISHED: lazy_gettext("Published"),
    Status.RETIRED: lazy_gettext("Retired"),
}
STATUS_TONES: dict[str, str] = {
    Status.DRAFT: "neutral",
    Status.WAITING: "warning",
    Status.REVIEWED: "info",
    Status.PUBLISHED: "success",
    Status.RETIRED: "danger",
}

STEPS: dict[str, LazyString] = {
    Step.HAND_IN: lazy_gettext("Hand in for review"),
    Step.SEND_BACK: lazy_gettext("Send back"),
    Step.APPROVE: lazy_gettext("Approve"),
    Step.PUBLISH: lazy_gettext("Publish"),
    Step.RENEW: lazy_gettext("Still holds: review it again"),
    Step.WITHDRAW: lazy_gettext("Withdraw"),
    Step.RETIRE: lazy_gettext("Retire"),
    Step.REVIVE: lazy_gettext("Take up again"),
}
STEPS_DONE: dict[str, LazyString] = {
    Step.HAND_IN: lazy_gettext("It was handed in. A second person looks at it, then the office publishes it."),
    Step.SEND_BACK: lazy_gettext("It was sent back to its author."),
    Step.APPROVE: lazy_gettext("It is approved. The office can publish it."),
    Step.PUBLISH: lazy_gettext("It is published: everybody can read it."),
    Step.RENEW: lazy_gettext("The review was renewed."),
    Step.WITHDRAW: lazy_gettext("It was withdrawn: only its author and the office see it now."),
    Step.RETIRE: lazy_gettext("It is retired: its page says so, and nobody finds it any more."),
    Step.REVIVE: lazy_gettext("It is a draft again."),
}

# Each language in its own name, as its readers look for it.
LANGUAGES: dict[str, str] = {
    Language.IT: "Italiano",
    Language.EN: "English",
    Language.FR: "Français",
    Language.ES: "Español",
    Language.RO: "Română",
    Language.SQ: "Shqip",
    Language.UK: "Українська",
    Language.AR: "العربية",
    Language.PA: "ਪੰਜਾਬੀ",
    Language.ZH: "中文",
}

LICENCES: dict[str, LazyString | str] = {
    Licence.CC0: "CC0 1.0",
    Licence.CC_BY: "CC BY 4.0",
    Licence.CC_BY_SA: "CC BY-SA 4.0",
    Licence.CC_BY_ND: "CC BY-ND 4.0",
    Licence.CC_BY_NC: "CC BY-NC 4.0",
    Licence.CC_BY_NC_SA: "CC BY-NC-SA 4.0",
    Licence.CC_BY_NC_ND: "CC BY-NC-ND 4.0",
    Licence.RESERVED: lazy_gettext("All rights with the authors"),
}

# What each licence lets others do, for whoever has to choose one.
LICENCE_CHOICES: dict[str, LazyString] = {
    "": lazy_gettext("Choose a licence"),
    Licence.CC_BY: lazy_gettext("CC BY 4.0: free to use and change, naming the authors"),
    Licence.CC_BY_SA: lazy_gettext("CC BY-SA 4.0: the same, passed on under the same licence"),
    Licence.CC_BY_NC: lazy_gettext("CC BY-NC 4.0: free to use and change, but not for profit"),
    Licence.CC_BY_NC_SA: lazy_gettext("CC BY-NC-SA 4.0: not for profit, under the same licence"),
    Licence.CC_BY_ND: lazy_gettext("CC BY-ND 4.0: free to use as it is, without changes"),
    Licence.CC_BY_NC_ND: lazy_gettext("CC BY-NC-ND 4.0: as it is, and not for profit"),
    Licence.CC0: lazy_gettext("CC0 1.0: no rights are kept"),
    Licence.RESERVED: lazy_gettext("All rights with the authors"),
}

# Addresses of the deeds, as given by Creative Commons (creativecommons.org/licenses/list, read 2026-11-22).
LICENCE_ADDRESSES: dict[str, str] = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC_BY_ND: "https://creativecommons.org/licenses/by-nd/4.0/",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.CC_BY_NC_SA: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    Licence.CC_BY_NC_ND: "https://creativecommons.org/licenses/by-nc-nd/4.0/",
}

LEVELS: dict[str, LazyString] = {
    Level.PRIMO_GRADO: lazy_gettext("Lower secondary"),
    Level.SECONDO_GRADO: lazy_gettext("Upper secondary"),
}

_REFUSALS: dict[type[rules.ResourceRefusal], LazyString] = {
    rules.NothingToRead: lazy_gettext("Hand in a file, or give a link."),
    rules.PublishedIsFixed: lazy_gettext(
        "It is no draft any more. Withdraw it first, then change it and hand it in again."
    ),
    rules.NeedsSecondPerson: lazy_gettext(
        "Somebody who did not write it has to look at it: a second person reviews each material."
    ),
    rules.WrongStep: lazy_gettext("It is not there any more: somebody may have been faster. See how it stands now."),
    rules.UploadGone: lazy_gettext(
        "This file is not on its way any more: it was handed in already, perhaps in another window, or it waited for "
        "too long. Choose it again."
    ),
    rules.UploadUnfinished: lazy_gettext(
        "This file has not come to its end. Choose it again: it goes on where it stopped."
    ),
    rules.PieceMisplaced: lazy_gettext("This piece does not begin where the last one ended."),
    rules.TooMuchWaiting: lazy_gettext(
        "So many messages wait already that no more are taken today. Try again tomorrow."
    ),
}


SHEET_COLUMNS: dict[str, LazyString] = {
    "title": lazy_gettext("Title"),
    "abstract": lazy_gettext("What is it, and how is it used?"),
    "kind": lazy_gettext("Kind"),
    "language": lazy_gettext("Language"),
    "other_languages": lazy_gettext("Also in"),
    "licence": lazy_gettext("Licence"),
    "authors": lazy_gettext("Authors"),
    "link": lazy_gettext("Link"),
    "source_link": lazy_gettext("Where it was published"),
    "minutes": lazy_gettext("Minutes in class"),
    "grades": lazy_gettext("Grades"),
    "topics": lazy_gettext("Topics"),
    "skills": lazy_gettext("Life skills it trains"),
    "access": lazy_gettext("Accessibility"),
    "programme": lazy_gettext("Programme"),
    "meeting": lazy_gettext("Meeting"),
    "moment": lazy_gettext("Used"),
}

CELL_FAULTS: dict[CellFault, LazyString] = {
    CellFault.FORMULA: lazy_gettext("this is a formula; write what it shows as text"),
    CellFault.ERROR: lazy_gettext("the spreadsheet shows an error here"),
    CellFault.NO_TEXT: lazy_gettext("this is a date or a yes/no value; write it as text"),
    CellFault.LONG: lazy_gettext("this is far too long"),
}

_SHEET_REASONS: dict[StrEnum, LazyString] = {
    SheetFault.NOT_A_SHEET: lazy_gettext("this is no spreadsheet; save it as XLSX or CSV"),
    SheetFault.DAMAGED: lazy_gettext("the spreadsheet is damaged; open it, save it once more and hand it in again"),
    SheetFault.TOO_MANY_ROWS: lazy_gettext("more than %(expected)s rows; hand it in in parts"),
    SheetFault.UNKNOWN_COLUMN: lazy_gettext("this column is not known; take the names of the template"),
    SheetFault.NO_COLUMN: lazy_gettext("“%(value)s” stands in a column without a name"),
}


def sheet_refusal_words(refusal: csv_reading.FileRefused) -> str:
    """Say in one sentence where and why a spreadsheet is refused; columns by their words."""
    if refusal.fault is csv_reading.FileFault.MISSING_COLUMN and refusal.expected:
        missing = [str(SHEET_COLUMNS[code]) for code in refusal.expected.split(", ")]
        refusal = csv_reading.FileRefused(
            refusal.fault, file_name=refusal.file_name, row=refusal.row, expected=", ".join(missing)
        )
    return refusal_in_words(refusal, reasons={**REASONS, **_SHEET_REASONS})


def refusal_words(refusal: rules.ResourceRefusal | rules.IntakeRefusal) -> str:
    """Say in words what was refused."""
    match refusal:
        case rules.IntakeRefusal():
            return intake_wording.refusal_words(refusal)
        case rules.SameFile(version=version):
            return _("This is exactly the file of version %(version)d, which is the newest.", version=version)
        case rules.TooManyUploads(most=most):
            return _(
                "You have %(most)d files on their way already. Finish one of them, or throw one away: they are listed "
                "below the form that adds a material.",
                most=most,
            )
        case rules.ReviewDayOver(years=years):
            return _("The next review lies ahead, at most %(years)d years from today.", years=years)
        case _ if type(refusal) in _REFUSALS:
            return str(_REFUSALS[type(refusal)])
        case _:
            raise refusal


def languages_words(resource: Resource) -> str:
    """Name the languages of a resource, its own first, each in its own name."""
    return ", ".join(LANGUAGES[language] for language in (resource.language, *resource.other_languages))


def grade_choices() -> dict[str, LazyString]:
    """List the grades to choose from: value (level and grade joined by a hyphen) to words."""
    return {
        f"{level.value}-{grade}": lazy_gettext("%(level)s, grade %(grade)s", level=LEVELS[level], grade=grade)
        for level in TARGET_LEVELS
        for grade in level.grades
    }


def grades_words(grades: list[tuple[str, int]]) -> str:
    """Write the grades a resource is for, e.g. "Lower secondary 1, 2; Upper secondary 1"."""
    if not grades:
        return _("All grades")
    parts = []
    for level, words in LEVELS.items():
        numbers = sorted(grade for found, grade in grades if found == level)
        if numbers:
            parts.append(f"{words} {', '.join(str(number) for number in numbers)}")
    return "; ".join(parts)

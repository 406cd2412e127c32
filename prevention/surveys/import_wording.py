"""Words of this room about questionnaires being written and taken in: faults, refusals, reports of imports."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import REASONS, refusal_in_words
from prevention.surveys.drafting import DraftRefused, ItemType
from prevention.surveys.exchange.importing import ImportRefused, Outcome, Why
from prevention.surveys.faults import Fault, FaultKind
from prevention.surveys.instruments import InstrumentFault

ITEM_TYPES: Mapping[str, LazyString] = {
    ItemType.SINGLE: _l("one answer"),
    ItemType.MULTIPLE: _l("several answers"),
    ItemType.NUMBER: _l("number"),
    ItemType.OCCASIONS: _l("occasions"),
    ItemType.AGE: _l("age at first use"),
    ItemType.AGREE: _l("agreement"),
    ItemType.ZERO_TO_TEN: _l("0 to 10"),
}

OUTCOMES: Mapping[str, LazyString] = {
    Outcome.KEPT: _l("kept"),
    Outcome.MAPPED: _l("changed"),
    Outcome.DROPPED: _l("left out"),
}

_FAULTS: Mapping[FaultKind, LazyString] = {
    FaultKind.MISSING_KEY: _l("%(at)s: “%(about)s” is missing"),
    FaultKind.DUPLICATE_CODE: _l("%(at)s: the code “%(about)s” is there twice"),
    FaultKind.RESERVED_CODE: _l("%(at)s: the code “%(about)s” is needed by the form itself"),
    FaultKind.BAD_CODE: _l("%(at)s: “%(about)s” cannot be a code"),
    FaultKind.EMPTY_OPTIONS: _l("%(at)s: there are no answers to choose from"),
    FaultKind.UNKNOWN_REFERENCE: _l("%(at)s names “%(about)s”, which is not there"),
    FaultKind.MISSING_TRANSLATION: _l("%(at)s: the text is missing in the language “%(about)s”"),
    FaultKind.ROUTING_LOOP: _l("%(at)s and %(about)s wait for each other"),
    FaultKind.ROUTES_AHEAD: _l("%(at)s depends on %(about)s, which comes later"),
    FaultKind.UNREACHABLE: _l("%(at)s can never be asked in the form “%(about)s”"),
    FaultKind.EMPTY_RANGE: _l("%(at)s: the range holds no number"),
}

_WHY: Mapping[Why, LazyString] = {
    Why.FREE_TEXT: _l("free text is not asked here: it can give a person away"),
    Why.METADATA: _l("times, devices and persons are never recorded"),
    Why.CALCULATION: _l("calculated values are not used"),
    Why.NOTE: _l("a note asks nothing"),
    Why.PLACE_OR_FILE: _l("places and files are never recorded"),
    Why.DATE_OR_TIME: _l("dates and times are never recorded"),
    Why.RANKING: _l("rankings are not asked here"),
    Why.GRID_OF_VALUES: _l("grids of texts or numbers are not asked here"),
    Why.UNKNOWN_TYPE: _l("this type is not known"),
    Why.OUTSIDE_LIST: _l("the answers stand in another file"),
    Why.NO_CHOICES: _l("there are no answers to choose from"),
    Why.TOO_MANY_CHOICES: _l("there are too many answers"),
    Why.WIDE_RANGE: _l("the range of numbers is too wide for a list"),
    Why.CONDITION: _l("this condition cannot be said here; the question is asked of everybody"),
    Why.CHOICE_FILTER: _l("answers are not filtered here; all are shown"),
    Why.LANGUAGE: _l("this language is not offered to pupils"),
    Why.COMMENT: _l("comments beside answers are not asked here"),
    Why.NEVER_REQUIRED: _l("nothing is compulsory here"),
    Why.REPEATED: _l("asked once: nothing is repeated here"),
    Why.RENAMED: _l("has another code here"),
    Why.OTHER_OPTION: _l("“other” became an answer without a text"),
    Why.DECLINE_OPTION: _l("became “I prefer not to answer”, which every question has"),
    Why.USUAL_RANGE: _l("no range was given; check it"),
    Why.CONDITION_WHEN_EMPTY: _l("differs when the earlier question is left empty"),
    Why.ROWS_OF_GRID: _l("each row became a question of its own"),
    Why.MARKUP: _l("the text has signs of a template; read it again"),
    Why.NOT_A_FILE: _l("this is neither an XLSForm workbook (.xlsx) nor a LimeSurvey file (.lss)"),
    Why.TOO_BIG: _l("the file is too big for a questionnaire"),
    Why.BROKEN: _l("the file is damaged"),
    Why.NO_SURVEY: _l("there is no questionnaire in it"),
    Why.INVALID: _l("the form breaks the standard"),
    Why.NOTHING_LEFT: _l("nothing in it can be asked here"),
    Why.TOO_MANY_ITEMS: _l("there are too many questions"),
    Why.LONG_TEXT: _l("a text is far too long"),
    Why.MISSING_FIELD: _l("a field is missing"),
    Why.DANGEROUS: _l("the file holds what only an attack would hold"),
}

_INSTRUMENT_FAULTS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    InstrumentFault.UNKNOWN_UNIT: _l("the instrument has no such text"),
    InstrumentFault.UNIT_TWICE: _l("the text is there twice"),
    InstrumentFault.MISSING_UNIT: _l("these texts are missing: %(expected)s"),
    InstrumentFault.EMPTY_TEXT: _l("the text is empty in the language “%(value)s”, which others have"),
    InstrumentFault.TOO_LONG: _l("the text is too long"),
}


def fault(found: Fault) -> str:
    """Say what is wrong with a draft, and where."""
    return str(_FAULTS[found.kind]) % {"at": found.at, "about": found.about}


def import_reason(why: str) -> str:
    """Say why a line of an import's report stands as it does; nothing for a line that was simply kept."""
    return str(_WHY[Why(why)]) if why else ""


def import_refusal(refused: ImportRefused) -> str:
    """Say in one sentence why a file was refused, with its sheet, row or part."""
    words = str(_WHY[refused.why])
    value = f" ({refused.value[:200]})" if refused.value else ""
    sheet, _colon, row = refused.place.partition(":")
    if row.isdigit() and sheet == "line":
        return _("%(file)s, line %(row)s: %(why)s.", file=refused.file_name, row=row, why=words + value)
    if row.isdigit():
        return _(
            "%(file)s, sheet “%(sheet)s”, row %(row)s: %(why)s.",
            file=refused.file_name, sheet=sheet, row=row, why=words + value,
        )  # fmt: skip
    place = f" {refused.place}" if refused.place else ""
    return _("%(file)s: %(why)s.", file=refused.file_name + place, why=words + value)


def instrument_refusal(refused: FileRefused) -> str:
    """Say why a file with an instrument's text was refused."""
    return refusal_in_words(refused, reasons=_INSTRUMENT_FAULTS)


def draft_refusal(no: DraftRefused) -> str:
    """Say why a draft does not take a change."""
    words = {
        DraftRefused.CHANGED_MEANWHILE: _(
            "Somebody changed this draft meanwhile. Look at it again, then repeat your change."
        ),
        DraftRefused.CODE_TAKEN: _("The code “%(value)s” is taken.", value=no.value),
        DraftRefused.NO_OPTIONS: _("Write at least one answer."),
        DraftRefused.BAD_LINE: _(
            "Line %(line)s must have a code and one text per language, parted by bars: “%(value)s”.",
            line=no.line, value=no.value,
        ),
        DraftRefused.CODE_TWICE: _("Line %(line)s: the code “%(value)s” is there twice.", line=no.line, value=no.value),
        DraftRefused.BAD_RANGE: _("The greatest number must be above the least one, by 150 at most."),
    }  # fmt: skip
    return words[no.why]

"""Words of this room for staff: states, and why something is refused."""

from collections.abc import Mapping
from enum import StrEnum

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import REASONS, refusal_in_words
from prevention.core.languages import TranslationRefused, direction_of
from prevention.core.translation_files import TranslationFault
from prevention.surveys.codes import MOST_CODES_PER_CLASS
from prevention.surveys.import_wording import (
    ITEM_TYPES,
    OUTCOMES,
    draft_refusal,
    fault,
    import_reason,
    import_refusal,
    instrument_refusal,
)
from prevention.surveys.wave_rules import ReportRefused, WaveRefused, WaveStatus

__all__ = [
    "ITEM_TYPES",
    "OUTCOMES",
    "draft_refusal",
    "fault",
    "import_reason",
    "import_refusal",
    "init_app",
    "instrument_refusal",
    "refusal",
    "translation_refusal",
]

WAVE_STATUS: dict[str, LazyString] = {
    WaveStatus.DRAFT: _l("In preparation"),
    WaveStatus.OPEN: _l("Open for answers"),
    WaveStatus.CLOSED: _l("Closed, being sealed"),
    WaveStatus.SEALED: _l("Sealed"),
}

TRANSLATION_FAULTS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    TranslationFault.DAMAGED: _l("the file is damaged or is no XML (%(value)s)"),
    TranslationFault.NOT_XLIFF: _l("this is neither XLIFF 1.2 nor XLIFF 2.0"),
    TranslationFault.OTHER_TEXT: _l("the file is for “%(value)s”, not for “%(expected)s”"),
    TranslationFault.OTHER_LANGUAGE: _l("the file is for the language “%(value)s”, not for “%(expected)s”"),
    TranslationFault.UNKNOWN_UNIT: _l("there is no such text here"),
    TranslationFault.UNIT_TWICE: _l("the text is there twice"),
    TranslationFault.SOURCE_CHANGED: _l("the original is another one now (“%(expected)s”); download the file anew"),
    TranslationFault.OTHER_PLACEHOLDERS: _l("the translation must keep these signs as they are: %(expected)s"),
    TranslationFault.CONTROL_CHARACTERS: _l("the translation holds signs that cannot be shown"),
    TranslationFault.TOO_LONG: _l("the translation is longer than %(expected)s characters"),
    TranslationFault.NO_UNITS: _l("the file holds no texts"),
    TranslationFault.TOO_BIG: _l("the file is too big to be a translation"),
}

_TONES = {WaveStatus.DRAFT: "neutral", WaveStatus.OPEN: "success", WaveStatus.CLOSED: "info", WaveStatus.SEALED: "info"}


def translation_refusal(refused: FileRefused) -> str:
    """Say why a translation file was refused, with its row and text."""
    return refusal_in_words(refused, reasons=TRANSLATION_FAULTS)


def refusal(no: WaveRefused | ReportRefused | TranslationRefused) -> str:
    """Say why the rules said no."""
    words = {
        WaveRefused.WRONG_STATUS: _("This cannot be done with the survey as it stands now."),
        WaveRefused.NO_CLASSES: _("No class takes part. Choose classes, or wait until some are booked."),
        WaveRefused.WINDOW_BACKWARDS: _("The last day must not come before the first."),
        WaveRefused.CLASS_OF_OTHER_YEAR: _("One of the classes is not of this school year, or not of a school asked."),
        WaveRefused.TOO_MANY_CODES: _(
            "From 1 to %(most)s slips can be printed for a class.", most=MOST_CODES_PER_CLASS
        ),
        WaveRefused.NOT_HELD: _("Register the meeting as held first; then its class can be asked."),
        WaveRefused.TOO_MANY_FAMILIES: _("That is more families than the class has pupils."),
        WaveRefused.NOT_A_DEMO: _("Made-up answers are taken only by a demonstration."),
        TranslationRefused.NOT_TO_TRANSLATE: _("There is nothing to translate into this language."),
        TranslationRefused.NOT_COMPLETE: _(
            "Some texts are still missing: only a complete language is shown to pupils."
        ),
        ReportRefused.MORE_THAN_ENROLLED: _("Present and absent together are more than the pupils of the class."),
        ReportRefused.REFUSED_ABOVE_PRESENT: _("More refused than were present."),
    }
    return words[no.why]


def init_app(app: App) -> None:
    """Give templates the words of a wave's state, the tone of its badge, and the direction of a language."""
    app.jinja_env.globals["text_direction"] = direction_of
    app.jinja_env.filters["wave_status"] = lambda status: str(WAVE_STATUS[status])
    app.jinja_env.filters["wave_tone"] = lambda status: _TONES[status]

"""Words of this room for staff: states, and why something is refused."""

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.surveys.codes import MOST_CODES_PER_CLASS
from prevention.surveys.languages import direction_of
from prevention.surveys.wave_rules import ReportRefused, WaveRefused, WaveStatus

WAVE_STATUS: dict[str, LazyString] = {
    WaveStatus.DRAFT: _l("In preparation"),
    WaveStatus.OPEN: _l("Open for answers"),
    WaveStatus.CLOSED: _l("Closed, being sealed"),
    WaveStatus.SEALED: _l("Sealed"),
}

_TONES = {WaveStatus.DRAFT: "neutral", WaveStatus.OPEN: "success", WaveStatus.CLOSED: "info", WaveStatus.SEALED: "info"}


def refusal(no: WaveRefused | ReportRefused) -> str:
    """Say why the rules said no."""
    words = {
        WaveRefused.WRONG_STATUS: _("This cannot be done with the survey as it stands now."),
        WaveRefused.NO_CLASSES: _("No class takes part. Choose classes, or wait until some are booked."),
        WaveRefused.WINDOW_BACKWARDS: _("The last day must not come before the first."),
        WaveRefused.CLASS_OF_OTHER_YEAR: _("One of the classes is not of this school year, or not of a school asked."),
        WaveRefused.TOO_MANY_CODES: _(
            "From 1 to %(most)s slips can be printed for a class.", most=MOST_CODES_PER_CLASS
        ),
        WaveRefused.NOT_A_DEMO: _("Made-up answers are taken only by a demonstration."),
        ReportRefused.MORE_THAN_ENROLLED: _("Present and absent together are more than the pupils of the class."),
        ReportRefused.REFUSED_ABOVE_PRESENT: _("More refused than were present."),
    }
    return words[no.why]


def init_app(app: App) -> None:
    """Give templates the words of a wave's state, the tone of its badge, and the direction of a language."""
    app.jinja_env.globals["text_direction"] = direction_of
    app.jinja_env.filters["wave_status"] = lambda status: str(WAVE_STATUS[status])
    app.jinja_env.filters["wave_tone"] = lambda status: _TONES[status]

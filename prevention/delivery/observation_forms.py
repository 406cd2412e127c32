"""The form of what a teacher saw: six items on one scale, and two short texts."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, TextAreaField
from wtforms.validators import Email, InputRequired, Length

from prevention.core.forms import Form, choices
from prevention.delivery import wording
from prevention.delivery.models import LessonObservation
from prevention.delivery.observing import ITEMS, Observation
from prevention.delivery.rules import Scale
from prevention.network.identifying import Clue
from prevention.network.text_check import NamesNobody

_TEXT = [Length(max=500), NamesNobody(clues=frozenset(Clue) - {Clue.CLASS})]


def _item(name: str) -> RadioField:
    return RadioField(wording.ITEMS[name], [InputRequired()], choices=choices(wording.SCALE))


class LinkForm(Form):
    """The teacher who gets the link."""

    email = EmailField(
        _l("Mail address of the teacher"),
        [InputRequired(), Length(max=254), Email(_l("This is not a mail address."))],
        description=_l("Used for this one mail. The teacher needs no account; the link works once, for a month."),
    )


class ObservationForm(Form):
    """What a teacher saw of one meeting."""

    interest = _item("interest")
    participation = _item("participation")
    climate = _item("climate")
    clarity = _item("clarity")
    preparation = _item("preparation")
    usefulness = _item("usefulness")
    worked = TextAreaField(_l("What worked?"), _TEXT, description=_l("Never write a pupil's name."))
    to_change = TextAreaField(_l("What should be different?"), _TEXT, description=_l("Never write a pupil's name."))

    def observation(self) -> Observation:
        """Give what was filled in."""
        return Observation(
            **{name: Scale(self[name].data) for name in ITEMS},
            worked=self.worked.data or "",
            to_change=self.to_change.data or "",
        )

    def show(self, row: LessonObservation) -> None:
        """Fill in what was written down before."""
        for name in (*ITEMS, "worked", "to_change"):
            self[name].data = getattr(row, name)

"""The shapes of what is sent to this room: one form, one submission."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from prevention.core.forms import Form

SHORTEST_PURPOSE, LONGEST_PURPOSE = 20, 500


class ResearchForm(Form):
    """Which wave's records are wanted, and what for; the waves to choose from are handed in by the view."""

    wave = SelectField(_l("Survey"), [InputRequired()])
    purpose = TextAreaField(
        _l("What the records are for"), [InputRequired(), Length(min=SHORTEST_PURPOSE, max=LONGEST_PURPOSE)]
    )
    terms = BooleanField(
        _l("I will not try to recognise anybody, not pass the records on, and delete them when the purpose is served"),
        [InputRequired()],
    )

"""The shape of a request for a report."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from prevention.core.forms import Form, choices
from prevention.core.i18n import DEFAULT_LANGUAGE

LANGUAGE_WORDS = {"it": _l("Italian"), "en": _l("English")}


class ReportForm(Form):
    """Which report is wanted; the years to choose from are handed in by the view."""

    school_year = SelectField(_l("School year"), [InputRequired()], coerce=int)
    language = RadioField(_l("Language"), [InputRequired()], choices=choices(LANGUAGE_WORDS), default=DEFAULT_LANGUAGE)

"""The shape of a request for a report."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from prevention.core.forms import Form, choices
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES
from prevention.core.pdf_letters import unprintable
from prevention.reports.edition_rules import LONGEST_TEXT

LANGUAGE_WORDS = {"it": _l("Italian"), "en": _l("English")}


class ReportForm(Form):
    """Which report is wanted, and how many missing registers are accepted; the view hands the years in."""

    school_year = SelectField(_l("School year"), [InputRequired()], coerce=int)
    language = RadioField(_l("Language"), [InputRequired()], choices=choices(LANGUAGE_WORDS), default=DEFAULT_LANGUAGE)
    accepted = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(min=0)])


class EditionForm(Form):
    """Which school year an edition is begun for; the years to choose from are handed in by the view."""

    school_year = SelectField(_l("School year"), [InputRequired()], coerce=int)


class ActForm(Form):
    """One act on an edition, with a note where it is given back, and how many missing registers are accepted."""

    accepted = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(min=0)])
    note = TextAreaField(_l("What is to be mended"), [Length(max=2000)])


_LONG = Length(max=LONGEST_TEXT)


def _printable(_form: Form, field: Field) -> None:
    """Refuse letters that the fonts of the papers do not have."""
    letters = unprintable(field.data or "")
    if letters:
        raise ValidationError(
            _(
                "The papers cannot print these characters: %(letters)s. Write it without them.",
                letters=" ".join(letters),
            )
        )


_TEXT = (_LONG, _printable)


class TextsForm(Form):
    """The office's own texts; `version` is that of the texts the writer began with."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    conclusions_it = TextAreaField(_l("What the office concludes, in Italian"), _TEXT)
    plan_it = TextAreaField(_l("Plan for the next school year, in Italian"), _TEXT)
    changes_it = TextAreaField(_l("What changed since the edition before, in Italian"), _TEXT)
    conclusions_en = TextAreaField(_l("What the office concludes, in English"), _TEXT)
    plan_en = TextAreaField(_l("Plan for the next school year, in English"), _TEXT)
    changes_en = TextAreaField(_l("What changed since the edition before, in English"), _TEXT)

    def texts(self) -> dict[str, dict[str, str]]:
        """Give the texts by language and chapter."""
        return {
            language: {part: self[f"{part}_{language}"].data or "" for part in ("conclusions", "plan")}
            for language in LANGUAGES
        }

    def changes(self) -> dict[str, str]:
        """Give what changed, by language."""
        return {language: self[f"changes_{language}"].data or "" for language in LANGUAGES}

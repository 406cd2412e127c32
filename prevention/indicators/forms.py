"""The shapes of what is sent to this room: one form, one submission."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from prevention.core.forms import Form, choices
from prevention.indicators.populations import KINDS

SHORTEST_PURPOSE, LONGEST_PURPOSE = 20, 500
SHORTEST_REASON = 10
TEST, PUBLISH = "test", "publish"


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


class CorrectionForm(Form):
    """What a correction changes. `rules` are those that go on discarding records; schools are handed in by the view."""

    seal = HiddenField(validators=[InputRequired()])
    rules = SelectMultipleField(_l("Rules that discard answers from now on"))
    school = SelectField(_l("School that withdraws"))
    grades = SelectMultipleField(_l("Only these years of it"), coerce=int)
    reason = TextAreaField(_l("Why"), [InputRequired(), Length(min=SHORTEST_REASON, max=LONGEST_PURPOSE)])

    def validate_grades(self, field: SelectMultipleField) -> None:
        """Refuse years of no school."""
        if field.data and not self.school.data:
            raise ValidationError(_l("Choose the school, too."))


class WishForm(Form):
    """One more table of a survey: of what, along what, in which part; and whether to publish it."""

    indicator = SelectField(_l("Indicator"), [InputRequired()])
    dimension = SelectField(_l("Table"), [InputRequired()])
    levels = SelectMultipleField(_l("Only these levels"))
    grades = SelectMultipleField(_l("Only these grades"))
    tracks = SelectMultipleField(_l("Only these kinds of school"))
    municipalities = SelectMultipleField(_l("Only schools in these municipalities"))
    act = RadioField(
        _l("What to do"),
        [InputRequired()],
        choices=choices(
            {
                TEST: _l("Only test whether it may come out"),
                PUBLISH: _l("Test it, and publish it for everybody if it gives nothing away"),
            }
        ),
        default=TEST,
    )

    def kinds(self) -> dict[str, SelectMultipleField]:
        """Give the fields that narrow, by the kind of what they narrow by."""
        return {kind: getattr(self, kind) for kind in KINDS}

    def parts(self) -> dict[str, list[str]]:
        """Give what was ticked, by kind."""
        return {kind: field.data or [] for kind, field in self.kinds().items()}

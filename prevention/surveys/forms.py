"""The shapes of a new wave, of a printing of slips, and of a class report."""

import uuid
from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from prevention.core.forms import Form, choices
from prevention.schools.models import SchoolClass
from prevention.surveys.codes import MOST_CODES_PER_CLASS
from prevention.surveys.wave_rules import ClassNumbers, NewPair, NewWave, SessionPurpose, WaveMode

# No class and no gathering of classes is larger; more is a slip of the keyboard.
MOST_PUPILS = 60

BOOKED, MATCHING, CHOSEN = "booked", "matching", "chosen"


class NewWaveForm(Form):
    """A wave to make; questionnaires and classes to choose from are handed in."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    questionnaire = SelectField(_l("Questionnaire"), [InputRequired()])
    mode = SelectField(
        _l("What for"),
        choices=choices(
            {
                WaveMode.MONITORING.value: _l("The yearly picture"),
                WaveMode.FEEDBACK.value: _l("Feedback on a programme"),
            }
        ),
        default=WaveMode.MONITORING.value,
    )
    opens_on = DateField(_l("First day"), [InputRequired()])
    closes_on = DateField(_l("Last day"), [InputRequired()])
    which = RadioField(
        _l("Which classes take part"),
        [InputRequired()],
        choices=choices(
            {
                BOOKED: _l("All classes with a booking this year"),
                MATCHING: _l("All classes of the grades and schools I choose below"),
                CHOSEN: _l("The classes I choose below"),
            }
        ),
        default=BOOKED,
    )
    grades = SelectMultipleField(_l("Grades"), validate_choice=False)
    sites = SelectMultipleField(_l("Schools"), validate_choice=False)
    classes = SelectMultipleField(_l("Classes"), validate_choice=False)

    def offer(self, questionnaires: Mapping[str, str]) -> None:
        """Hand in the questionnaires to choose from: code to words."""
        self.questionnaire.choices = choices(questionnaires)

    def plan(self, school_year: int, questionnaire_id: uuid.UUID) -> NewWave:
        """Give the wave that was described; call it after the form was found valid."""
        opens_on, closes_on = self.opens_on.data, self.closes_on.data
        if opens_on is None or closes_on is None:
            raise ValueError("both days are required")
        return NewWave(
            name=self.name.data or "",
            school_year=school_year,
            questionnaire_id=questionnaire_id,
            opens_on=opens_on,
            closes_on=closes_on,
            mode=WaveMode(self.mode.data),
        )

    def class_ids(self, classes: Sequence[SchoolClass]) -> list[uuid.UUID] | None:
        """Give the classes that were chosen, or None for all that have a booking; what is no id is left out.

        Args:
            classes: the classes of the year, of which those of the chosen grades and schools are taken.
        """
        if self.which.data == BOOKED:
            return None
        if self.which.data == CHOSEN:
            return [found for text in self.classes.data or () if (found := _as_uuid(text)) is not None]
        grades, sites = set(self.grades.data or ()), set(self.sites.data or ())
        if not grades and not sites:
            return []
        return [
            one.id
            for one in classes
            if (not grades or grade_key(one) in grades) and (not sites or str(one.site_id) in sites)
        ]


def grade_key(school_class: SchoolClass) -> str:
    """Name a class's level and grade, e.g. "secondo_grado-2"."""
    return f"{school_class.site.level.value}-{school_class.grade}"


class SlipsForm(Form):
    """How many slips to print for a class."""

    number = IntegerField(_l("Slips"), [InputRequired(), NumberRange(1, MOST_CODES_PER_CLASS)])


class ClassReportForm(Form):
    """What the adult in the room says of a class: numbers only."""

    enrolled = IntegerField(_l("Pupils of the class"), [InputRequired(), NumberRange(0, MOST_PUPILS)])
    present = IntegerField(_l("Present"), [InputRequired(), NumberRange(0, MOST_PUPILS)])
    absent = IntegerField(_l("Absent"), [InputRequired(), NumberRange(0, MOST_PUPILS)])
    refused = IntegerField(
        _l("Present, but did not want to answer"), [InputRequired(), NumberRange(0, MOST_PUPILS)], default=0
    )
    disturbed = BooleanField(_l("Something kept the class from answering in quiet"))

    def numbers(self) -> ClassNumbers:
        """Give what was reported; call it after the form was found valid."""
        return ClassNumbers(
            enrolled=self.enrolled.data or 0,
            present=self.present.data or 0,
            absent=self.absent.data or 0,
            refused=self.refused.data or 0,
            disturbed=bool(self.disturbed.data),
        )


class SessionWaveForm(Form):
    """What a session opens a wave for."""

    purpose = SelectField(
        _l("Purpose"),
        [InputRequired()],
        choices=choices({SessionPurpose.FEEDBACK.value: _l("Feedback"), SessionPurpose.POST.value: _l("After")}),
    )


class FamiliesForm(Form):
    """How many families of a class said no."""

    families = IntegerField(_l("Families that said no"), [InputRequired(), NumberRange(0, MOST_PUPILS)])


class PairForm(Form):
    """A before and an after to make, over the classes that have a booking."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=100)])
    questionnaire_before = SelectField(_l("Questionnaire before"), [InputRequired()])
    before_opens_on = DateField(_l("Before: first day"), [InputRequired()])
    before_closes_on = DateField(_l("Before: last day"), [InputRequired()])
    questionnaire_after = SelectField(_l("Questionnaire after"), [InputRequired()])
    after_opens_on = DateField(_l("After: first day"), [InputRequired()])
    after_closes_on = DateField(_l("After: last day"), [InputRequired()])
    classes = SelectMultipleField(_l("Classes"), validate_choice=False)
    is_linked = BooleanField(_l("Link the two by a personal code"))

    def offer(self, questionnaires: Mapping[str, str]) -> None:
        """Hand in the questionnaires to choose from: code to words."""
        self.questionnaire_before.choices = choices(questionnaires)
        self.questionnaire_after.choices = choices(questionnaires)

    def class_ids(self) -> list[uuid.UUID]:
        """Give the classes that were chosen; what is no id is left out."""
        return [found for text in self.classes.data or () if (found := _as_uuid(text)) is not None]

    def plan(self, school_year: int, before: uuid.UUID, after: uuid.UUID) -> NewPair:
        """Give the pair that was described; call it after the form was found valid."""
        days = [
            field.data
            for field in (self.before_opens_on, self.before_closes_on, self.after_opens_on, self.after_closes_on)
            if field.data is not None
        ]
        return NewPair(
            name=self.name.data or "",
            school_year=school_year,
            questionnaire_before=before,
            questionnaire_after=after,
            before=(days[0], days[1]),
            after=(days[2], days[3]),
            is_linked=bool(self.is_linked.data),
        )


class TranslationForm(Form):
    """A file that a translator filled in."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])


class ApprovalForm(Form):
    """Whether pupils may see a translation."""

    approved = RadioField(
        _l("Pupils may see it"), [InputRequired()], choices=choices({"yes": _l("Yes"), "no": _l("No")})
    )


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

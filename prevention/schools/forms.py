"""The shapes of what people hand in about schools: files of the ministry, and classes."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    MultipleFileField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from prevention.core.forms import Form, choices
from prevention.schools.rules import (
    CLASS_PUPILS_MAX,
    LABEL_LENGTH_MAX,
    ClassEntry,
    section_as_written,
    sections_as_written,
)

# The ministry publishes three files that matter here; a few years of one of them may come together.
MOST_FILES = 8

_PUPILS = NumberRange(1, CLASS_PUPILS_MAX, _l("A class has between 1 and 60 pupils."))


class UploadForm(Form):
    """Files of the ministry, and the provinces whose schools they are taken in for."""

    files = MultipleFileField(_l("Files"), [DataRequired(_l("Choose at least one file."))])
    provinces = SelectMultipleField(_l("Provinces"), [DataRequired(_l("Choose at least one province."))], coerce=str)

    def offer_provinces(self, provinces: Mapping[str, str]) -> None:
        """Set the provinces to choose from: car-plate code to name."""
        self.provinces.choices = choices(provinces)

    def validate_files(self, field: MultipleFileField) -> None:
        """Refuse a whole folder chosen by mistake."""
        if len(field.data or ()) > MOST_FILES:
            raise ValidationError(_l("Choose at most 8 files."))


class ConfirmForm(Form):
    """A button that says yes: nothing but the token."""


class AddClassesForm(Form):
    """Classes of one site: every chosen grade with every section."""

    site = SelectField(_l("Site"), [InputRequired()])
    grades = SelectMultipleField(
        _l("School grades"),
        [DataRequired(_l("Choose at least one grade."))],
        coerce=int,
    )
    sections = StringField(_l("Sections"), [InputRequired(), Length(max=200)])
    pupils = IntegerField(_l("Pupils in each class"), [Optional(), _PUPILS])

    def offer(self, *, sites: Mapping[str, str], grades: Iterable[int]) -> None:
        """Set the sites (code to name) and grades to choose from."""
        self.site.choices = choices(sites)
        self.grades.choices = choices({str(grade): str(grade) for grade in grades})

    def validate_sections(self, field: StringField) -> None:
        """Refuse what cannot be a section."""
        if sections_as_written(field.data or "") is None:
            raise ValidationError(_l("Write sections such as A, B or A LSA, with commas between them."))

    def entries(self) -> list[ClassEntry]:
        """Give the classes that were asked for, grade by grade."""
        sections = sections_as_written(self.sections.data or "") or ()
        return [
            ClassEntry(grade=grade, section=section, label="", pupils=self.pupils.data)
            for grade in sorted(self.grades.data or ())
            for section in sections
        ]


class ClassForm(Form):
    """What a school corrects about one class."""

    grade = SelectField(_l("Grade"), [InputRequired()], coerce=int)
    section = StringField(_l("Section"), [InputRequired()])
    label = StringField(_l("Name of the class"), [Length(max=LABEL_LENGTH_MAX)])
    pupils = IntegerField(_l("Pupils"), [Optional(), _PUPILS])

    def offer_grades(self, grades: range) -> None:
        """Set the grades to choose from."""
        self.grade.choices = choices({str(grade): str(grade) for grade in grades})

    def validate_section(self, field: StringField) -> None:
        """Refuse what cannot be a section."""
        if section_as_written(field.data or "") is None:
            raise ValidationError(_l("Write a section such as A or A LSA."))

    def entry(self) -> ClassEntry:
        """Give what was written."""
        section = section_as_written(self.section.data or "") or ""
        return ClassEntry(grade=self.grade.data, section=section, label=self.label.data or "", pupils=self.pupils.data)

"""The shapes of what is handed in: a resource, what is said about it, a newer version, a step of its life."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    URL,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from prevention.core.forms import Form, choices
from prevention.core.i18n import Localised
from prevention.core.intake import Upload
from prevention.programmes.models import ProgrammeMeeting
from prevention.programmes.rules import EvidenceClass, Topic
from prevention.programmes.wording import EVIDENCE, TOPICS
from prevention.resources import wording
from prevention.resources.models import Resource
from prevention.resources.rules import (
    ABSTRACT_LENGTH_MAX,
    AUTHORS_LENGTH_MAX,
    COMMENT_LENGTH_MAX,
    LINK_LENGTH_MAX,
    MINUTES_MAX,
    TITLE_LENGTH_MAX,
    Access,
    Language,
    Licence,
    LifeSkill,
    Moment,
    ResourceKind,
)
from prevention.resources.service import Details, ProgrammeChoice
from prevention.schools.rules import Level

REMARK_LENGTH_MAX = 1000
_Value = TypeVar("_Value", bound=StrEnum)


class DetailsForm(Form):
    """What is said about a resource."""

    title = StringField(_l("Title"), [DataRequired(), Length(max=TITLE_LENGTH_MAX)])
    abstract = TextAreaField(
        _l("What is it, and how is it used?"),
        [DataRequired(), Length(max=ABSTRACT_LENGTH_MAX)],
        description=_l("A few sentences for a teacher who does not know it yet."),
    )
    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(wording.KINDS))
    minutes = IntegerField(
        _l("Minutes in class"),
        [Optional(), NumberRange(1, MINUTES_MAX)],
        description=_l("How long it takes. Leave it open for what is only read."),
    )
    language = SelectField(_l("Language"), [InputRequired()], choices=choices(wording.LANGUAGES))
    other_languages = SelectMultipleField(_l("Also in"), choices=choices(wording.LANGUAGES))
    topics = SelectMultipleField(_l("Topics"), choices=choices(TOPICS))
    skills = SelectMultipleField(_l("Life skills it trains"), choices=choices(wording.SKILLS))
    grades = SelectMultipleField(
        _l("Grades"),
        choices=choices(wording.grade_choices()),
        description=_l("Leave all open if it suits every grade."),
    )
    programme_id = SelectField(_l("Programme"), [Optional()])
    meeting_id = SelectField(
        _l("Meeting"), [Optional()], description=_l("The meeting of a programme that it is made for, if there is one.")
    )
    moment = SelectField(_l("Used"), [Optional()], choices=choices(wording.MOMENTS))
    access = SelectMultipleField(
        _l("Accessibility"),
        choices=choices(wording.ACCESS),
        description=_l("Tick only what is really so: pupils with a disability count on it."),
    )
    authors = StringField(_l("Authors"), [Length(max=AUTHORS_LENGTH_MAX)])
    licence = SelectField(
        _l("Licence"),
        [InputRequired()],
        choices=choices(wording.LICENCE_CHOICES),
        description=_l("What others may do with it. Ask the authors if you are not sure."),
    )
    link = StringField(
        _l("Link"),
        [Optional(), URL(), Length(max=LINK_LENGTH_MAX)],
        description=_l("The address of a film or of a page, e.g. https://…"),
    )
    source_link = StringField(
        _l("Where it was published"),
        [Optional(), URL(), Length(max=LINK_LENGTH_MAX)],
        description=_l("The page of its authors or publisher, if it comes from elsewhere."),
    )

    def offer(
        self, programmes: Iterable[ProgrammeChoice], meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]
    ) -> None:
        """Hand in the programmes and meetings to choose from."""
        self.programme_id.choices = choices(
            {
                "": _l("No programme in particular"),
                **{str(choice.id): choice.name.text() for choice in programmes},
            }
        )
        self.meeting_id.choices = _meetings(meetings)

    def validate_link(self, field: StringField) -> None:
        """Take links to the web only: a browser would run a "javascript:" one."""
        if not (field.data or "").lower().startswith(("https://", "http://")):
            raise ValidationError(_l("A link begins with https://"))

    validate_source_link = validate_link

    def show(self, resource: Resource) -> None:
        """Fill the form with a resource as it stands."""
        for name in ("title", "abstract", "authors", "link", "source_link", "minutes"):
            self[name].data = getattr(resource, name)
        for name in ("kind", "language", "licence"):
            self[name].data = getattr(resource, name).value
        for name in ("other_languages", "topics", "skills", "access"):
            self[name].data = list(getattr(resource, name))
        for use in resource.uses[:1]:
            self.meeting_id.data, self.moment.data = str(use.meeting_id), use.moment.value
        self.programme_id.data = str(resource.programme_id or "")
        self.grades.data = [f"{row.level.value}-{row.grade}" for row in resource.grades]

    def details(self) -> Details:
        """Give what was written as a value."""
        pairs = [value.rsplit("-", 1) for value in self.grades.data or ()]
        return Details(
            title=self.title.data or "",
            abstract=self.abstract.data or "",
            kind=ResourceKind(self.kind.data),
            language=Language(self.language.data),
            licence=Licence(self.licence.data),
            authors=self.authors.data or "",
            link=self.link.data or "",
            source_link=self.source_link.data or "",
            minutes=self.minutes.data,
            other_languages=_in_order(Language, set(self.other_languages.data or ()) - {self.language.data}),
            topics=_in_order(Topic, self.topics.data or ()),
            skills=_in_order(LifeSkill, self.skills.data or ()),
            access=_in_order(Access, self.access.data or ()),
            uses=frozenset({(uuid.UUID(self.meeting_id.data), Moment(self.moment.data or Moment.DURING))})
            if self.meeting_id.data
            else frozenset(),
            programme_id=uuid.UUID(self.programme_id.data) if self.programme_id.data else None,
            grades=frozenset((Level(level), int(grade)) for level, grade in pairs),
        )


class _FileForm(Form):
    """A form with a file in it, or with the id of one that was sent before in pieces."""

    upload_id = HiddenField()

    def sent_id(self) -> uuid.UUID | None:
        """Give the file that was sent in pieces, if the form names one."""
        try:
            return uuid.UUID(self.upload_id.data or "")
        except ValueError:
            return None


class _FileNeeded:
    """Asks for a file, in the form or sent before."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: _FileForm, field: Field) -> None:
        if upload_of(form) is None and form.sent_id() is None:
            raise StopValidation(field.gettext("This field is required."))


class ResourceForm(_FileForm, DetailsForm):
    """A new resource, with its first file."""

    file = FileField(_l("File"))


class VersionForm(_FileForm):
    """A newer version of a resource's file."""

    file = FileField(_l("File"), [_FileNeeded()])


class SheetForm(Form):
    """A spreadsheet of materials."""

    file = FileField(_l("Spreadsheet"), [InputRequired()])


class ConfirmForm(Form):
    """A button that says yes: nothing but the token."""


class StepForm(Form):
    """A step of a resource's life. Which of the fields are shown depends on the step."""

    remark = TextAreaField(_l("Remark"), [Optional(), Length(max=REMARK_LENGTH_MAX)])
    review_by = DateField(_l("Next review by"), [Optional()])
    evidence_class = SelectField(
        _l("What is known about its effect"),
        [Optional()],
        choices=choices({"": _l("Nothing stated"), **{value.value: EVIDENCE[value] for value in EvidenceClass}}),
    )


class FeedbackForm(Form):
    """What somebody who used a resource says of it."""

    outcome = RadioField(_l("How did it go?"), [InputRequired()], choices=choices(wording.OUTCOMES))
    grade = SelectField(
        _l("In which grade?"), [Optional()], choices=choices({"": _l("Rather not say"), **wording.grade_choices()})
    )
    comment = TextAreaField(
        _l("In a few words"),
        [Optional(), Length(max=COMMENT_LENGTH_MAX)],
        description=_l(
            "What worked, what did not. Name no pupil and no class. The office reads it before it is shown."
        ),
    )
    # People do not see this field; programs fill it in.
    website = StringField()

    def chosen_grade(self) -> tuple[Level, int] | None:
        """Give the grade as level and number."""
        if not self.grade.data:
            return None
        level, grade = self.grade.data.rsplit("-", 1)
        return Level(level), int(grade)


class WishForm(Form):
    """What a reader looked for in vain."""

    words = StringField(_l("I looked for"), [DataRequired(), Length(max=200)])
    about = TextAreaField(
        _l("What would it be for?"),
        [Optional(), Length(max=COMMENT_LENGTH_MAX)],
        description=_l("Grade, topic, how much time. Leave no names: nobody answers you here."),
    )
    website = StringField()


class KitForm(Form):
    """A kit: its title, what it is for, its meeting."""

    title = StringField(_l("Title"), [DataRequired(), Length(max=TITLE_LENGTH_MAX)])
    intro = TextAreaField(_l("How to use it"), [Optional(), Length(max=ABSTRACT_LENGTH_MAX)])
    meeting_id = SelectField(_l("Meeting"), [Optional()])
    is_published = BooleanField(_l("Everybody may see it"))

    def offer(self, meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]) -> None:
        """Hand in the meetings to choose from."""
        self.meeting_id.choices = _meetings(meetings)


class KitItemForm(Form):
    """A resource that goes into a kit."""

    kit_id = SelectField(_l("Kit"), [InputRequired()])
    moment = SelectField(_l("Used"), [InputRequired()], choices=choices(wording.MOMENTS))


def _meetings(meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]) -> list[Any]:
    return choices({"": _l("No meeting in particular")}, group="") + [
        choice
        for name, rows in meetings.items()
        for choice in choices({str(row.id): f"{row.number}. {row.title.text()}" for row in rows}, group=name.text())
    ]


def _in_order(values: type[_Value], chosen: Iterable[str]) -> tuple[str, ...]:
    wanted = set(chosen)
    return tuple(value.value for value in values if value.value in wanted)


def upload_of(form: Form) -> Upload | None:
    """Give the file that was handed in, or None."""
    given = form["file"].data
    if not isinstance(given, FileStorage) or not given.filename:
        return None
    return Upload(stream=given.stream, file_name=given.filename)

"""The shapes of what is handed in: a resource, what is said about it, a newer version of its file."""

import uuid
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import URL, DataRequired, InputRequired, Length, Optional, ValidationError

from prevention.core.forms import Form, choices
from prevention.resources import wording
from prevention.resources.intake import Upload
from prevention.resources.models import Resource
from prevention.resources.rules import (
    ABSTRACT_LENGTH_MAX,
    AUTHORS_LENGTH_MAX,
    LINK_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Language,
    Licence,
    ResourceKind,
)
from prevention.resources.service import Details, ProgrammeChoice
from prevention.schools.rules import Level


class DetailsForm(Form):
    """What is said about a resource."""

    title = StringField(_l("Title"), [DataRequired(), Length(max=TITLE_LENGTH_MAX)])
    abstract = TextAreaField(
        _l("What is it, and how is it used?"),
        [DataRequired(), Length(max=ABSTRACT_LENGTH_MAX)],
        description=_l("A few sentences for a teacher who does not know it yet."),
    )
    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(wording.KINDS))
    language = SelectField(_l("Language"), [InputRequired()], choices=choices(wording.LANGUAGES))
    grades = SelectMultipleField(
        _l("Grades"),
        choices=choices(wording.grade_choices()),
        description=_l("Leave all open if it suits every grade."),
    )
    programme_id = SelectField(_l("Programme"), [Optional()])
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

    def offer(self, programmes: Iterable[ProgrammeChoice]) -> None:
        """Hand in the programmes to choose from."""
        self.programme_id.choices = choices(
            {
                "": _l("No programme in particular"),
                **{str(choice.id): choice.name.text() for choice in programmes},
            }
        )

    def validate_link(self, field: StringField) -> None:
        """Take links to the web only: a browser would run a "javascript:" one."""
        if not (field.data or "").lower().startswith(("https://", "http://")):
            raise ValidationError(_l("A link begins with https://"))

    def show(self, resource: Resource) -> None:
        """Fill the form with a resource as it stands."""
        for name in ("title", "abstract", "authors", "link"):
            self[name].data = getattr(resource, name)
        for name in ("kind", "language", "licence"):
            self[name].data = getattr(resource, name).value
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
            programme_id=uuid.UUID(self.programme_id.data) if self.programme_id.data else None,
            grades=frozenset((Level(level), int(grade)) for level, grade in pairs),
        )


class ResourceForm(DetailsForm):
    """A new resource, with its first file."""

    file = FileField(_l("File"))
    is_published = BooleanField(_l("Publish it at once"), default=True)


class VersionForm(Form):
    """A newer version of a resource's file."""

    file = FileField(_l("File"), [InputRequired()])


def upload_of(form: Form) -> Upload | None:
    """Give the file that was handed in, or None."""
    given = form["file"].data
    if not isinstance(given, FileStorage) or not given.filename:
        return None
    return Upload(stream=given.stream, file_name=given.filename)

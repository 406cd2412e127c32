"""The forms of planning areas and of the addresses that papers for mayors go to."""

import uuid
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import EmailField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from prevention.core.forms import Form, choices
from prevention.network.areas import LONGEST_AREA, LONGEST_EMAIL
from prevention.network.models import Municipality

_MAIL = [Optional(), Length(max=LONGEST_EMAIL), Email(_l("This is not a mail address."))]


class AssignForm(Form):
    """Municipalities that belong to one planning area, or to none."""

    area = StringField(_l("Planning area"), [Length(max=LONGEST_AREA)])
    municipalities = SelectMultipleField(_l("Municipalities"), [DataRequired(_l("Choose at least one municipality."))])

    def offer(self, rows: Iterable[Municipality]) -> None:
        """Hand in the municipalities; each says the area that it is in."""
        self.municipalities.choices = choices(
            {str(row.id): f"{row.name} ({row.planning_area})" if row.planning_area else row.name for row in rows}
        )

    def ids(self) -> list[uuid.UUID]:
        """Give the municipalities that were chosen."""
        return [uuid.UUID(value) for value in self.municipalities.data or []]


class AreaAddressForm(Form):
    """Where the papers of a planning area go."""

    name = SelectField(_l("Planning area"), [InputRequired()])
    email = EmailField(_l("Mail address"), _MAIL)

    def offer(self, names: Iterable[str]) -> None:
        """Hand in the areas."""
        self.name.choices = choices({name: name for name in names})


class AreaFileForm(Form):
    """A table of planning areas and addresses."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])


class MunicipalityForm(Form):
    """What the office says of one municipality."""

    planning_area = StringField(_l("Planning area"), [Length(max=LONGEST_AREA)])
    mayor_email = EmailField(_l("Mail address of the mayor"), _MAIL)

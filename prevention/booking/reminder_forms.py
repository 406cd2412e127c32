"""The form of how early reminders go out: one number for all, and one for each edition that differs."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from prevention.booking.rules import REMINDER_DAYS_MOST
from prevention.core.forms import Form

_RANGE = NumberRange(0, REMINDER_DAYS_MOST, message=_l("Between 0 and 60 days."))


class ReminderForm(Form):
    """Days before a date; 0 means no reminder."""

    general = IntegerField(_l("Days before each date"), [InputRequired(), _RANGE])
    edition_ids: ClassVar[tuple[uuid.UUID, ...]] = ()

    def own(self) -> dict[uuid.UUID, int | None]:
        """Give each edition's own number; None where the field was left empty."""
        return {edition_id: self[str(edition_id)].data for edition_id in self.edition_ids}


def reminder_form(editions: Mapping[uuid.UUID, str], *, general: int, own: Mapping[uuid.UUID, int]) -> ReminderForm:
    """Make the form for these editions (id to name), filled with what holds now."""
    fields = {str(edition_id): IntegerField(name, [Optional(), _RANGE]) for edition_id, name in editions.items()}
    form_class = type("ReminderFormOfYear", (ReminderForm,), {**fields, "edition_ids": tuple(editions)})
    values = {str(edition_id): days for edition_id, days in own.items()}
    form: ReminderForm = form_class(data={"general": general, **values})
    return form

"""The shapes of a booking, of dated places to publish, and of a cancellation."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from prevention.booking.rules import MOST_PLACES, SlotPlan, Span, weekly
from prevention.core.forms import Form, choices

LONGEST_TEXT = 2000
LONGEST_REASON = 500
MOST_PUPILS = 60
MOST_ADULTS = 20


class BookForm(Form):
    """One class that takes a place; the classes to choose from are handed in."""

    # A class that is not among the choices is judged by the rules, which say why, or is another school's (404).
    school_class = SelectField(_l("Class"), [InputRequired(message=_l("Choose a class."))], validate_choice=False)
    pupils = IntegerField(_l("Pupils"), [Optional(), NumberRange(1, MOST_PUPILS)])
    adults = IntegerField(_l("Accompanying adults"), [InputRequired(), NumberRange(0, MOST_ADULTS)], default=1)
    special_needs = TextAreaField(_l("Needs of the class"), [Length(max=LONGEST_TEXT)])
    note = TextAreaField(_l("Message to the provider"), [Length(max=LONGEST_TEXT)])

    def offer(self, classes: Mapping[str, Mapping[str, str]]) -> None:
        """Hand in the classes to choose from: site to id to words."""
        self.school_class.choices = choices({"": _l("Choose a class")})
        for site, words_by_id in classes.items():
            self.school_class.choices += choices(words_by_id, group=site)

    def pupils_or(self, usual: int | None) -> int | None:
        """Give the pupils that were written, else those the class usually has; ask when neither is known."""
        found: int | None = self.pupils.data or usual
        if found is None:
            self.pupils.errors = [_l("Write how many pupils will be there: the class has no number yet.")]
        return found


class CancelForm(Form):
    """Why something is called off; everybody concerned reads it."""

    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=LONGEST_REASON)])


class DateForm(Form):
    """One date: its day and the hour it begins; it lasts as long as the programme's meeting."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    day = DateField(_l("Day"), [InputRequired()])
    starts = TimeField(_l("Begins at"), [InputRequired()])


class PublishForm(Form):
    """Dated places of an edition; the facilitators to choose from are handed in."""

    facilitator_id = SelectField(_l("Facilitator"))
    site_code = StringField(_l("Code of the school where it takes place"), [Optional(), Length(min=10, max=10)])
    places = IntegerField(_l("Places (classes)"), [InputRequired(), NumberRange(1, MOST_PLACES)], default=1)
    books_from = DateField(_l("Bookings from"), [Optional()])
    books_until = DateField(_l("Bookings until"), [InputRequired()])
    note = TextAreaField(_l("Note for schools"), [Length(max=LONGEST_TEXT)])
    dates = FieldList(FormField(DateForm), label=_l("Dates"))

    def offer(self, *, facilitators: Mapping[str, str], meetings: int) -> None:
        """Hand in the facilitators to choose from (id to words), and make a row for each meeting."""
        self.facilitator_id.choices = choices(facilitators)
        while len(self.dates.entries) < meetings:
            self.dates.append_entry()

    def repeat_weekly(self, *, minutes: Sequence[int], zone: ZoneInfo) -> bool:
        """Fill all dates from the first one, a week apart at the same hour; say whether the first was there."""
        first = self.dates.entries[0].form
        if first.day.data is None or first.starts.data is None:
            return False
        proposed = weekly(first.day.data, at=first.starts.data, minutes=minutes, zone=zone)
        for entry, span in zip(self.dates.entries, proposed, strict=False):
            entry.form.day.data, entry.form.starts.data = span.starts_at.date(), span.starts_at.time()
            entry.form.day.raw_data = entry.form.starts.raw_data = None
        return True

    def facilitator(self) -> uuid.UUID | None:
        """Give the id of the chosen facilitator, None when the school's own teachers lead."""
        return uuid.UUID(self.facilitator_id.data) if self.facilitator_id.data else None

    def plan(self, *, minutes: Sequence[int], zone: ZoneInfo) -> SlotPlan:
        """Give what was written as a plan; `minutes` are the lengths of the programme's meetings."""
        if self.books_until.data is None:
            raise ValueError("a plan is made of a form that was checked")
        rows = [(entry.form.day.data, entry.form.starts.data) for entry in self.dates.entries]
        return SlotPlan(
            places=self.places.data or 0,
            books_from=self.books_from.data,
            books_until=self.books_until.data,
            meetings=tuple(
                _span(day, starts, length, zone)
                for (day, starts), length in zip(rows, minutes, strict=False)
                if day is not None and starts is not None
            ),
        )


def _span(day: date, starts: time, minutes: int, zone: ZoneInfo) -> Span:
    start = datetime.combine(day, starts, tzinfo=zone)
    return Span(starts_at=start, ends_at=start + timedelta(minutes=minutes))

"""The shapes of dated places to publish, of a cancellation, a move and a decision."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
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

from prevention.booking.rules import MOST_PLACES, CountedBy, SlotPlan, Span, weekly
from prevention.core.forms import Form, choices

LONGEST_TEXT = 2000
LONGEST_REASON = 500
MOST_PUPILS = 60
MOST_ADULTS = 20
# Of one slot to choose from: a date a week, all year.
MOST_DATES = 40
DATES_ADDED = 4


class CancelForm(Form):
    """Why something is called off; everybody concerned reads it."""

    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=LONGEST_REASON)])


class MoveForm(Form):
    """Where a date goes: a date on offer, or a free time of the class; both are handed in."""

    target = SelectField(_l("New date"), [InputRequired(message=_l("Choose a date."))], validate_choice=False)
    reason = StringField(_l("Reason"), [Length(max=LONGEST_REASON)])

    def offer(self, groups: Mapping[str, Mapping[str, str]]) -> None:
        """Hand in what there is to choose from: heading to value to words."""
        self.target.choices = choices({"": _l("Choose a date")})
        for heading, words_by_value in groups.items():
            self.target.choices += choices(words_by_value, group=heading)
        self.has_targets = bool(groups)


class RoomChoiceForm(Form):
    """In which room of the school one date is; the rooms are handed in."""

    room_id = SelectField(_l("Room"), validate_choice=False)

    def offer(self, rooms: Mapping[str, str]) -> None:
        """Hand in the rooms to choose from, id to words; whether it is one of them, the rules say."""
        self.room_id.choices = choices({"": _l("The class's own classroom"), **rooms})

    def room(self) -> uuid.UUID | None:
        """Give the id of the chosen room, None for the classroom.

        Raises:
            ValueError: it is no id.
        """
        return uuid.UUID(self.room_id.data) if self.room_id.data else None


class DecideForm(Form):
    """A yes or no to one or more requests. The requests are read beside it: their number is open."""

    message = TextAreaField(_l("Message to the school"), [Length(max=LONGEST_REASON)])


class DateForm(Form):
    """One date: its day and the hour it begins; it lasts as long as the programme's meeting."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    day = DateField(_l("Day"), [Optional()])
    starts = TimeField(_l("Begins at"), [Optional()])

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was written into the row."""
        return not (self.day.raw_data and self.day.raw_data[0]) and not (
            self.starts.raw_data and self.starts.raw_data[0]
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Take a row whole or blank; a blank one is missed by the rules, if at all."""
        is_right = bool(super().validate(extra_validators))
        if not self.is_blank:
            for one in (self.day, self.starts):
                if one.data is None and not one.errors:
                    one.errors = [_l("Write both the day and the hour.")]
                    is_right = False
        return is_right


class PublishForm(Form):
    """Dated places of an edition; the facilitators to choose from are handed in."""

    facilitator_id = SelectField(_l("Facilitator"))
    counted_by = SelectField(_l("Places are counted by"), default=CountedBy.CLASSES.value)
    is_choice = BooleanField(_l("Classes choose among the dates"))
    site_code = StringField(_l("Code of the school where it takes place"), [Optional(), Length(min=10, max=10)])
    room_id = SelectField(_l("Room"), validate_choice=False)
    places = IntegerField(_l("Places on each date"), [InputRequired(), NumberRange(1, MOST_PLACES)], default=1)
    books_from = DateField(_l("Bookings from"), [Optional()])
    books_until = DateField(_l("Bookings until"), [InputRequired()])
    note = TextAreaField(_l("Note for schools"), [Length(max=LONGEST_TEXT)])
    dates = FieldList(FormField(DateForm), label=_l("Dates"))

    def offer(self, *, facilitators: Mapping[str, str], meetings: int) -> None:
        """Hand in the facilitators to choose from (id to words), and make a row for each meeting."""
        self.facilitator_id.choices = choices(facilitators)
        self.counted_by.choices = choices(
            {CountedBy.CLASSES.value: _l("Classes"), CountedBy.HEADS.value: _l("People, pupils and adults")}
        )
        while len(self.dates.entries) < meetings:
            self.dates.append_entry()

    def offer_rooms(self, rooms: Mapping[str, str]) -> None:
        """Hand in the rooms of the school that is written (id to words); whether it is one of them, the rules say."""
        self.room_id.choices = choices({"": _l("No particular room"), **rooms})
        self.has_rooms = bool(rooms)

    def add_dates(self) -> None:
        """Give more empty rows for dates to choose from, as long as there may be more."""
        self.is_choice.data = True
        for _number in range(min(DATES_ADDED, MOST_DATES - len(self.dates.entries))):
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

    def room(self) -> uuid.UUID | None:
        """Give the id of the chosen room, None when there is none.

        Raises:
            ValueError: it is no id.
        """
        return uuid.UUID(self.room_id.data) if self.room_id.data else None

    def plan(self, *, minutes: Sequence[int], zone: ZoneInfo) -> SlotPlan:
        """Give what was written as a plan; `minutes` are the lengths of the programme's meetings."""
        if self.books_until.data is None:
            raise ValueError("a plan is made of a form that was checked")
        rows = [(entry.form.day.data, entry.form.starts.data) for entry in self.dates.entries]
        lengths = [max(minutes, default=0)] * len(rows) if self.is_choice.data else list(minutes)
        return SlotPlan(
            places=self.places.data or 0,
            counted_by=CountedBy(self.counted_by.data),
            is_choice=bool(self.is_choice.data),
            books_from=self.books_from.data,
            books_until=self.books_until.data,
            meetings=tuple(
                _span(day, starts, length, zone)
                for (day, starts), length in zip(rows, lengths, strict=False)
                if day is not None and starts is not None
            ),
        )


def _span(day: date, starts: time, minutes: int, zone: ZoneInfo) -> Span:
    start = datetime.combine(day, starts, tzinfo=zone)
    return Span(starts_at=start, ends_at=start + timedelta(minutes=minutes))

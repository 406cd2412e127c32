"""The shapes of planning: starting a search, moving a date, and the hours of a facilitator."""

from collections.abc import Iterable
from datetime import time

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, IntegerField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from prevention.booking.plan_rules import SECONDS_OFFERED, WEEKLY_CAP_DEFAULT, WEEKLY_CAP_MAX
from prevention.core.forms import Form, choices
from prevention.network.travel import MINUTES_MOST

LONGEST_NOTE = 200
DAYS_OF_WEEK = 6


class SearchForm(Form):
    """How long to search."""

    seconds = SelectField(
        _l("Time to search"),
        coerce=int,
        choices=choices(
            {
                SECONDS_OFFERED[0]: _l("half a minute"),
                SECONDS_OFFERED[1]: _l("one minute"),
                SECONDS_OFFERED[2]: _l("two minutes"),
                SECONDS_OFFERED[3]: _l("five minutes"),
            }
        ),
        default=SECONDS_OFFERED[1],
    )


class MoveForm(Form):
    """Where one date goes; times, facilitators and rooms to choose from are handed in."""

    day = DateField(_l("Day"), [InputRequired()])
    starts = SelectField(_l("Lesson"), coerce=int)
    facilitator_id = SelectField(_l("Facilitator"))
    # Without rooms the page has no such field: then it is the empty choice.
    room_id = SelectField(_l("Room"), default="")


class WayForm(Form):
    """How long it takes between two municipalities; empty for the estimate."""

    minutes = IntegerField(_l("Minutes"), [Optional(), NumberRange(1, MINUTES_MOST)])


class _WeekdayForm(Form):
    """The hours of one day of the week: up to two stretches, e.g. before and after a lesson of one's own."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    starts = TimeField(_l("From"), [Optional()])
    ends = TimeField(_l("Until"), [Optional()])
    again_starts = TimeField(_l("And from"), [Optional()])
    again_ends = TimeField(_l("Until"), [Optional()])


class WeekForm(Form):
    """The usual week of a facilitator, Monday to Saturday; municipalities to choose from are handed in."""

    days = FieldList(FormField(_WeekdayForm), min_entries=DAYS_OF_WEEK, max_entries=DAYS_OF_WEEK)
    weekly_cap = IntegerField(
        _l("Meetings a week at most"), [InputRequired(), NumberRange(1, WEEKLY_CAP_MAX)], default=WEEKLY_CAP_DEFAULT
    )
    base_id = SelectField(_l("Starts from"))

    def hours(self) -> list[tuple[int, time | None, time | None]]:
        """Give the hours as they were written: weekday (0 Monday), from, until; empty rows are left out."""
        found = []
        for weekday, entry in enumerate(self.days):
            row = entry.form
            for starts, ends in ((row.starts, row.ends), (row.again_starts, row.again_ends)):
                if starts.data or ends.data:
                    found.append((weekday, starts.data, ends.data))
        return found

    def fill(self, hours: Iterable[tuple[int, time, time]]) -> None:
        """Write the hours that are kept into the fields."""
        for weekday, starts, ends in hours:
            row = self.days[weekday].form
            if row.starts.data is None:
                row.starts.data, row.ends.data = starts, ends
            else:
                row.again_starts.data, row.again_ends.data = starts, ends


class DaysForm(Form):
    """Days on which a facilitator is away, or there for once."""

    first_day = DateField(_l("First day"), [InputRequired()])
    last_day = DateField(_l("Last day"), [Optional()])
    kind = RadioField(
        _l("What is different"),
        choices=choices({"away": _l("away"), "there": _l("there, besides the usual hours")}),
        default="away",
    )
    starts = TimeField(_l("From"), [Optional()], description=_l("Leave both hours empty for the whole day."))
    ends = TimeField(_l("Until"), [Optional()])
    note = StringField(_l("Note"), [Length(max=LONGEST_NOTE)])

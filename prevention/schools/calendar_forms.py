"""The shapes of what schools and the office write about school time."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from prevention.core.forms import Form, choices
from prevention.core.i18n import Localised
from prevention.schools.rules import RoomKind
from prevention.schools.school_time import (
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    MOST_PERIODS,
    SCHOOL_KINDS,
    BellFault,
    BellPlan,
    BellsRefused,
    ClosureKind,
    Period,
)
from prevention.schools.service import ClosureEntry
from prevention.schools.time_models import REASON_LENGTH_MAX
from prevention.schools.time_wording import KIND_WORDS, ROOM_KINDS

Value = TypeVar("Value")

WEEKDAYS = 7
LONGEST_PERIOD_MINUTES = 120


class YearForm(Form):
    """First and last day of lessons of a school year."""

    first_day = DateField(_l("First day of lessons"), [InputRequired()])
    last_day = DateField(_l("Last day of lessons"), [InputRequired()])
    source = StringField(_l("Who decided it"), [DataRequired(), Length(max=300)])

    def days(self) -> tuple[date, date]:
        """Give the first and the last day."""
        return _needed(self.first_day.data), _needed(self.last_day.data)


class ClosureForm(Form):
    """Days without lessons; whom they are for depends on whose they are, see `of_school` and `of_district`."""

    first_day = DateField(_l("First day"), [InputRequired()])
    last_day = DateField(_l("Last day"), [Optional()])
    kind = SelectField(_l("What it is"), [InputRequired()])
    reason_it = StringField(_l("Reason in Italian"), [DataRequired(), Length(max=REASON_LENGTH_MAX)])
    reason_en = StringField(_l("Reason in English"), [Length(max=REASON_LENGTH_MAX)])
    municipality = SelectField(_l("Municipality"), default="")
    site = SelectField(_l("Site"), default="")
    grades = SelectMultipleField(_l("Grades"), coerce=int)
    classes = SelectMultipleField(_l("Classes"))

    def of_district(self, municipalities: Mapping[str, str]) -> None:
        """Make it the office's: for the whole district or one municipality (id to name)."""
        self.kind.choices = choices({kind: KIND_WORDS[kind] for kind in ClosureKind})
        self.municipality.choices = choices({"": _l("The whole district"), **municipalities})
        del self.site, self.grades, self.classes

    def of_school(self, *, sites: Mapping[str, str], grades: Iterable[int], classes: Mapping[str, str]) -> None:
        """Make it a school's: sites (id to words), grades and classes (id to words) to choose from."""
        self.kind.choices = choices({kind: KIND_WORDS[kind] for kind in SCHOOL_KINDS})
        self.site.choices = choices({"": _l("All sites"), **sites})
        self.grades.choices = choices({str(grade): str(grade) for grade in grades})
        self.classes.choices = choices(classes)
        del self.municipality

    def show(self, entry: ClosureEntry) -> None:
        """Fill the form with closed days as they stand."""
        self.first_day.data, self.last_day.data = entry.first_day, entry.last_day
        self.kind.data = entry.kind.value
        self.reason_it.data, self.reason_en.data = entry.reason.get("it", ""), entry.reason.get("en", "")
        if "municipality" in self:
            self.municipality.data = str(entry.municipality_id or "")
            return
        self.site.data = str(entry.site_id or "")
        self.grades.data = list(entry.grades)
        self.classes.data = [str(each) for each in entry.class_ids]

    def entry(self, *, institute_id: uuid.UUID | None) -> ClosureEntry:
        """Give what was written; an empty last day is the first one."""
        first_day = _needed(self.first_day.data)
        texts = {"it": self.reason_it.data or "", "en": self.reason_en.data or ""}
        is_school = "site" in self
        return ClosureEntry(
            first_day=first_day,
            last_day=self.last_day.data or first_day,
            kind=ClosureKind(self.kind.data),
            reason=Localised({language: text for language, text in texts.items() if text}),
            municipality_id=None if is_school else _id(self.municipality.data),
            institute_id=institute_id,
            site_id=_id(self.site.data) if is_school else None,
            grades=tuple(self.grades.data or ()) if is_school else (),
            class_ids=tuple(uuid.UUID(each) for each in self.classes.data or ()) if is_school else (),
        )


class ClosureFileForm(Form):
    """A calendar or a table of closures, and what its entries are."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    site = SelectField(_l("Site"), default="")
    kind = SelectField(_l("What the entries of a calendar are"), default=ClosureKind.OTHER.value)

    def offer(self, *, sites: Mapping[str, str]) -> None:
        """Hand in the sites to choose from: code to words."""
        self.site.choices = choices({"": _l("All sites"), **sites})
        self.kind.choices = choices({kind: KIND_WORDS[kind] for kind in SCHOOL_KINDS})


class PeriodForm(Form):
    """One period; a row left empty is none."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    starts = TimeField(_l("Begins"), [Optional()])
    ends = TimeField(_l("Ends"), [Optional()])


class WeekdayForm(Form):
    """The periods of one weekday."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    periods = FieldList(FormField(PeriodForm), min_entries=MOST_PERIODS, max_entries=MOST_PERIODS)


class BellsForm(Form):
    """A week of bell times: filled from a few words by a button, then each period as the school wants it."""

    starts = TimeField(_l("First bell"), [Optional()])
    hours = IntegerField(_l("Hours a day"), [Optional(), NumberRange(1, MOST_PERIODS)])
    minutes = IntegerField(_l("Minutes of an hour"), [Optional(), NumberRange(30, LONGEST_PERIOD_MINUTES)])
    break_after = IntegerField(_l("Break after hour"), [Optional(), NumberRange(1, MOST_PERIODS)])
    break_minutes = IntegerField(_l("Minutes of the break"), [Optional(), NumberRange(1, 90)])
    week = SelectField(
        _l("Days"),
        choices=choices({"5": _l("Monday to Friday"), "6": _l("Monday to Saturday")}),
        default="6",
    )
    days = FieldList(FormField(WeekdayForm), min_entries=WEEKDAYS, max_entries=WEEKDAYS)

    def plan(self) -> BellPlan | None:
        """Give the week in a few words; None, with the fields marked, when one of the words is missing."""
        for field in (self.starts, self.hours, self.minutes):
            if field.data is None:
                field.errors = [*field.errors, _l("Needed to fill the week.")]
        if self.starts.errors or self.hours.errors or self.minutes.errors:
            return None
        after, pause = self.break_after.data, self.break_minutes.data
        return BellPlan(
            starts=_needed(self.starts.data),
            hours=_needed(self.hours.data),
            minutes=_needed(self.minutes.data),
            weekdays=MONDAY_TO_FRIDAY if self.week.data == "5" else MONDAY_TO_SATURDAY,
            breaks=((after, pause),) if after and pause else (),
        )

    def show(self, week: Mapping[int, Sequence[Period]]) -> None:
        """Fill the week with periods as they stand."""
        for weekday, day in enumerate(self.days.entries):
            periods = dict(enumerate(week.get(weekday, ())))
            for number, entry in enumerate(day.form.periods.entries):
                period = periods.get(number)
                for field, value in (
                    (entry.form.starts, period.starts if period else None),
                    (entry.form.ends, period.ends if period else None),
                ):
                    field.data, field.raw_data = value, None

    def periods(self) -> dict[int, tuple[Period, ...]]:
        """Give what was written, weekday by weekday.

        Raises:
            BellsRefused: a period has a beginning or an end only.
        """
        found: dict[int, tuple[Period, ...]] = {}
        for weekday, day in enumerate(self.days.entries):
            for number, entry in enumerate(day.form.periods.entries, start=1):
                starts, ends = entry.form.starts.data, entry.form.ends.data
                if (starts is None) != (ends is None):
                    raise BellsRefused(BellFault.HALF_WRITTEN, weekday=weekday, number=number)
                if starts is not None and ends is not None:
                    found[weekday] = (*found.get(weekday, ()), Period(number=number, starts=starts, ends=ends))
        return found


class RoomForm(Form):
    """A room of a site."""

    name = StringField(_l("Name of the room"), [DataRequired(), Length(max=60)])
    kind = SelectField(_l("Kind of room"), choices=choices(ROOM_KINDS), default=RoomKind.CLASSROOM.value)
    capacity = IntegerField(_l("People it holds"), [Optional(), NumberRange(1, 2000)])
    has_projector = BooleanField(_l("It has a projector"))


def _needed(value: Value | None) -> Value:
    if value is None:
        raise ValueError("asked of a form that was checked")
    return value


def _id(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None

"""The shape of a booking or a request: which classes, with how many people, on which dates or with which wishes."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Length, NumberRange, Optional

from prevention.booking.forms import LONGEST_TEXT, MOST_ADULTS, MOST_PUPILS
from prevention.booking.service import Party, Wish
from prevention.core.forms import Form, choices
from prevention.schools.models import SchoolClass

USUAL_ADULTS = 1
MONDAY_TO_SATURDAY = tuple(range(6))
WEEKS_SHOWN = 30


class PartyForm(Form):
    """One class of the list: whether it comes, and with whom."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    class_id = HiddenField()
    chosen = BooleanField(_l("Class"))
    pupils = IntegerField(_l("Pupils"), [Optional(), NumberRange(1, MOST_PUPILS)])
    adults = IntegerField(_l("Accompanying adults"), [Optional(), NumberRange(0, MOST_ADULTS)], default=USUAL_ADULTS)
    special_needs = TextAreaField(_l("Needs of the class"), [Length(max=LONGEST_TEXT)])

    def validate(self, extra_validators: Any = None) -> bool:
        """Look only at classes that come: what stands beside the others is not sent anywhere."""
        return True if not self.chosen.data else bool(super().validate(extra_validators))

    def party(self, school_class: SchoolClass, *, note: str) -> Party | None:
        """Give the class with its people; None, with a question at the field, where nobody knows how many they are."""
        pupils = self.pupils.data or school_class.pupils
        if pupils is None:
            self.pupils.errors = [_l("Write how many pupils will be there: the class has no number yet.")]
            return None
        adults = USUAL_ADULTS if self.adults.data is None else self.adults.data
        return Party(
            school_class=school_class,
            pupils=pupils,
            adults=adults,
            special_needs=self.special_needs.data or "",
            note=note,
        )


class PartiesForm(Form):
    """The classes that come; those to choose from are handed in. Base of booking, waiting and asking."""

    classes = FieldList(FormField(PartyForm))
    note = TextAreaField(_l("Message to the provider"), [Length(max=LONGEST_TEXT)])

    def offer(self, classes: Sequence[SchoolClass], *, chosen: str | None) -> None:
        """Make a row for each class, unless the form was sent: then its own rows stand."""
        if self.classes.entries:
            return
        for each in classes:
            self.classes.append_entry(
                {"class_id": str(each.id), "chosen": str(each.id) == chosen, "adults": USUAL_ADULTS}
            )

    def parties(self, load: Callable[[uuid.UUID], SchoolClass]) -> list[Party] | None:
        """Give the classes that come, each with its people; None, with the reason at its place, when one is not right.

        Args:
            load: gives a class by its id, or refuses it.
        """
        rows = [entry.form for entry in self.classes.entries if entry.form.chosen.data]
        ids = [_id_of(row.class_id.data) for row in rows]
        if not rows or None in ids or len(set(ids)) < len(ids):
            self.form_errors.append(_l("Choose at least one class, each once."))
            return None
        found = []
        for row, class_id in zip(rows, ids, strict=True):
            school_class = load(class_id) if class_id is not None else None
            party = row.party(school_class, note=self.note.data or "") if school_class is not None else None
            found.append(party)
            if party is None and school_class is not None:
                self.form_errors.append(f"{school_class.label}: {row.pupils.errors[0]}")
        parties = [party for party in found if party is not None]
        return parties if len(parties) == len(rows) else None


class BookForm(PartiesForm):
    """Classes that take places of a slot, on some of its dates where there is a choice."""

    numbers = SelectMultipleField(_l("Dates"), coerce=int)

    def offer_dates(self, words: Mapping[int, str], *, chosen: Sequence[int]) -> None:
        """Hand in the dates to choose from; none where a class takes all."""
        self.numbers.choices = choices({str(number): text for number, text in words.items()})
        # How many are to be chosen is the rules' to say; that some are, the label does.
        self.numbers.flags.required = True
        if not self.is_submitted():
            self.numbers.data = list(chosen)


class RequestForm(PartiesForm):
    """Classes that ask for a programme, and when they would like to meet."""

    weekdays = SelectMultipleField(_l("Weekdays that suit"), coerce=int)
    earliest = TimeField(_l("Not before"), [Optional()])
    latest = TimeField(_l("Not after"), [Optional()])
    weeks_to_avoid = SelectMultipleField(_l("Weeks that do not suit"))
    facilitator_id = SelectField(_l("Facilitator you would like"), default="")
    wish_note = TextAreaField(_l("Other wishes about dates"), [Length(max=LONGEST_TEXT)])

    def offer_wishes(self, *, weekdays: Sequence[str], weeks: Mapping[str, str], people: Mapping[str, str]) -> None:
        """Hand in what there is to choose from: names of the days from Monday on, weeks by their Monday, people."""
        self.weekdays.choices = choices({str(number): weekdays[number] for number in MONDAY_TO_SATURDAY})
        self.weeks_to_avoid.choices = choices(weeks)
        self.facilitator_id.choices = choices({"": _l("No matter who"), **people})

    def show(self, wish: Wish) -> None:
        """Fill the wishes in as they stand."""
        self.weekdays.data = list(wish.weekdays)
        self.earliest.data, self.latest.data = wish.earliest, wish.latest
        self.weeks_to_avoid.data = [day.isoformat() for day in wish.weeks_to_avoid]
        self.facilitator_id.data = str(wish.facilitator_id or "")
        self.wish_note.data = wish.note

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the hours are in order."""
        is_right = bool(super().validate(extra_validators))
        if self.earliest.data and self.latest.data and self.earliest.data >= self.latest.data:
            self.latest.errors = [_l("This hour must come after the other one.")]
            return False
        return is_right

    def wish(self) -> Wish:
        """Give what was written as a wish."""
        return Wish(
            weekdays=tuple(sorted(self.weekdays.data or ())),
            earliest=self.earliest.data,
            latest=self.latest.data,
            weeks_to_avoid=tuple(date.fromisoformat(day) for day in sorted(self.weeks_to_avoid.data or ())),
            facilitator_id=uuid.UUID(self.facilitator_id.data) if self.facilitator_id.data else None,
            note=self.wish_note.data or "",
        )


def mondays(first_day: date, last_day: date) -> list[date]:
    """List the Mondays of the weeks from the one of `first_day` to that of `last_day`."""
    monday = first_day - timedelta(days=first_day.weekday())
    weeks = (last_day - monday).days // 7
    return [monday + timedelta(days=7 * number) for number in range(weeks + 1)]


def _id_of(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None

"""The shapes of what the office writes: a programme with its meetings, and an edition."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import URL, DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from prevention.core.forms import Form, choices
from prevention.programmes import wording
from prevention.programmes.plans import EditionPlan, ProgrammePlan
from prevention.programmes.rules import (
    SPACING_DAYS,
    SPACING_DAYS_MOST,
    SPACING_TOLERANCE,
    BookingMode,
    EvidenceClass,
    MeetingPlan,
    Method,
    RoomNeed,
    Topic,
    Venue,
)
from prevention.schools.rules import RoomKind
from prevention.schools.time_wording import ROOM_KINDS

MOST_MEETINGS = 40
# Languages in which a meeting may be held: Italian, those taught, and the largest ones spoken in families here.
SPOKEN = ("it", "en", "fr", "es", "de", "ro", "ar", "sq", "pa", "zh", "uk")
LONGEST_TEXT = 2000
LONGEST_ACCEPTANCE = 500
TARGET_LEVELS = ("primo_grado", "secondo_grado")
GRADES = choices({str(grade): str(grade) for grade in range(1, 6)})


class MeetingForm(Form):
    """One meeting of a programme. A row left empty is no meeting."""

    class Meta(Form.Meta):
        """The token rides on the form around it."""

        csrf = False

    title_it = StringField(_l("Title in Italian"), [Length(max=200)])
    title_en = StringField(_l("Title in English"), [Length(max=200)])
    minutes = IntegerField(_l("Minutes"), [Optional(), NumberRange(10, 600)])
    activities = TextAreaField(_l("Activities"), [Length(max=LONGEST_TEXT)])

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was written in the row."""
        return not (self.title_it.data or self.title_en.data or self.minutes.data or self.activities.data)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Ask for a title and a length once anything is written in the row."""
        is_right = super().validate(extra_validators)
        if self.is_blank:
            return is_right
        for field, words in (
            (self.title_it, _l("Give the meeting a title.")),
            (self.minutes, _l("Say how many minutes it takes.")),
        ):
            if not field.data and not field.errors:
                field.errors = [words]
                is_right = False
        return is_right


class ProgrammeForm(Form):
    """A programme and its meetings, in Italian with English beside it."""

    slug = StringField(
        _l("Address of the page"),
        [
            InputRequired(),
            Length(max=80),
            Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", message=_l("Use lower-case letters, digits and single hyphens.")),
        ],
    )
    name_it = StringField(_l("Name in Italian"), [DataRequired(), Length(max=120)])
    name_en = StringField(_l("Name in English"), [Length(max=120)])
    summary_it = TextAreaField(_l("Summary in Italian"), [DataRequired(), Length(max=LONGEST_TEXT)])
    summary_en = TextAreaField(_l("Summary in English"), [Length(max=LONGEST_TEXT)])
    levels = SelectMultipleField(
        _l("Levels"),
        [InputRequired()],
        choices=choices({level: wording.LEVELS[level] for level in TARGET_LEVELS}),
    )
    grade_min = SelectField(_l("From grade"), choices=GRADES, coerce=int)
    grade_max = SelectField(_l("To grade"), choices=GRADES, coerce=int)
    topics = SelectMultipleField(_l("Topics"), [InputRequired()], choices=choices(wording.TOPICS))
    method = RadioField(
        _l("Way of working"),
        [InputRequired()],
        choices=choices(wording.METHODS),
    )
    delivered_by_it = StringField(_l("Delivered by, in Italian"), [DataRequired(), Length(max=200)])
    delivered_by_en = StringField(_l("Delivered by, in English"), [Length(max=200)])
    dose_source = StringField(_l("Source of the number of meetings"), [Optional(), URL(), Length(max=500)])
    evidence_class = SelectField(_l("Evidence class"), choices=choices(wording.EVIDENCE))
    evidence_note_it = TextAreaField(_l("Note on the evidence, in Italian"), [DataRequired(), Length(max=LONGEST_TEXT)])
    evidence_note_en = TextAreaField(_l("Note on the evidence, in English"), [Length(max=LONGEST_TEXT)])
    evidence_source = StringField(_l("Source of the evidence"), [Optional(), URL(), Length(max=500)])
    is_active = BooleanField(_l("Shown in the catalogue"), default=True)
    meetings = FieldList(FormField(MeetingForm), label=_l("Meetings"), max_entries=MOST_MEETINGS)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Ask for a source for every class that is a claim."""
        is_right = super().validate(extra_validators)
        is_claim = self.evidence_class.data != EvidenceClass.NOT_RATED
        if is_claim and not self.evidence_source.data and not self.evidence_source.errors:
            self.evidence_source.errors = [_l("A rating needs its source.")]
            return False
        return is_right

    def fix_slug(self) -> None:
        """Take the address out of the form: that of a programme that exists never changes."""
        del self.slug

    def show(self, plan: ProgrammePlan) -> None:
        """Fill the form with a programme as it stands."""
        for name in ("name", "summary", "delivered_by", "evidence_note"):
            for language in ("it", "en"):
                self[f"{name}_{language}"].data = getattr(plan, name).get(language, "")
        for name in ("grade_min", "grade_max", "dose_source", "evidence_source", "is_active"):
            self[name].data = getattr(plan, name)
        self.levels.data = list(plan.levels)
        self.topics.data = [topic.value for topic in plan.topics]
        self.method.data, self.evidence_class.data = plan.method.value, plan.evidence_class.value
        for meeting in plan.meetings:
            self.meetings.append_entry(_meeting_data(meeting))

    def add_row(self) -> None:
        """Give one more empty row for a meeting, as long as there may be more."""
        if len(self.meetings.entries) < MOST_MEETINGS:
            self.meetings.append_entry()

    def plan(self) -> ProgrammePlan:
        """Give what was written as a plan."""
        return ProgrammePlan(
            slug=(self.slug.data or "") if "slug" in self else "",
            name=_texts(self, "name"),
            summary=_texts(self, "summary"),
            topics=tuple(Topic(value) for value in self.topics.data or ()),
            levels=tuple(self.levels.data or ()),
            grade_min=self.grade_min.data,
            grade_max=self.grade_max.data,
            method=Method(self.method.data),
            delivered_by=_texts(self, "delivered_by"),
            dose_source=self.dose_source.data or "",
            evidence_class=EvidenceClass(self.evidence_class.data),
            evidence_note=_texts(self, "evidence_note"),
            evidence_source=self.evidence_source.data or "",
            meetings=tuple(_meeting_plan(entry.form) for entry in self.meetings if not entry.form.is_blank),
            is_active=bool(self.is_active.data),
        )


class EditionForm(Form):
    """The edition of a school year; years and providers are handed in."""

    school_year = SelectField(_l("School year"), coerce=int)
    organisation_id = SelectField(_l("Provider"), [InputRequired()])
    group_min = IntegerField(_l("Smallest group (pupils)"), [InputRequired(), NumberRange(1, 60)], default=1)
    group_max = IntegerField(_l("Largest group (pupils)"), [InputRequired(), NumberRange(1, 60)], default=30)
    venue = SelectField(_l("Where it takes place"), choices=choices(wording.VENUES), default=Venue.AT_SCHOOL.value)
    room_need = SelectField(_l("Room at the school"), choices=choices(wording.ROOM_NEEDS), default=RoomNeed.NONE.value)
    room_kind = SelectField(_l("Kind of room"), choices=choices({"": _l("Any"), **ROOM_KINDS}), default="")
    languages = SelectMultipleField(_l("Held in"), choices=choices({code: code for code in SPOKEN}), default=["it"])
    needs_it = StringField(_l("What the school gets ready, in Italian"), [Length(max=300)])
    needs_en = StringField(_l("What the school gets ready, in English"), [Length(max=300)])
    booking_mode = SelectField(
        _l("How classes book"), choices=choices(wording.BOOKING_MODES), default=BookingMode.DATES.value
    )
    auto_accept = BooleanField(_l("A booking stands at once, without the provider's yes"), default=True)
    acceptance_text = TextAreaField(_l("Words that go with the provider's yes"), [Length(max=LONGEST_ACCEPTANCE)])
    spacing_days = IntegerField(
        _l("Days between two meetings of a class"),
        [InputRequired(), NumberRange(0, SPACING_DAYS_MOST)],
        default=SPACING_DAYS,
    )
    spacing_tolerance = IntegerField(
        _l("More or fewer days that are well"),
        [InputRequired(), NumberRange(0, SPACING_DAYS_MOST)],
        default=SPACING_TOLERANCE,
    )
    quota_per_school = IntegerField(_l("Classes of one school at most"), [Optional(), NumberRange(1, 100)])
    note = TextAreaField(_l("Note for schools"), [Length(max=LONGEST_TEXT)])
    is_open = BooleanField(_l("Open for bookings at once"), default=True)

    def validate_room_kind(self, field: SelectField) -> None:
        """Refuse a kind of room where none is asked for: nobody would look for it."""
        if field.data and self.room_need.data == RoomNeed.NONE.value:
            raise ValidationError(_l("Choose above that another room of the school is needed."))

    def offer(self, *, years: Mapping[str, str], providers: Mapping[str, str]) -> None:
        """Hand in the school years and the providers to choose from: value to words."""
        self.school_year.choices = choices(years)
        self.organisation_id.choices = choices(providers)
        self.languages.choices = choices({code: wording.language_words(code) for code in SPOKEN})

    def show(self, plan: EditionPlan) -> None:
        """Fill the form with an edition as it stands."""
        self.school_year.data = plan.school_year
        self.organisation_id.data = str(plan.organisation_id)
        self.group_min.data, self.group_max.data = plan.group_min, plan.group_max
        self.note.data = plan.note
        self.venue.data, self.booking_mode.data = plan.venue.value, plan.booking_mode.value
        self.languages.data = list(plan.languages)
        self.needs_it.data, self.needs_en.data = plan.needs.get("it", ""), plan.needs.get("en", "")
        self.room_need.data, self.acceptance_text.data = plan.room_need.value, plan.acceptance_text
        self.room_kind.data = plan.room_kind.value if plan.room_kind is not None else ""
        self.spacing_days.data, self.spacing_tolerance.data = plan.spacing_days, plan.spacing_tolerance
        self.auto_accept.data, self.quota_per_school.data = plan.auto_accept, plan.quota_per_school

    def plan(self) -> EditionPlan:
        """Give what was written as a plan."""
        return EditionPlan(
            school_year=self.school_year.data,
            organisation_id=uuid.UUID(self.organisation_id.data),
            group_min=self.group_min.data or 0,
            group_max=self.group_max.data or 0,
            note=self.note.data or "",
            is_open=bool(self.is_open.data),
            booking_mode=BookingMode(self.booking_mode.data),
            auto_accept=bool(self.auto_accept.data),
            acceptance_text=(self.acceptance_text.data or "").strip(),
            quota_per_school=self.quota_per_school.data,
            spacing_days=self.spacing_days.data or 0,
            spacing_tolerance=self.spacing_tolerance.data or 0,
            venue=Venue(self.venue.data),
            room_need=RoomNeed(self.room_need.data),
            room_kind=RoomKind(self.room_kind.data) if self.room_kind.data else None,
            languages=tuple(self.languages.data or ("it",)),
            needs=_texts(self, "needs"),
        )


def _texts(form: Form, name: str) -> dict[str, str]:
    texts = {language: form[f"{name}_{language}"].data for language in ("it", "en")}
    return {language: text for language, text in texts.items() if text}


def _meeting_data(meeting: MeetingPlan) -> dict[str, Any]:
    return {
        "title_it": meeting.title.get("it", ""),
        "title_en": meeting.title.get("en", ""),
        "minutes": meeting.minutes,
        "activities": "\n".join(_activity_line(activity) for activity in meeting.activities),
    }


def _activity_line(title: dict[str, str]) -> str:
    return " | ".join(text for text in (title.get("it", ""), title.get("en", "")) if text)


def _meeting_plan(form: MeetingForm) -> MeetingPlan:
    lines = [line.strip() for line in (form.activities.data or "").splitlines()]
    return MeetingPlan(
        title=_texts(form, "title"),
        minutes=form.minutes.data or 0,
        activities=tuple(_activity(line) for line in lines if line),
    )


def _activity(line: str) -> dict[str, str]:
    italian, _bar, english = (part.strip() for part in line.partition("|"))
    return {"it": italian or english, "en": english} if english else {"it": italian}

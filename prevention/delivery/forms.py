"""The shape of a register as it is sent, the filter of the coverage page, and the words of refusals."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from prevention.core.forms import Form, choices
from prevention.delivery import rules, wording
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Extent, LedBy, Outcome, Reason, RegisterEntry
from prevention.network.identifying import Clue
from prevention.network.text_check import NamesNobody

ADAPTATIONS_LENGTH_MAX = 1000
NOTE_LENGTH_MAX = 300
_ACTIVITY = "activity_"
# A register is about one class that is known: its name says nothing about a pupil.
_NAMES_NOBODY = NamesNobody(clues=frozenset(Clue) - {Clue.CLASS})


class IfHeld(Optional):
    """Mark a field as needed, and leave it to the rules to miss it: only a held meeting needs it."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags = {"required": True}


class RegisterForm(Form):
    """The register of one meeting. What belongs together is checked by the rules, not here.

    `submission_id` is made with the page, so that the same page sent twice arrives once; `revision` is that of the
    register which this one corrects, empty for the first.
    """

    submission_id = HiddenField()
    revision = HiddenField()
    outcome = RadioField(_l("What became of the meeting?"), [InputRequired()], choices=choices(wording.OUTCOMES))
    minutes = IntegerField(_l("Minutes"), [IfHeld()])
    present = IntegerField(_l("Pupils present"), [IfHeld()])
    expected = IntegerField(_l("Pupils in the class"), [IfHeld()])
    led_by = RadioField(_l("Who led it?"), [Optional()], choices=choices(wording.LED_BY))
    adaptations = TextAreaField(
        _l("What did you change or leave out?"),
        [Length(max=ADAPTATIONS_LENGTH_MAX), _NAMES_NOBODY],
        description=_l("Only if you changed something. Never write a pupil's name."),
    )
    reason = SelectField(_l("Why?"), [Optional()], choices=choices({"": _l("Choose a reason"), **wording.REASONS}))
    reason_note = StringField(
        _l("In your words"),
        [Length(max=NOTE_LENGTH_MAX), _NAMES_NOBODY],
        description=_l("Needed when you chose another reason. Never write a pupil's name."),
    )

    @property
    def activities(self) -> list[Field]:
        """The fields of the activities, in the order of the manual."""
        return [field for field in self if field.name.startswith(_ACTIVITY)]

    def entry(self) -> RegisterEntry:
        """Give what was filled in as a value."""
        return RegisterEntry(
            outcome=Outcome(self.outcome.data),
            minutes=self.minutes.data,
            present=self.present.data,
            expected=self.expected.data,
            led_by=LedBy(self.led_by.data) if self.led_by.data else None,
            extents={
                uuid.UUID(hex=field.name.removeprefix(_ACTIVITY)): Extent(field.data)
                for field in self.activities
                if field.data
            },
            adaptations=self.adaptations.data or "",
            reason=Reason(self.reason.data) if self.reason.data else None,
            reason_note=self.reason_note.data or "",
        )

    def sent_id(self) -> uuid.UUID | None:
        """Give the id of this submission, or None when it is not one."""
        try:
            return uuid.UUID(self.submission_id.data or "")
        except ValueError:
            return None

    def corrected_revision(self) -> int | None:
        """Give the revision that this corrects, or None for the first register."""
        text = self.revision.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else None

    def propose(self, *, minutes: int, pupils: int, has_facilitator: bool, is_begun: bool) -> None:
        """Fill in what is likely: as planned, everybody there. How the activities went is never guessed."""
        self.outcome.data = Outcome.HELD.value if is_begun else None
        self.minutes.data = minutes
        self.present.data = self.expected.data = pupils
        self.led_by.data = LedBy.FACILITATOR.value if has_facilitator else None

    def show(self, register: SessionRegister) -> None:
        """Fill in a register as it stands."""
        for name in ("outcome", "minutes", "present", "expected", "led_by", "adaptations", "reason", "reason_note"):
            self[name].data = getattr(register, name)
        for record in register.activities:
            field = f"{_ACTIVITY}{record.activity_id.hex}"
            if field in self:
                self[field].data = record.extent.value

    def stamp(self, *, revision: int | None) -> None:
        """Mark this page as a new submission that corrects `revision` (None: nothing)."""
        self.submission_id.data = str(uuid.uuid4())
        self.revision.data = "" if revision is None else str(revision)


def register_form(activities: Iterable[tuple[uuid.UUID, str]]) -> RegisterForm:
    """Build the form of a meeting whose manual has these activities (id and title, in order)."""
    fields = {
        f"{_ACTIVITY}{activity_id.hex}": RadioField(title, [Optional()], choices=choices(wording.EXTENTS))
        for activity_id, title in activities
    }
    form: RegisterForm = type("MeetingRegisterForm", (RegisterForm,), fields)()
    return form


def explain(form: RegisterForm, refusal: rules.DeliveryRefusal) -> None:
    """Put the words of a refusal beside the field that can mend it."""
    match refusal:
        case rules.Incomplete(fields=fields):
            _ask_for(form, fields)
        case rules.MinutesOutOfRange(least=least, most=most):
            _refuse(form.minutes, _("Give between %(least)d and %(most)d minutes.", least=least, most=most))
        case rules.PupilsOutOfRange(most=most):
            _refuse(
                form.present,
                _("At least one pupil was there, and at most %(most)d are in a group.", most=most),
            )
        case rules.MorePresentThanExpected(present=present, expected=expected):
            _refuse(
                form.present,
                _(
                    "%(present)d present is more than the %(expected)d in the class. Correct one of the two.",
                    present=present,
                    expected=expected,
                ),
            )
        case rules.ReasonMissing(needs_words=True):
            _refuse(form.reason_note, _("Say in a few words what the reason was."))
        case rules.ReasonMissing():
            _refuse(form.reason, _("Choose why it was not held on its day."))
        case rules.NotYetHeld(starts_at=starts_at):
            _refuse(
                form.outcome,
                _(
                    "This meeting begins on %(moment)s: it cannot have been held yet.",
                    moment=format_datetime(starts_at, "d MMMM y, HH:mm"),
                ),
            )
        case _:
            form.form_errors.append(_whole_form_words(refusal))


def _whole_form_words(refusal: rules.DeliveryRefusal) -> str:
    match refusal:
        case rules.NotBooked():
            return _(
                "This meeting was cancelled or is not booked, so there is nothing to register. "
                "Ask the office if that is wrong."
            )
        case rules.AlreadyRegistered():
            return _(
                "Somebody else registered this meeting in the meantime. Open it again to see what they wrote, "
                "and correct it there if needed."
            )
        case rules.ActivityOfAnotherProgramme():
            return _("The activities of this meeting have changed. Open the page again and fill it in anew.")
        case rules.SubmissionOfAnotherMeeting():
            return _("This page was already sent for another meeting. Open this meeting again and fill it in anew.")
        case _:
            raise refusal


def _ask_for(form: RegisterForm, fields: Sequence[str]) -> None:
    asked = {
        "minutes": _("Say how many minutes it lasted."),
        "present": _("Say how many pupils were there."),
        "expected": _("Say how many pupils the class has."),
        "led_by": _("Say who led it."),
    }
    for name in fields:
        if name == "extents":
            for activity in form.activities:
                if not activity.data:
                    _refuse(activity, _("Say how this activity went."))
        else:
            _refuse(form[name], asked[name])


def _refuse(field: Any, words_: str) -> None:
    field.errors = [*field.errors, words_]

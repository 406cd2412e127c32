"""The forms of this room: a signal, the moderator's decision, and the district's note on an alert."""

import uuid
from collections.abc import Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from prevention.core.forms import Form, choices
from prevention.early_signals import rules
from prevention.early_signals.rules import SignalKind
from prevention.early_signals.service import SignalPlan
from prevention.early_signals.wording import KINDS
from prevention.network.text_check import NamesNobody

MESSAGE_MOST = 500


class SignalForm(Form):
    """What a school noticed. Schools, places and weeks are handed in."""

    key = HiddenField()
    institute_id = SelectField(_l("School"), [InputRequired()])
    kind = SelectField(_l("What it is about"), [InputRequired(message=_l("Choose what it is about."))])
    municipality_id = SelectField(_l("Where"), [InputRequired()])
    week = SelectField(_l("Week"), [InputRequired()])
    words = TextAreaField(_l("What was noticed"), [DataRequired(), Length(min=10, max=rules.TEXT_MOST), NamesNobody()])

    def offer(
        self, *, institutes: Mapping[str, str], municipalities: Mapping[str, str], weeks: Mapping[str, str]
    ) -> None:
        """Hand in what there is to choose from, and make the key of a new page."""
        self.institute_id.choices = choices(institutes)
        self.kind.choices = choices({"": _l("Choose"), **{kind.value: words for kind, words in KINDS.items()}})
        self.municipality_id.choices = choices(municipalities)
        self.week.choices = choices(weeks)
        if not _is_key(self.key.data):
            self.key.data = str(uuid.uuid4())

    def plan(self) -> SignalPlan:
        """Give what was written."""
        return SignalPlan(
            key=uuid.UUID(self.key.data),
            institute_id=uuid.UUID(self.institute_id.data),
            municipality_id=uuid.UUID(self.municipality_id.data),
            kind=SignalKind(self.kind.data),
            week=date.fromisoformat(self.week.data),
            words=(self.words.data or "").replace("\r\n", "\n"),
        )


class AcceptForm(Form):
    """The words that stay, and a message to the school."""

    words = TextAreaField(_l("Words that stay"), [DataRequired(), Length(max=rules.TEXT_MOST), NamesNobody()])
    message = TextAreaField(_l("Message to the school"), [Length(max=MESSAGE_MOST), NamesNobody()])


class RefuseForm(Form):
    """Why a signal is not accepted; the school reads it."""

    message = TextAreaField(_l("Reason"), [DataRequired(), Length(max=MESSAGE_MOST), NamesNobody()])


class NoteForm(Form):
    """What the district tells the whole network about an alert."""

    note = TextAreaField(_l("Note of the district"), [Length(max=rules.NOTE_MOST), NamesNobody()])


def _is_key(text: str | None) -> bool:
    try:
        return uuid.UUID(text or "") is not None
    except ValueError:
        return False

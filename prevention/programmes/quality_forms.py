"""The forms of a stage of quality, a part in a programme, and a line of funding."""

import uuid
from collections.abc import Mapping
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from prevention.core.forms import Form, choices
from prevention.programmes.quality_rules import Part, StageState
from prevention.programmes.quality_wording import PARTS, STATES
from prevention.programmes.service.quality import FundingPlan, StagePlan

TEXT_MOST = 4_000
AMOUNT_MOST = 10_000_000


class EurosField(DecimalField):
    """An amount in euros, with a comma or a point before the cents."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the comma as a point."""
        super().process_formdata([value.strip().replace(",", ".") for value in valuelist])


class StageForm(Form):
    """Where a programme stands at a stage."""

    state = SelectField(_l("State"), [InputRequired()], choices=choices(STATES))
    done = TextAreaField(_l("What was done"), [Length(max=TEXT_MOST)])
    gap = TextAreaField(_l("What is missing"), [Length(max=TEXT_MOST)])
    owner_id = SelectField(_l("Who sees to it"), [Optional()])
    file = FileField(_l("Evidence"), [Optional()])

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.owner_id.choices = choices({"": _l("Nobody yet"), **organisations})

    def plan(self) -> StagePlan:
        """Give what was written."""
        return StagePlan(
            state=StageState(self.state.data),
            done=self.done.data or "",
            gap=self.gap.data or "",
            owner_id=uuid.UUID(self.owner_id.data) if self.owner_id.data else None,
        )


class PartForm(Form):
    """A part of an organisation in a programme."""

    organisation_id = SelectField(_l("Organisation"), [InputRequired()])
    part = SelectField(_l("What it does"), [InputRequired()], choices=choices(PARTS))

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.organisation_id.choices = choices(organisations)

    def chosen(self) -> tuple[uuid.UUID, Part]:
        """Give the organisation and its part."""
        return uuid.UUID(self.organisation_id.data), Part(self.part.data)


class FundingForm(Form):
    """Who pays what in a school year."""

    school_year = SelectField(_l("School year"), [InputRequired()])
    payer_id = SelectField(_l("Who pays"), [InputRequired()])
    programme_id = SelectField(_l("For"), [Optional()])
    amount = EurosField(
        _l("Amount in euros"),
        [InputRequired(), NumberRange(Decimal("0.01"), AMOUNT_MOST, message=_l("Between 0.01 and 10 million."))],
        places=2,
    )
    purpose = StringField(_l("What it is for"), [Length(max=200)])

    def offer(
        self, *, years: Mapping[str, str], organisations: Mapping[str, str], programmes: Mapping[str, str]
    ) -> None:
        """Hand in what there is to choose from."""
        self.school_year.choices = choices(years)
        self.payer_id.choices = choices(organisations)
        self.programme_id.choices = choices({"": _l("all programmes"), **programmes})

    def plan(self) -> FundingPlan:
        """Give what was written."""
        return FundingPlan(
            school_year=int(self.school_year.data),
            payer_id=uuid.UUID(self.payer_id.data),
            programme_id=uuid.UUID(self.programme_id.data) if self.programme_id.data else None,
            amount_cents=int((self.amount.data or Decimal(0)) * 100),
            purpose=self.purpose.data or "",
        )

"""The forms of organisations, agreements, acts of data protection, the steering table and help services."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    DateField,
    EmailField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import URL, DataRequired, Email, InputRequired, Length, NumberRange, Optional

from prevention.core.forms import Form, choices
from prevention.core.i18n import Localised
from prevention.network.governance_rules import ActKind, AgreementKind
from prevention.network.governance_wording import ACT_KINDS, AGREEMENT_KINDS, ORGANISATION_KINDS, SCOPES
from prevention.network.models import HelpService
from prevention.network.rules import HelpServiceKind, HelpServiceScope, OrganisationKind
from prevention.network.service import ActPlan, AgreementPlan, HelpPlan, MeetingPlan, OrganisationPlan
from prevention.network.wording import HELP_KIND_WORDS

TEXT_MOST = 4_000
_MAIL = [Optional(), Length(max=254), Email(_l("This is not a mail address."))]
_ADDRESS = [Optional(), Length(max=200), URL(message=_l("This is not an address of a page."))]


class OrganisationForm(Form):
    """An organisation of the network."""

    name = StringField(_l("Name"), [DataRequired(), Length(max=160)])
    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(ORGANISATION_KINDS))
    municipality_id = SelectField(_l("Municipality"), [Optional()])
    email = EmailField(_l("Mail address"), _MAIL)
    website = StringField(_l("Website"), _ADDRESS)

    def offer(self, municipalities: Mapping[str, str]) -> None:
        """Hand in the municipalities."""
        self.municipality_id.choices = choices({"": _l("None"), **municipalities})

    def plan(self) -> OrganisationPlan:
        """Give what was written."""
        return OrganisationPlan(
            name=self.name.data or "",
            kind=OrganisationKind(self.kind.data),
            municipality_id=uuid.UUID(self.municipality_id.data) if self.municipality_id.data else None,
            email=self.email.data or "",
            website=self.website.data or "",
        )


class AgreementForm(Form):
    """An agreement; its documents are handed in on its page."""

    title = StringField(_l("Title"), [DataRequired(), Length(max=200)])
    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(AGREEMENT_KINDS))
    party_ids = SelectMultipleField(_l("Parties"), [InputRequired(message=_l("Choose at least one."))])
    signed_on = DateField(_l("Signed on"), [Optional()])
    starts_on = DateField(_l("In force from"), [InputRequired()])
    ends_on = DateField(_l("In force until"), [Optional()])
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MOST)])

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.party_ids.choices = choices(organisations)

    def plan(self) -> AgreementPlan:
        """Give what was written."""
        return AgreementPlan(
            title=self.title.data or "",
            kind=AgreementKind(self.kind.data),
            party_ids=frozenset(uuid.UUID(each) for each in self.party_ids.data or ()),
            signed_on=self.signed_on.data,
            starts_on=_given(self.starts_on.data),
            ends_on=self.ends_on.data,
            note=self.note.data or "",
        )


class DocumentForm(Form):
    """One file."""

    file = FileField(_l("Document"), [InputRequired(message=_l("Choose a file."))])


class ActForm(Form):
    """One version of an act of data protection, with its document."""

    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(ACT_KINDS))
    title = StringField(_l("Title"), [DataRequired(), Length(max=200)])
    version = IntegerField(_l("Version"), [InputRequired(), NumberRange(1, 999)])
    starts_on = DateField(_l("In force from"), [InputRequired()])
    ends_on = DateField(_l("In force until"), [Optional()])
    controller_id = SelectField(_l("Controller"), [InputRequired()])
    partner_id = SelectField(_l("Processor, or the other controller"), [Optional()])
    file = FileField(_l("Document"), [Optional()])

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.controller_id.choices = choices(organisations)
        self.partner_id.choices = choices({"": _l("None"), **organisations})

    def plan(self) -> ActPlan:
        """Give what was written."""
        return ActPlan(
            kind=ActKind(self.kind.data),
            title=self.title.data or "",
            version=self.version.data or 1,
            starts_on=_given(self.starts_on.data),
            ends_on=self.ends_on.data,
            controller_id=uuid.UUID(self.controller_id.data),
            partner_id=uuid.UUID(self.partner_id.data) if self.partner_id.data else None,
        )


class MeetingForm(Form):
    """A meeting of the steering table."""

    held_on = DateField(_l("Day"), [InputRequired()])
    place = StringField(_l("Place"), [Length(max=160)])
    agenda = TextAreaField(_l("What it is about"), [DataRequired(), Length(max=TEXT_MOST)])
    seat_ids = SelectMultipleField(_l("Who sits at it"), [InputRequired(message=_l("Choose at least one."))])

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.seat_ids.choices = choices(organisations)

    def plan(self) -> MeetingPlan:
        """Give what was written."""
        return MeetingPlan(
            held_on=_given(self.held_on.data),
            place=self.place.data or "",
            agenda=self.agenda.data or "",
            seat_ids=frozenset(uuid.UUID(each) for each in self.seat_ids.data or ()),
        )


class DecisionForm(Form):
    """A decision of the table."""

    words = TextAreaField(_l("Decision"), [DataRequired(), Length(max=TEXT_MOST)])
    owner_id = SelectField(_l("Who sees to it"), [InputRequired()])
    due_on = DateField(_l("Due on"), [Optional()])

    def offer(self, organisations: Mapping[str, str]) -> None:
        """Hand in the organisations."""
        self.owner_id.choices = choices(organisations)


class HelpForm(Form):
    """A help service as the office keeps it."""

    name_it = StringField(_l("Name (Italian)"), [DataRequired(), Length(max=160)])
    name_en = StringField(_l("Name (English)"), [Length(max=160)])
    kind = SelectField(_l("Kind"), [InputRequired()], choices=choices(HELP_KIND_WORDS))
    scope = SelectField(_l("For"), [InputRequired()], choices=choices(SCOPES))
    phone = StringField(_l("Telephone"), [Optional(), Length(max=40)])
    url = StringField(_l("Website"), _ADDRESS)
    hours_it = StringField(_l("Opening hours (Italian)"), [DataRequired(), Length(max=200)])
    hours_en = StringField(_l("Opening hours (English)"), [Length(max=200)])
    reach_it = TextAreaField(_l("How to reach it (Italian)"), [DataRequired(), Length(max=500)])
    reach_en = TextAreaField(_l("How to reach it (English)"), [Length(max=500)])
    languages = SelectMultipleField(_l("Languages"), [InputRequired(message=_l("Choose at least one."))])
    verified_on = DateField(_l("Verified on"), [InputRequired()])
    source = StringField(_l("Where that was read or heard"), [DataRequired(), Length(max=300)])
    owner_name = StringField(_l("Owner"), [Length(max=120)])
    owner_email = EmailField(_l("Mail address of the owner"), _MAIL)

    def offer(self, languages: Mapping[str, str]) -> None:
        """Hand in the languages: code to name."""
        self.languages.choices = choices(languages)

    def show(self, row: HelpService) -> None:
        """Fill the form with what holds now."""
        for name in ("name", "hours", "reach"):
            for language in ("it", "en"):
                self[f"{name}_{language}"].data = getattr(row, name).get(language, "")
        for name in (
            "kind",
            "scope",
            "phone",
            "url",
            "languages",
            "verified_on",
            "source",
            "owner_name",
            "owner_email",
        ):
            self[name].data = getattr(row, name)

    def plan(self) -> HelpPlan:
        """Give what was written."""
        return HelpPlan(
            name=self._text("name"),
            kind=HelpServiceKind(self.kind.data),
            scope=HelpServiceScope(self.scope.data),
            phone=self.phone.data or None,
            url=self.url.data or None,
            hours=self._text("hours"),
            reach=self._text("reach"),
            languages=tuple(self.languages.data or ()),
            verified_on=_given(self.verified_on.data),
            source=self.source.data or "",
            owner_name=self.owner_name.data or "",
            owner_email=self.owner_email.data or "",
        )

    def _text(self, name: str) -> Localised:
        given = {language: self[f"{name}_{language}"].data for language in ("it", "en")}
        return Localised({language: words for language, words in given.items() if words})


class RemarkForm(Form):
    """What an owner says is wrong."""

    remark = TextAreaField(_l("What has changed"), [DataRequired(), Length(max=500)])


def _given(day: date | None) -> date:
    if day is None:
        raise ValueError("a plan is asked of a form that was not checked")
    return day


def file_of(form: Any) -> FileStorage | None:
    """Give the file that was handed in, or None."""
    given = form.file.data
    return given if isinstance(given, FileStorage) and given.filename else None

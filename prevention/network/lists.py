"""The lists of the network: organisations, agreements, acts, decisions, meetings, help services."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Select, or_, type_coerce

from prevention.core import clock
from prevention.core.i18n import current_language
from prevention.core.lists import Cell, Column, Filter, FilterKind, Listing
from prevention.network import governance_wording as wording
from prevention.network.governance_models import Agreement, Decision, ProtectionAct, TableMeeting
from prevention.network.governance_rules import ActKind, standing_on
from prevention.network.models import HelpService, Municipality, Organisation
from prevention.network.rules import OrganisationKind
from prevention.network.wording import HELP_KIND_WORDS

WIDE = 40


def organisations() -> Listing[Organisation]:
    """Declare the list of organisations, by name."""
    return Listing(
        name="enti",
        columns=(
            Column(key="name", words=_l("Name"), value=lambda row: row.name, sort=(Organisation.name,), width=WIDE),
            Column(
                key="kind", words=_l("Kind"), value=lambda row: wording.ORGANISATION_KINDS[row.kind],
                sort=(Organisation.kind,),
            ),
            Column(key="email", words=_l("Mail address"), value=lambda row: row.email, width=WIDE),
            Column(key="website", words=_l("Website"), value=lambda row: row.website, width=WIDE),
        ),
        tie=Organisation.id,
        sort="name",
        filters=(
            Filter(
                name="kind", words=_l("Kind"), any_words=_l("All"),
                options=[(kind.value, words) for kind, words in wording.ORGANISATION_KINDS.items()],
                apply=lambda query, value: query.where(Organisation.kind == OrganisationKind(value)),
            ),
            Filter(
                name="text", words=_l("Name"), kind=FilterKind.TEXT,
                apply=lambda query, text: query.where(Organisation.name.icontains(text, autoescape=True)),
            ),
        ),
    )  # fmt: skip


def municipalities() -> Listing[Municipality]:
    """Declare the list of municipalities, by name."""
    return Listing(
        name="comuni",
        columns=(
            Column(key="name", words=_l("Municipality"), value=lambda row: row.name, sort=(Municipality.name,)),
            Column(
                key="istat", words=_l("ISTAT code"), value=lambda row: row.istat_code,
                sort=(Municipality.istat_code,),
            ),
            Column(
                key="people", words=_l("Residents"), value=lambda row: row.population, sort=(Municipality.population,),
                is_number=True,
            ),
            Column(
                key="area", words=_l("Planning area"), value=lambda row: row.planning_area,
                sort=(Municipality.planning_area,),
            ),
            Column(key="province", words=_l("Province"), value=lambda row: row.province, in_table=False),
            Column(key="cadastral", words=_l("Cadastral code"), value=lambda row: row.cadastral_code, in_table=False),
        ),
        tie=Municipality.id,
        sort="name",
        filters=(Filter(name="text", words=_l("Name or planning area"), kind=FilterKind.TEXT, apply=_municipality),),
    )  # fmt: skip


def agreements() -> Listing[Agreement]:
    """Declare the list of agreements, those that end first at the top."""
    return Listing(
        name="accordi",
        columns=(
            Column(key="title", words=_l("Title"), value=lambda row: row.title, sort=(Agreement.title,), width=WIDE),
            Column(
                key="kind", words=_l("Kind"), value=lambda row: wording.AGREEMENT_KINDS[row.kind],
                sort=(Agreement.kind,),
            ),
            Column(
                key="parties", words=_l("Parties"), value=lambda row: ", ".join(each.name for each in row.parties),
                width=WIDE,
            ),
            Column(key="from", words=_l("In force from"), value=lambda row: row.starts_on, sort=(Agreement.starts_on,)),
            Column(key="until", words=_l("In force until"), value=lambda row: row.ends_on, sort=(Agreement.ends_on,)),
            Column(key="standing", words=_l("State"), value=_standing),
        ),
        tie=Agreement.id,
        sort="until",
        filters=(_standing_filter(Agreement),),
    )  # fmt: skip


def acts() -> Listing[ProtectionAct]:
    """Declare the list of acts of data protection, by title and version."""
    return Listing(
        name="atti-protezione-dati",
        columns=(
            Column(
                key="title", words=_l("Title"), value=lambda row: row.title, width=WIDE,
                sort=(ProtectionAct.title, ProtectionAct.version),
            ),
            Column(key="version", words=_l("Version"), value=lambda row: row.version, is_number=True),
            Column(
                key="kind", words=_l("Kind"), value=lambda row: wording.ACT_KINDS[row.kind],
                sort=(ProtectionAct.kind,), width=WIDE,
            ),
            Column(key="controller", words=_l("Controller"), value=lambda row: row.controller.name, width=WIDE),
            Column(
                key="partner", words=_l("Processor, or the other controller"), width=WIDE,
                value=lambda row: row.partner.name if row.partner else None,
            ),
            Column(
                key="from", words=_l("In force from"), value=lambda row: row.starts_on,
                sort=(ProtectionAct.starts_on,),
            ),
            Column(key="until", words=_l("In force until"), value=lambda row: row.ends_on, in_table=False),
            Column(key="standing", words=_l("State"), value=_standing),
            Column(key="document", words=_l("Document"), in_files=False),
        ),
        tie=ProtectionAct.id,
        sort="title",
        filters=(
            Filter(
                name="kind", words=_l("Kind"), any_words=_l("All"),
                options=[(kind.value, words) for kind, words in wording.ACT_KINDS.items()],
                apply=lambda query, value: query.where(ProtectionAct.kind == ActKind(value)),
            ),
            _standing_filter(ProtectionAct),
        ),
    )  # fmt: skip


def meetings() -> Listing[TableMeeting]:
    """Declare the list of meetings of the table, newest first."""
    return Listing(
        name="tavolo",
        columns=(
            Column(key="day", words=_l("Day"), value=lambda row: row.held_on, sort=(TableMeeting.held_on,)),
            Column(key="agenda", words=_l("What it is about"), value=lambda row: row.agenda, width=WIDE * 2),
            Column(
                key="seats", words=_l("Who sits at it"), value=lambda row: ", ".join(each.name for each in row.seats),
                width=WIDE,
            ),
            Column(key="minutes", words=_l("Minutes of the meeting"), value=lambda row: row.minutes_id is not None),
        ),
        tie=TableMeeting.id,
        sort="day",
        is_descending=True,
    )  # fmt: skip


def decisions() -> Listing[Decision]:
    """Declare the list of decisions, those due first at the top; open ones unless all are asked for."""
    return Listing(
        name="decisioni",
        columns=(
            Column(key="words", words=_l("Decision"), value=lambda row: row.words, width=WIDE * 2),
            Column(key="owner", words=_l("Who sees to it"), value=lambda row: row.owner.name, width=WIDE),
            Column(key="due", words=_l("Due on"), value=lambda row: row.due_on, sort=(Decision.due_on,)),
            Column(key="done", words=_l("Done on"), value=lambda row: row.done_on, sort=(Decision.done_on,)),
            Column(key="meeting", words=_l("Meeting"), value=lambda row: row.meeting.held_on, in_table=False),
            Column(key="mark", words="", in_files=False),
        ),
        tie=Decision.id,
        sort="due",
        filters=(
            Filter(
                name="state", words=_l("State"), any_words=_l("All"), default="open", apply=_decision_state,
                options=[("open", _l("To be done")), ("overdue", _l("Overdue")), ("done", _l("Done"))],
            ),
        ),
    )  # fmt: skip


def help_services() -> Listing[HelpService]:
    """Declare the list of help services as the office keeps them, the longest unverified first."""
    return Listing(
        name="servizi-di-aiuto",
        columns=(
            Column(
                key="name", words=_l("Name"), value=lambda row: row.name.text(), width=WIDE,
                sort=(type_coerce(HelpService.name, JSON)[current_language()].as_string(),),
            ),
            Column(
                key="kind", words=_l("Kind"), value=lambda row: HELP_KIND_WORDS[row.kind], sort=(HelpService.kind,)
            ),
            Column(key="phone", words=_l("Telephone"), value=lambda row: row.phone),
            Column(key="owner", words=_l("Owner"), value=lambda row: row.owner_name, sort=(HelpService.owner_name,)),
            Column(key="email", words=_l("Mail address"), value=lambda row: row.owner_email, in_table=False),
            Column(
                key="verified", words=_l("Verified on"), value=lambda row: row.verified_on,
                sort=(HelpService.verified_on,),
            ),
            Column(key="asked", words=_l("Asked on"), value=lambda row: row.asked_on, in_table=False),
            Column(key="remark", words=_l("What has changed"), value=lambda row: row.remark, in_table=False),
            Column(key="open", words="", in_files=False),
        ),
        tie=HelpService.id,
        sort="verified",
        filters=(
            Filter(
                name="state", words=_l("State"), any_words=_l("All"), apply=_help_state,
                options=[("remark", _l("The owner reports a change")), ("no_owner", _l("Nobody to ask"))],
            ),
        ),
    )  # fmt: skip


def _standing(row: Agreement | ProtectionAct) -> Cell:
    standing = standing_on(clock.today(), starts_on=row.starts_on, ends_on=row.ends_on)
    return wording.STANDINGS[standing]


def _standing_filter(kind: type[Agreement] | type[ProtectionAct]) -> Filter:
    def apply(query: Select[Any], value: str) -> Select[Any]:
        today = clock.today()
        is_over = kind.ends_on < today
        return query.where(is_over if value == "ended" else or_(kind.ends_on.is_(None), kind.ends_on >= today))

    return Filter(
        name="state",
        words=_l("State"),
        any_words=_l("All"),
        apply=apply,
        options=[("current", _l("Not ended")), ("ended", _l("Ended"))],
    )


def _municipality(query: Select[Any], text: str) -> Select[Any]:
    return query.where(
        or_(
            Municipality.name.icontains(text, autoescape=True),
            Municipality.planning_area.icontains(text, autoescape=True),
        )
    )


def _decision_state(query: Select[Any], value: str) -> Select[Any]:
    if value == "done":
        return query.where(Decision.done_on.is_not(None))
    query = query.where(Decision.done_on.is_(None))
    return query.where(Decision.due_on < clock.today()) if value == "overdue" else query


def _help_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(HelpService.remark != "" if value == "remark" else HelpService.owner_email == "")

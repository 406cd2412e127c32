"""The lists of this room: signals, and alerts."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from prevention.core.lists import Column, Filter, FilterKind, Listing
from prevention.early_signals import wording
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.early_signals.rules import AlertOrigin, SignalKind, SignalStatus
from prevention.network.models import Municipality

WIDE = 40


def signals() -> Listing[EarlySignal]:
    """Declare the list of signals, newest week first; their words are in no file."""
    return Listing(
        name="segnalazioni",
        columns=(
            Column(key="week", words=_l("Week"), value=lambda row: row.week, sort=(EarlySignal.week,)),
            Column(
                key="kind", words=_l("What it is about"), value=lambda row: wording.KINDS[row.kind],
                sort=(EarlySignal.kind,), width=WIDE,
            ),
            Column(key="school", words=_l("School"), value=lambda row: row.institute.display_name, width=WIDE),
            Column(key="place", words=_l("Where"), value=lambda row: row.municipality.name),
            Column(
                key="status", words=_l("State"), value=lambda row: wording.STATUSES[row.status],
                sort=(EarlySignal.status,),
            ),
            Column(key="sent", words=_l("Sent"), value=lambda row: row.sent_at, in_table=False),
            Column(key="open", words="", in_files=False),
        ),
        tie=EarlySignal.id,
        sort="week",
        is_descending=True,
        filters=(
            Filter(
                name="status", words=_l("State"), any_words=_l("All"), apply=_of_status,
                options=[(status.value, words) for status, words in wording.STATUSES.items()],
            ),
            Filter(
                name="kind", words=_l("What it is about"), any_words=_l("All"), apply=_of_kind,
                options=[(kind.value, words) for kind, words in wording.KINDS.items()],
            ),
            Filter(name="place", words=_l("Where"), kind=FilterKind.TEXT, apply=_in_place),
        ),
    )  # fmt: skip


def alerts() -> Listing[EarlyAlert]:
    """Declare the list of alerts, newest first."""
    return Listing(
        name="allerte",
        columns=(
            Column(key="raised", words=_l("Raised"), value=lambda row: row.raised_at, sort=(EarlyAlert.raised_at,)),
            Column(key="title", words=_l("About"), value=wording.alert_title, width=WIDE),
            Column(key="words", words=_l("What it rests on"), value=wording.alert_words, width=WIDE * 2),
            Column(key="note", words=_l("Note"), value=lambda row: row.note, in_table=False, width=WIDE),
            Column(key="closed", words=_l("State"), value=lambda row: row.closed_at, sort=(EarlyAlert.closed_at,)),
        ),
        tie=EarlyAlert.id,
        sort="raised",
        is_descending=True,
        filters=(
            Filter(
                name="state", words=_l("State"), any_words=_l("All"), apply=_in_state,
                options=[("open", _l("Still open")), ("closed", _l("Closed"))],
            ),
            Filter(
                name="origin", words=_l("What raised it"), any_words=_l("All"), apply=_of_origin,
                options=[
                    (AlertOrigin.SIGNALS.value, _l("Signals of schools")),
                    (AlertOrigin.SURVEY.value, _l("Surveys")),
                ],
            ),
        ),
    )  # fmt: skip


def _of_status(query: Select[Any], value: str) -> Select[Any]:
    return query.where(EarlySignal.status == SignalStatus(value))


def _of_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(EarlySignal.kind == SignalKind(value))


def _in_place(query: Select[Any], text: str) -> Select[Any]:
    return query.where(
        EarlySignal.municipality.has(
            Municipality.name.icontains(text, autoescape=True)
            | Municipality.planning_area.icontains(text, autoescape=True)
        )
    )


def _in_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(EarlyAlert.closed_at.is_(None) if value == "open" else EarlyAlert.closed_at.is_not(None))


def _of_origin(query: Select[Any], value: str) -> Select[Any]:
    return query.where(EarlyAlert.origin == AlertOrigin(value))

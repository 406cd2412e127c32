"""Help services: their file, what the office keeps itself, and the yearly question to their owners."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Select, select, update

from prevention.config import Settings
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.network import letters
from prevention.network.help_file import HelpLine, read_help_services
from prevention.network.models import HelpService
from prevention.network.rules import ASK_AHEAD_DAYS, HelpServiceKind, HelpServiceScope, is_stale

PURPOSE = "help service check"
# New rows of the office stand after those of the file.
OWN_POSITION = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpPlan:
    """A help service as the office writes it."""

    name: Localised
    kind: HelpServiceKind
    scope: HelpServiceScope
    phone: str | None
    url: str | None
    hours: Localised
    reach: Localised
    languages: tuple[str, ...]
    verified_on: date
    source: str
    owner_name: str
    owner_email: str


def load_help_services() -> int:
    """Bring the help services in step with their file, and say how many rows changed.

    A service that the file no longer names is taken away: nobody should dial a number that somebody took out. What
    the office wrote itself stays as it is, and a later day on which an owner confirmed a service is kept.
    """
    rows = {row.code: row for row in db.session.scalars(select(HelpService))}
    lines = {line.code: line for line in read_help_services()}
    changes = 0
    for code in rows.keys() - lines.keys():
        if not rows[code].is_kept_here:
            db.session.delete(rows[code])
            changes += 1
    for line in lines.values():
        row = rows.get(line.code)
        if row is None:
            db.session.add(HelpService(**_as_values(line)))
            changes += 1
            continue
        wanted = replace(line, verified_on=max(line.verified_on, row.verified_on))
        if not row.is_kept_here and _line_of(row) != wanted:
            for name, value in _as_values(wanted).items():
                setattr(row, name, value)
            changes += 1
    db.session.flush()
    return changes


def help_services(codes: Iterable[str] | None = None) -> tuple[HelpLine, ...]:
    """List the help services in the order in which they are shown; only some of them when `codes` says which.

    Help is never missing: where nothing was loaded yet, the file that comes with the package speaks.
    """
    rows = db.session.scalars(select(HelpService).order_by(HelpService.position, HelpService.code))
    lines = tuple(_line_of(row) for row in rows) or read_help_services()
    return lines if codes is None else tuple(line for line in lines if line.code in set(codes))


def stale_help_services(*, today: date) -> list[HelpLine]:
    """List the help services that the office must verify again: last verified more than twelve months ago."""
    return [line for line in help_services() if is_stale(line.verified_on, today=today)]


def help_rows() -> Select[HelpService]:
    """Select the help services as the office keeps them."""
    return select(HelpService)


def help_row_of(service_id: uuid.UUID) -> HelpService:
    """Give a help service.

    Raises:
        NotYours: it is not there.
    """
    found = db.session.get(HelpService, service_id)
    if found is None:
        raise NotYours(service_id)
    return found


def save_help_service(actor: Actor, found: HelpService | None, plan: HelpPlan) -> HelpService:
    """Add a help service or write one anew; from then on the office's word goes before the file's. Flushes."""
    row = found or HelpService(id=uuid.uuid4(), code=f"own-{uuid.uuid4().hex[:12]}", position=OWN_POSITION)
    row.name, row.kind, row.scope = plan.name, plan.kind, plan.scope
    row.phone, row.url, row.hours, row.reach = plan.phone, plan.url, plan.hours, plan.reach
    row.languages, row.verified_on, row.source = list(plan.languages), plan.verified_on, plan.source
    row.owner_name, row.owner_email = plan.owner_name, plan.owner_email.lower()
    row.is_kept_here, row.remark = True, ""
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "network.help_service_saved", row.id, code=row.code)
    return row


def remove_help_service(actor: Actor, row: HelpService) -> None:
    """Take a help service away; one of the file comes back when the file is loaded. Flushes."""
    audit.record(actor, "network.help_service_removed", row.id, code=row.code)
    db.session.delete(row)
    db.session.flush()


def ask_owners(*, today: date) -> int:
    """Write to the owners of services whose year is over within `ASK_AHEAD_DAYS`; give how many were written to.

    Once for each time that a service was verified. Flushes.
    """
    asked = 0
    for row in db.session.scalars(select(HelpService).where(HelpService.owner_email != "").order_by(HelpService.code)):
        is_due = is_stale(row.verified_on, today=today + timedelta(days=ASK_AHEAD_DAYS))
        if is_due and (row.asked_on is None or row.asked_on <= row.verified_on):
            letters.ask_owner(row, check_token(row))
            row.asked_on = today
            asked += 1
    db.session.flush()
    return asked


def check_token(row: HelpService) -> str:
    """Make the token of the page on which the owner confirms a service as it was last verified."""
    return str(_signer().dumps([row.id.hex, row.verified_on.isoformat()]))


def help_row_to_check(token: str) -> HelpService:
    """Give the service that a token is for.

    Raises:
        NotYours: the token is none of ours, or the service was verified or taken away since.
    """
    try:
        key, verified_on = _signer().loads(token)
        found = help_row_of(uuid.UUID(hex=key))
    except (BadSignature, ValueError, TypeError) as error:
        raise NotYours(token[:8]) from error
    if found.verified_on.isoformat() != verified_on:
        raise NotYours(found.id)
    return found


def confirm(row: HelpService, *, today: date) -> bool:
    """Note that the owner found everything right; False when somebody was first. Flushes."""
    confirmed = db.session.scalar(
        update(HelpService)
        .where(HelpService.id == row.id, HelpService.verified_on == row.verified_on)
        .values(verified_on=today, remark="")
        .returning(HelpService.id)
        .execution_options(synchronize_session=False)
    )
    if confirmed is not None:
        audit.record(None, "network.help_service_confirmed", confirmed)
    return confirmed is not None


def remark(row: HelpService, words: str) -> None:
    """Note what the owner says is wrong; the office corrects it, so nobody is shown an unread number. Flushes."""
    row.remark = words
    db.session.flush()
    audit.record(None, "network.help_service_remarked", row.id)


def _signer() -> URLSafeSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    return URLSafeSerializer(settings.derived_key(PURPOSE), salt=PURPOSE)


def _as_values(line: HelpLine) -> dict[str, object]:
    values = {field.name: getattr(line, field.name) for field in fields(HelpLine)}
    return {**values, "languages": list(line.languages)}


def _line_of(row: HelpService) -> HelpLine:
    values = {field.name: getattr(row, field.name) for field in fields(HelpLine)}
    return HelpLine(**{**values, "languages": tuple(row.languages)})

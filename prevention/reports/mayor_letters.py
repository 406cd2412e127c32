"""The mail that brings the two pages to mayors and to the offices of planning areas, once for an edition.

It carries the address of the public pages and no file: what is published stays where it is, and a correction takes its
place there. In the language of whoever has an account under the address; in Italian to all others, as municipalities
write to each other.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language
from prevention.core.web import address_of
from prevention.messages import service as messages
from prevention.messages.kinds import Kind as LetterKind
from prevention.messages.kinds import Placeholder, shipped_texts
from prevention.messages.models import MessageStatus, OutboxMessage
from prevention.messages.rules import TextRefused
from prevention.network import service as network
from prevention.reports import edition_papers, edition_reading
from prevention.reports.edition_rules import EditionState, NotNow
from prevention.reports.models import ReportEdition
from prevention.reports.papers import Kind, mayor_names
from prevention.schools.rules import school_year_label

_KEY = "mayor_report"
_SAMPLES: Mapping[str, Mapping[str, str]] = {
    "it": {
        "place": "Crema", "year": "2025/26", "pages": "https://prevenzione.example.org/…",
        "report": "https://prevenzione.example.org/…",
    },
    "en": {
        "place": "Crema", "year": "2025/26", "pages": "https://prevenzione.example.org/…",
        "report": "https://prevenzione.example.org/…",
    },
}  # fmt: skip


def _sample(language: str) -> Mapping[str, str]:
    return _SAMPLES.get(language, _SAMPLES["en"])


KINDS = (
    LetterKind(
        key=_KEY,
        title=_l("The two pages for the mayor"),
        occasion=_l("To mayors and planning areas when the yearly report is published, once for an edition"),
        placeholders=(
            Placeholder(
                key="place", names={"it": "luogo", "en": "place"}, explained=_l("the municipality or planning area")
            ),
            Placeholder(key="year", names={"it": "anno", "en": "year"}, explained=_l("the school year")),
            Placeholder(key="pages", names={"it": "pagine", "en": "pages"}, explained=_l("address of the two pages")),
            Placeholder(
                key="report", names={"it": "relazione", "en": "report"}, explained=_l("address of the whole report")
            ),
        ),
        shipped=shipped_texts(Path(__file__).resolve().parent / "shipped", _KEY),
        sample=_sample,
        languages=LANGUAGES,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MayorSheet:
    """Two pages of an edition: whose they are, where they go (empty: nobody said), and what became of the mail."""

    scope: str
    name: str
    email: str
    status: MessageStatus | None


def mayor_sheets(edition: ReportEdition) -> list[MayorSheet]:
    """List the pages for mayors that an edition has, by name."""
    names = mayor_names(edition_reading.figures_of(edition))
    addresses, sent = network.mayor_addresses(), _sent(edition.id)
    scopes = {one.scope for one in edition_papers.papers(edition.id) if one.kind is Kind.MAYORS}
    sheets = [
        MayorSheet(
            scope=scope,
            name=names.get(scope, scope),
            email=sent[scope][0] if scope in sent else addresses.of(scope),
            status=sent[scope][1] if scope in sent else None,
        )
        for scope in scopes
    ]
    return sorted(sheets, key=lambda sheet: (sheet.name, sheet.scope))


def tell_mayors(edition: ReportEdition) -> int:
    """Put the mail to each mayor and area with a known address into the outbox; give how many were not there yet.

    Raises:
        NotNow: the edition is not published: its pages are not there for them.
    """
    if edition.state is not EditionState.PUBLISHED:
        raise NotNow
    waiting = [sheet for sheet in mayor_sheets(edition) if sheet.email and sheet.status is None]
    if waiting:
        kind, texts = messages.kind_of(_KEY), messages.texts_of(_KEY)
        spoken, names = accounts.languages_of(sheet.email for sheet in waiting), _names(edition)
        for sheet in waiting:
            language = spoken.get(sheet.email.strip().lower(), DEFAULT_LANGUAGE)
            values = _values(
                edition, sheet.scope, place=names[language].get(sheet.scope, sheet.name), language=language
            )
            try:
                filled = messages.fill(kind, texts[language], values, language=language)
            except TextRefused:
                # A text that was right when it was written, before an update took a placeholder away: ours is.
                filled = messages.fill(kind, kind.shipped[language], values, language=language)
            key = _prefix(edition.id) + sheet.scope
            messages.enqueue(key=key, to=sheet.email, subject=filled.subject, body=filled.body, language=language)
    return len(waiting)


def tell_mayors_again(actor: Actor, edition: ReportEdition) -> int:
    """Write to those whose address came after publication; nobody gets it twice.

    Raises:
        NotNow: the edition is not published.
    """
    told = tell_mayors(edition)
    audit.record(actor, "report.mayors_told", edition.id, mails=told)
    return told


def _names(edition: ReportEdition) -> dict[str, dict[str, str]]:
    """Name the municipalities and planning areas in each language, by the mark of their paper."""
    figures, names = edition_reading.figures_of(edition), {}
    for language in LANGUAGES:
        with in_language(language):
            names[language] = mayor_names(figures)
    return names


def _values(edition: ReportEdition, scope: str, *, place: str, language: str) -> dict[str, str]:
    year = edition.school_year
    return {
        "place": place,
        "year": school_year_label(year),
        "pages": address_of(
            "reports.published_paper", school_year=year, kind=Kind.MAYORS.value, language=language,
            scope=scope,
        ),
        "report": address_of("reports.published_year", school_year=year),
    }  # fmt: skip


def _prefix(edition_id: uuid.UUID) -> str:
    return f"report-mayor:{edition_id}:"


def _sent(edition_id: uuid.UUID) -> dict[str, tuple[str, MessageStatus]]:
    """Give address and state of the mails of an edition that are in the outbox, by the mark of their paper."""
    prefix = _prefix(edition_id)
    rows = db.session.execute(
        select(OutboxMessage.key, OutboxMessage.recipient, OutboxMessage.status).where(
            OutboxMessage.key.startswith(prefix, autoescape=True)
        )
    )
    return {key.removeprefix(prefix): (recipient, status) for key, recipient, status in rows}

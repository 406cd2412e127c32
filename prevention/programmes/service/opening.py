"""Opening a school year from the one before: what would be carried over, carrying it over, and taking it back.

A programme is permanent, so its edition of the next year is the one of this year again: the same provider and terms,
the same meetings and papers, the same schools. What is proposed is worked out from the rows each time and writes
nothing; what was confirmed is remembered (`YearOpening`), so that it can be undone.
"""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import joinedload, selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db, in_use
from prevention.programmes import rules, signals
from prevention.programmes.models import Edition, EditionSchool, Programme, YearOpening
from prevention.programmes.rules import EditionStatus
from prevention.schools import service as schools
from prevention.schools.models import Site
from prevention.schools.rules import school_year_of

# What an edition does not share with the one before.
_OWN = frozenset({"id", "school_year", "status"})


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionProposal:
    """The edition of the year before that would be carried over, and the sites that took part in it."""

    before: Edition
    sites: tuple[Site, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What opening a school year would do. `mark` changes whenever anything of it does."""

    school_year: int
    editions: tuple[EditionProposal, ...]
    classes: tuple[schools.SiteForward, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to open."""
        return not (self.editions or self.classes)

    @property
    def new_classes(self) -> int:
        """How many classes would come into being; those of sites that wait for an answer are not counted."""
        plans = (each.plan for each in self.classes if not each.plan.doubtful)
        return sum(one.standing is None for plan in plans for one in plan.changes)

    @property
    def mark(self) -> str:
        """A short mark of the whole proposal."""
        digest = hashlib.sha256()
        for edition in self.editions:
            digest.update(f"{edition.before.id}:{[str(site.id) for site in edition.sites]}".encode())
        for each in self.classes:
            for one in each.plan.changes:
                parents = sorted(str(parent.id) for parent in one.parents)
                digest.update(f"{each.site.id}:{one.grade}{one.section}:{parents}".encode())
            digest.update(str(len(each.plan.doubtful)).encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What opening or undoing a school year did; `kept` names what stays because it is used."""

    school_year: int
    editions: int
    classes: int
    kept: tuple[str, ...] = ()


def propose_year(school_year: int) -> Proposal:
    """Work out what opening a school year would do. Some ten statements, whatever the size of the district."""
    before = _editions_to_carry(school_year)
    return Proposal(
        school_year=school_year,
        editions=_with_schools(before),
        classes=tuple(schools.proposed_forwarding(school_year)),
    )


def open_year(
    actor: Actor,
    school_year: int,
    *,
    mark: str,
    editions: Collection[uuid.UUID],
    with_classes: bool,
    is_open: bool,
    now: datetime,
    today: date,
) -> Opened:
    """Carry over what was shown. Flushes.

    Args:
        mark: of the proposal that was shown.
        editions: the editions of the year before that are to be carried over.
        with_classes: whether classes go on too.
        is_open: whether the new editions take bookings at once; else they are drafts.

    Raises:
        NotThisYear: the year cannot be opened.
        ProposalChanged: what would be opened is not what was shown any more.
    """
    rules.check_opening(school_year=school_year, current_year=school_year_of(today))
    schools.hold_forwarding()
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE year_opening IN SHARE ROW EXCLUSIVE MODE"))
    proposal = propose_year(school_year)
    if proposal.mark != mark:
        raise rules.ProposalChanged
    chosen = [each for each in proposal.editions if each.before.id in editions]
    pairs = _carry_editions(chosen, school_year, is_open=is_open)
    carried = [each for each in proposal.classes if with_classes and not each.plan.doubtful]
    classes = schools.forward_all(actor, carried, now=now) if carried else 0
    schools.load_year(actor, school_year)
    opening = YearOpening(
        school_year=school_year,
        editions=[str(each) for each in pairs.values()],
        sites=[str(each.plan.site_id) for each in carried],
        opened_by=actor.id,
        opened_at=now,
    )
    db.session.add(opening)
    db.session.flush()
    audit.record(
        actor, "programmes.year_opened", opening.id, school_year=school_year, editions=len(pairs), classes=classes
    )
    return Opened(school_year=school_year, editions=len(pairs), classes=classes)


def undo_opening(actor: Actor, opening_id: uuid.UUID, *, now: datetime) -> Opened:
    """Take back what opening a year made, but for what is used meanwhile. Flushes. Works once.

    An edition with dates or bookings stays, a class that is booked or surveyed stays, and so do the classes of a site
    that answered for itself. The year's calendar stays too: it is the region's, not this opening's.

    Raises:
        NotYours: there is no such opening, or it was undone.
    """
    opening = db.session.scalar(
        update(YearOpening)
        .where(YearOpening.id == opening_id, YearOpening.undone_at.is_(None))
        .values(undone_at=now)
        .returning(YearOpening)
    )
    if opening is None:
        raise NotYours(opening_id)
    made = [uuid.UUID(each) for each in opening.editions]
    used = in_use(Edition, made)
    db.session.execute(delete(Edition).where(Edition.id.in_([each for each in made if each not in used])))
    undone = schools.undo_forwarding(actor, opening.school_year, site_ids=[uuid.UUID(each) for each in opening.sites])
    db.session.flush()
    audit.record(
        actor, "programmes.year_opening_undone", opening_id, editions=len(made) - len(used), classes=undone.removed
    )
    names = db.session.scalars(select(Programme.name).join(Edition).where(Edition.id.in_(used)))
    kept = (*sorted(name.text() for name in names), *undone.kept)
    return Opened(school_year=opening.school_year, editions=len(made) - len(used), classes=undone.removed, kept=kept)


def openings_of(school_year: int) -> list[YearOpening]:
    """List the openings of a school year that stand, newest first."""
    return list(
        db.session.scalars(
            select(YearOpening)
            .where(YearOpening.school_year == school_year, YearOpening.undone_at.is_(None))
            .order_by(YearOpening.opened_at.desc())
        )
    )


def expected_schools(school_year: int) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Give for each edition of a year the sites that it counts on; one statement."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    rows = db.session.execute(
        select(EditionSchool.edition_id, EditionSchool.site_id)
        .join(Edition, Edition.id == EditionSchool.edition_id)
        .where(Edition.school_year == school_year)
    )
    for row in rows:
        found.setdefault(row.edition_id, set()).add(row.site_id)
    return {edition_id: frozenset(sites) for edition_id, sites in found.items()}


def _editions_to_carry(school_year: int) -> list[Edition]:
    there = select(Edition.programme_id).where(Edition.school_year == school_year)
    found = db.session.scalars(
        select(Edition)
        .join(Edition.programme)
        .where(
            Edition.school_year == school_year - 1,
            Edition.status != EditionStatus.DRAFT,
            Edition.programme_id.not_in(there),
            Programme.is_active,
        )
        .options(joinedload(Edition.programme).selectinload(Programme.meetings), joinedload(Edition.organisation))
    )
    return sorted(found, key=lambda edition: edition.programme.name.text("it").casefold())


def _with_schools(editions: Collection[Edition]) -> tuple[EditionProposal, ...]:
    lineage = schools.site_lineage()
    asked = signals.ask_schools(frozenset(edition.id for edition in editions))
    took_part = {edition_id: {lineage.of(site) for site in sites} for edition_id, sites in asked.items()}
    wanted = {site for sites in took_part.values() for site in sites}
    query = select(Site).where(Site.id.in_(wanted)).options(selectinload(Site.municipality)).order_by(Site.code)
    rows = list(db.session.scalars(query))
    return tuple(
        EditionProposal(before=edition, sites=tuple(site for site in rows if site.id in took_part.get(edition.id, ())))
        for edition in editions
    )


def _carry_editions(
    chosen: Collection[EditionProposal], school_year: int, *, is_open: bool
) -> Mapping[uuid.UUID, uuid.UUID]:
    pairs: dict[uuid.UUID, uuid.UUID] = {}
    rows: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []
    for each in chosen:
        new_id = pairs[each.before.id] = uuid.uuid4()
        shared = {
            column.key: getattr(each.before, column.key)
            for column in Edition.__table__.columns
            if column.key not in _OWN
        }
        status = EditionStatus.OPEN if is_open else EditionStatus.DRAFT
        rows.append({**shared, "id": new_id, "school_year": school_year, "status": status})
        expected += [{"edition_id": new_id, "site_id": site.id} for site in each.sites]
    for model, values in ((Edition, rows), (EditionSchool, expected)):
        if values:
            db.session.execute(insert(model).execution_options(render_nulls=True), values)
    if pairs:
        signals.editions_carried.send(None, pairs=pairs)
    return pairs

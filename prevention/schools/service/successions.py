"""Codes that ended and codes that go on in their place: what seems so, what was decided, and what follows from it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.network.models import Municipality
from prevention.schools.history_models import ONE_DECISION_PER_CODE, SiteSuccession
from prevention.schools.models import Enrolment, Institute, Site
from prevention.schools.signals import ask_coordinators, let_follow, take_back
from prevention.schools.succession import (
    AlreadyDecided,
    CannotFollow,
    NotGone,
    PairedBy,
    Proposal,
    Trace,
    evidence_for,
    level_of_code,
    propose,
)

# Under this name a decision keeps, beside its evidence, what coordinators were given with it.
GIVEN = "given"


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteLineage:
    """Which site goes on in place of which: every confirmed succession, chains followed to their end."""

    current: Mapping[uuid.UUID, uuid.UUID]

    def of(self, site_id: uuid.UUID) -> uuid.UUID:
        """Give the site that goes on in place of a site, itself when none does."""
        return self.current.get(site_id, site_id)

    def before(self, site_id: uuid.UUID) -> list[uuid.UUID]:
        """List the sites in whose place a site goes on."""
        return [old for old, new in self.current.items() if new == site_id]

    def whole(self, site_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Give sites together with those in whose place they go on."""
        wanted = set(site_ids)
        return wanted | {old for old, new in self.current.items() if new in wanted}


def site_lineage() -> SiteLineage:
    """Read which site goes on in place of which; one statement, few rows."""
    old = select(Site.id).where(Site.code == SiteSuccession.old_code).correlate(SiteSuccession).scalar_subquery()
    rows = db.session.execute(select(old.label("old_id"), SiteSuccession.site_id))
    step = {row.old_id: row.site_id for row in rows if row.old_id is not None and row.site_id is not None}
    return SiteLineage(current={start: _end_of(start, step) for start in step})


def _end_of(start: Any, step: Mapping[Any, Any]) -> Any:
    here, seen = start, {start}
    while here in step and step[here] not in seen:
        here = step[here]
        seen.add(here)
    return here


def decided_successions() -> list[SiteSuccession]:
    """List what was decided, newest first, with the sites that go on."""
    return list(
        db.session.scalars(
            select(SiteSuccession)
            .options(joinedload(SiteSuccession.site).joinedload(Site.municipality))
            .order_by(SiteSuccession.since.desc(), SiteSuccession.old_code)
        )
    )


def proposed_successions() -> list[Proposal]:
    """Find the codes that ended without a decision, each with the one that seems to go on. Four statements."""
    there, gone = _traces()
    return propose(gone, there)


def who_follows(proposals: Iterable[Proposal]) -> dict[str, list[str]]:
    """Name the coordinators of dissolved institutes, by the code of a site of theirs that ended. Two statements."""
    institutes = _dissolved([proposal.gone.code for proposal in proposals])
    names = ask_coordinators(frozenset(institutes.values()))
    return {code: names[institute] for code, institute in institutes.items() if institute in names}


def _dissolved(codes: Collection[str]) -> dict[str, uuid.UUID]:
    """Give the institutes of sites that ended, by their code, if no other site of theirs is listed any more.

    An institute that only handed a site over lives on, and its coordinators do not follow.
    """
    last = func.max(Site.last_seen).label("newest")
    newest = select(Site.is_state, last).group_by(Site.is_state).subquery("newest_listed")
    listed = (
        select(Site.institute_id)
        .join(newest, newest.c.is_state == Site.is_state)
        .where(Site.last_seen >= newest.c.newest)
    )
    rows = db.session.execute(
        select(Site.code, Site.institute_id).where(Site.code.in_(codes), Site.institute_id.not_in(listed))
    )
    return {row.code: row.institute_id for row in rows}


def decide_successions(
    actor: Actor, choices: Mapping[str, str | None], *, now: datetime, lets_follow: bool = False
) -> list[SiteSuccession]:
    """Write down what became of codes: old code to the code that goes on, or None for a school that closed. Flushes.

    All or none. From then on the pupils, classes and meetings of the old code count for the new one.

    Args:
        lets_follow: coordinators of an institute that dissolved coordinate the one that goes on, too.

    Raises:
        AlreadyDecided: somebody decided about one of them before.
        NotGone: one of them is in the register, or was never heard of.
        CannotFollow: a site cannot go on in place of that code.
    """
    proposals = {proposal.gone.code: proposal for proposal in proposed_successions()}
    there, _gone = _traces()
    by_code = {trace.code: trace for trace in there}
    decided = set(db.session.scalars(select(SiteSuccession.old_code)))
    wanted = select(Site.code, Site.id).where(Site.code.in_([new for new in choices.values() if new]))
    ids = {row.code: row.id for row in db.session.execute(wanted)}
    made = []
    for code, new_code in sorted(choices.items()):
        if code in decided:
            raise AlreadyDecided(code=code)
        proposal = proposals.get(code)
        if proposal is None:
            raise NotGone(code=code)
        new = by_code.get(new_code or "")
        if new_code is not None and (new is None or new.level is not proposal.gone.level):
            raise CannotFollow(code=code, site_code=new_code)
        made.append(
            SiteSuccession(
                old_code=code,
                site_id=ids[new_code] if new_code is not None else None,
                since=proposal.gone.last + 1,
                evidence=_evidence(proposal, new),
                decided_by=actor.id,
                decided_at=now,
            )
        )
    if lets_follow:
        _let_follow(actor, made)
    _insert(made)
    _link_to_successors()
    for each in made:
        audit.record(actor, "schools.succession_decided", each.id, old=each.old_code, new=choices[each.old_code])
    return made


def _let_follow(actor: Actor, made: Sequence[SiteSuccession]) -> None:
    """Let coordinators follow, and keep with the decision what they were given."""
    institutes = _dissolved([row.old_code for row in made])
    wanted = [row.site_id for row in made if row.site_id]
    sites = db.session.execute(select(Site.id, Site.institute_id).where(Site.id.in_(wanted)))
    news = {site.id: site.institute_id for site in sites}
    for row in made:
        old, new = institutes.get(row.old_code), news.get(row.site_id) if row.site_id else None
        if old is not None and new is not None and old != new:
            row.evidence = {**row.evidence, GIVEN: let_follow(actor, old=old, new=new)}


def _insert(made: list[SiteSuccession]) -> None:
    try:
        with db.session.begin_nested():
            db.session.add_all(made)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) not in ONE_DECISION_PER_CODE:
            raise
        raise AlreadyDecided(code=made[0].old_code) from error


def withdraw_succession(actor: Actor, old_code: str) -> None:
    """Take back what was decided about a code: its history is its own again. Flushes.

    Raises:
        NotYours: nothing was decided about it.
    """
    row = db.session.scalar(select(SiteSuccession).where(SiteSuccession.old_code == old_code))
    if row is None:
        raise NotYours(old_code)
    new = row.site_id
    _end_following(actor, row)
    db.session.delete(row)
    db.session.flush()
    own = select(Site.id).where(Site.code == Enrolment.code).scalar_subquery()
    db.session.execute(
        update(Enrolment)
        .where(Enrolment.code == old_code)
        .values(site_id=own)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    audit.record(actor, "schools.succession_withdrawn", new, old=old_code)


def _end_following(actor: Actor, row: SiteSuccession) -> None:
    """Take back what coordinators were given with a decision, unless another site of theirs went the same way."""
    given = row.evidence.get(GIVEN)
    if not given:
        return
    old_site, new_site = aliased(Site), aliased(Site)
    ways = {
        each.id: (old, new)
        for each, old, new in db.session.execute(
            select(SiteSuccession, old_site.institute_id, new_site.institute_id)
            .join(old_site, old_site.code == SiteSuccession.old_code)
            .join(new_site, new_site.id == SiteSuccession.site_id)
        )
    }
    others = [key for key, way in ways.items() if key != row.id and way == ways.get(row.id)]
    if not others:
        take_back(actor, given)
        return
    other = db.session.get_one(SiteSuccession, others[0])
    other.evidence = {**other.evidence, GIVEN: [*other.evidence.get(GIVEN, []), *given]}


def successors_of_codes() -> dict[str, uuid.UUID]:
    """Give old code to the site that goes on in its place in the end, for every confirmed succession."""
    rows = db.session.execute(
        select(SiteSuccession.old_code, SiteSuccession.site_id, Site.code).join(SiteSuccession.site)
    ).all()
    step = {row.old_code: row.code for row in rows}
    ids = {row.code: row.site_id for row in rows}
    return {code: ids[_end_of(code, step)] for code in step}


def _link_to_successors() -> None:
    for code, site_id in successors_of_codes().items():
        db.session.execute(
            update(Enrolment)
            .where(Enrolment.code == code, or_(Enrolment.site_id.is_(None), Enrolment.site_id != site_id))
            .values(site_id=site_id)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def _evidence(proposal: Proposal, new: Trace | None) -> dict[str, Any]:
    if new is None:
        return {}
    is_proposed = proposal.new is not None and proposal.new.code == new.code and proposal.evidence is not None
    evidence = proposal.evidence if is_proposed else evidence_for(proposal.gone, new, paired_by=PairedBy.DETAILS)
    return {**asdict(evidence), "as_proposed": is_proposed}  # type: ignore[arg-type]  # checked above


def _traces() -> tuple[list[Trace], list[Trace]]:
    """Read the codes that are listed, and those that ended and wait for a decision."""
    pupils: dict[str, dict[int, int | None]] = defaultdict(dict)
    for row in db.session.execute(select(Enrolment.code, Enrolment.school_year, Enrolment.pupils)):
        pupils[row.code][row.school_year] = row.pupils
    decided = set(db.session.scalars(select(SiteSuccession.old_code)))
    sites = db.session.execute(_sites()).all()
    newest: dict[tuple[bool, str], int] = defaultdict(int)
    for row in sites:
        newest[row.is_state, row.province] = max(newest[row.is_state, row.province], row.last_seen)
    there, gone, known = [], [], {row.code for row in sites}
    for row in sites:
        is_gone = row.last_seen < newest[row.is_state, row.province]
        trace = _trace_of_site(row, pupils[row.code], is_gone=is_gone)
        if not is_gone:
            there.append(trace)
        elif row.code not in decided:
            gone.append(trace)
    gone += [
        _trace_of_code(code, years)
        for code, years in pupils.items()
        if code not in known and code not in decided and max(years) < max(newest.values(), default=0)
    ]
    return there, gone


def _sites() -> Any:
    return (
        select(
            Site.code,
            Site.name,
            Site.address,
            Site.level,
            Site.is_state,
            Site.first_seen,
            Site.last_seen,
            Municipality.name.label("municipality"),
            Municipality.province,
            Institute.code.label("institute"),
            Institute.name.label("institute_name"),
        )
        .join(Site.municipality)
        .join(Site.institute)
        .order_by(Site.code)
    )


def _trace_of_site(row: Any, years: Mapping[int, int | None], *, is_gone: bool) -> Trace:
    # Pupils prove that a code was there before the first register that was taken in.
    first, last = min([row.first_seen, *years]), max([row.last_seen, *years])
    return Trace(
        code=row.code,
        first=first,
        last=last,
        level=row.level,
        pupils=years[max(years) if is_gone else min(years)] if years else None,
        name=row.name,
        address=row.address,
        municipality=row.municipality,
        institute=row.institute,
        institute_name=row.institute_name,
    )


def _trace_of_code(code: str, years: Mapping[int, int | None]) -> Trace:
    return Trace(code=code, first=min(years), last=max(years), level=level_of_code(code), pupils=years[max(years)])

"""Carrying classes into the next school year: for the whole district at once, or as one school answers.

Nothing is written before somebody says so; what was written is remembered with the site and the year
(`ClassForwarding`), so that it can be taken back and a second run finds nothing to do.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db, in_use
from prevention.core.web import Refusal
from prevention.schools.forward_rules import ClassBefore, ClassNow, NextClass, SitePlan, plan_answers, plan_site
from prevention.schools.history_models import ClassForwarding, ClassLineage
from prevention.schools.models import SchoolClass, Site
from prevention.schools.service.forward_reading import classes_before, classes_now

_Rows = list[dict[str, Any]]


class ClassesInUse(Refusal):
    """Classes that would have to go are booked or have been surveyed; `labels` names them."""

    def __init__(self, *, labels: tuple[str, ...]) -> None:
        super().__init__(", ".join(labels))
        self.labels = labels


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteForward:
    """A site and what seems to become of its classes."""

    site: Site
    plan: SitePlan


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """What an undoing did: how many classes went, and the names of those that stay because they are used."""

    removed: int
    kept: tuple[str, ...]


def hold_forwarding() -> None:
    """Make other forwardings wait until this transaction ends: two that propose at once would both write."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE class_forwarding IN SHARE ROW EXCLUSIVE MODE"))


def proposed_forwarding(school_year: int, *, institute_ids: Collection[uuid.UUID] | None = None) -> list[SiteForward]:
    """Work out for each site what its classes become in a school year. Five statements, whatever the size.

    Sites whose classes were carried into that year, and those that had none the year before, are left out.

    Args:
        institute_ids: only sites of these institutes; None takes the district.
    """
    done = select(ClassForwarding.site_id).where(ClassForwarding.school_year == school_year)
    before, now = classes_before(school_year), classes_now(school_year)
    query = (
        select(Site)
        .join(Site.institute)
        .where(Site.id.in_(before), Site.id.not_in(done))
        .order_by(Site.name, Site.code)
    )
    if institute_ids is not None:
        query = query.where(Site.institute_id.in_(institute_ids))
    found = [
        SiteForward(
            site=site,
            plan=plan_site(
                site.id, school_year, grades=site.level.grades, before=before[site.id], now=now.get(site.id, ())
            ),
        )
        for site in db.session.scalars(query)
    ]
    return [each for each in found if each.plan.changes or each.plan.doubtful]


def forward_all(actor: Actor, found: Sequence[SiteForward], *, now: datetime) -> int:
    """Write what is proposed for sites, but for those with classes only the school can place. Flushes.

    Statements do not grow with the sites.

    Returns:
        How many classes came into being.
    """
    plans = [each.plan for each in found if not each.plan.doubtful]
    made = _write(plans, actor=actor, now=now, is_answered=False)
    if plans:
        audit.record(actor, "schools.classes_forwarded", None, sites=len(plans), classes=made)
    return made


def site_forward(site: Site, school_year: int) -> tuple[list[ClassBefore], list[ClassNow], ClassForwarding | None]:
    """Give a site's classes of the year before and of a school year, and whether they were carried over already."""
    row = db.session.scalar(
        select(ClassForwarding).where(ClassForwarding.site_id == site.id, ClassForwarding.school_year == school_year)
    )
    return (
        classes_before(school_year, site.id).get(site.id, []),
        classes_now(school_year, site.id).get(site.id, []),
        row,
    )


def answer_forwarding(
    actor: Actor,
    site: Site,
    school_year: int,
    *,
    answers: Mapping[uuid.UUID, Collection[str]],
    first_sections: Collection[str],
    now: datetime,
) -> SitePlan:
    """Write what a school says became of its classes, over what was carried before. Flushes.

    Classes that nobody named any more go, when they came into being by carrying over.

    Raises:
        NotYours: the site is another school's.
        ClassesInUse: a class that would have to go is booked or was surveyed.
    """
    if not actor.may_act_for(site.institute_id):
        raise NotYours(site.id)
    hold_forwarding()
    before, standing, row = site_forward(site, school_year)
    plan = plan_answers(
        site.id,
        school_year,
        grades=site.level.grades,
        before=before,
        now=standing,
        answers=answers,
        first_sections=first_sections,
    )
    created = [uuid.UUID(each) for each in row.created] if row is not None else []
    named = {(each.grade, each.section) for each in plan.classes}
    gone = [each.id for each in standing if each.id in created and (each.grade, each.section) not in named]
    _remove_unused(gone)
    _unlink(before, standing)
    if row is not None:
        kept = [str(each) for each in created if each not in gone]
        relinked = dict(row.relinked)
        db.session.delete(row)
        db.session.flush()
    else:
        kept, relinked = [], {}
    _write([plan], actor=actor, now=now, is_answered=True, kept=kept, relinked=relinked, rewrites=True)
    audit.record(actor, "schools.classes_answered", site.id, school_year=school_year, classes=len(plan.classes))
    return plan


def undo_forwarding(
    actor: Actor, school_year: int, *, site_ids: Collection[uuid.UUID], with_answered: bool = False
) -> Undone:
    """Take back what was carried into a school year: the classes that came into being go. Flushes.

    Classes that are booked or surveyed meanwhile stay.

    Args:
        site_ids: the sites.
        with_answered: also where a school itself said what became of its classes.
    """
    query = select(ClassForwarding).where(
        ClassForwarding.school_year == school_year, ClassForwarding.site_id.in_(site_ids)
    )
    if not with_answered:
        query = query.where(ClassForwarding.is_answered.is_(False))
    rows = list(db.session.scalars(query))
    created = [uuid.UUID(each) for row in rows for each in row.created]
    used = in_use(SchoolClass, created)
    free = [each for each in created if each not in used]
    for portion in _portions(free):
        db.session.execute(delete(ClassLineage).where(ClassLineage.to_class_id.in_(portion)))
        db.session.execute(delete(SchoolClass).where(SchoolClass.id.in_(portion)))
    relinked = {uuid.UUID(each): uuid.UUID(old) for row in rows for each, old in row.relinked.items()}
    for portion in _portions(list(relinked)):
        db.session.execute(delete(ClassLineage).where(ClassLineage.to_class_id.in_(portion)))
    if relinked:
        db.session.execute(update(SchoolClass), [{"id": each, "cohort_id": old} for each, old in relinked.items()])
    for row in rows:
        still = [each for each in row.created if uuid.UUID(each) in used]
        if still:
            row.created, row.relinked = still, {}
        else:
            db.session.delete(row)
    db.session.flush()
    db.session.expire_all()
    audit.record(actor, "schools.forwarding_undone", None, school_year=school_year, removed=len(free), kept=len(used))
    labels = db.session.scalars(select(SchoolClass.label).where(SchoolClass.id.in_(used)).order_by(SchoolClass.label))
    return Undone(removed=len(free), kept=tuple(labels))


def sites_without_answer(school_year: int, *, institute_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Give the sites of institutes whose classes were carried over and whose school has not looked at them yet."""
    return set(
        db.session.scalars(
            select(ClassForwarding.site_id)
            .join(Site, Site.id == ClassForwarding.site_id)
            .where(
                ClassForwarding.school_year == school_year,
                ClassForwarding.is_answered.is_(False),
                Site.institute_id.in_(institute_ids),
            )
        )
    )


def _write(
    plans: Sequence[SitePlan],
    *,
    actor: Actor,
    now: datetime,
    is_answered: bool,
    kept: Sequence[str] = (),
    relinked: Mapping[str, str] | None = None,
    rewrites: bool = False,
) -> int:
    classes: _Rows = []
    edges: _Rows = []
    cohorts: _Rows = []
    rows: _Rows = []
    for plan in plans:
        created, moved = list(kept), dict(relinked or {})
        for each in plan.classes if rewrites else plan.changes:
            class_id = _class_id(each, plan, classes, cohorts, created=created, moved=moved)
            edges += [
                {"from_class_id": parent.id, "to_class_id": class_id}
                for parent in each.parents
                if rewrites or each.standing is None or parent.id not in each.standing.parents
            ]
        rows.append(
            {
                "id": uuid.uuid4(),
                "site_id": plan.site_id,
                "school_year": plan.school_year,
                "created": created,
                "relinked": moved,
                "is_answered": is_answered,
                "made_by": actor.id,
                "made_at": now,
            }
        )
    db.session.flush()
    for model, values in ((SchoolClass, classes), (ClassLineage, edges), (ClassForwarding, rows)):
        if values:
            db.session.execute(insert(model).execution_options(render_nulls=True), values)
    if cohorts:
        db.session.execute(update(SchoolClass), cohorts)
    db.session.expire_all()
    return len(classes)


def _class_id(
    each: NextClass, plan: SitePlan, classes: _Rows, cohorts: _Rows, *, created: list[str], moved: dict[str, str]
) -> uuid.UUID:
    if each.standing is None:
        class_id = uuid.uuid4()
        classes.append(
            {
                "id": class_id,
                "site_id": plan.site_id,
                "school_year": plan.school_year,
                "grade": each.grade,
                "section": each.section,
                "label": each.label,
                "pupils": each.pupils,
                "cohort_id": each.cohort_id or uuid.uuid4(),
            }
        )
        created.append(str(class_id))
        return class_id
    if each.cohort_id is not None and each.cohort_id != each.standing.cohort_id:
        if str(each.standing.id) not in created:
            moved.setdefault(str(each.standing.id), str(each.standing.cohort_id))
        cohorts.append({"id": each.standing.id, "cohort_id": each.cohort_id})
    return each.standing.id


def _remove_unused(class_ids: Sequence[uuid.UUID]) -> None:
    used = in_use(SchoolClass, class_ids)
    if used:
        labels = db.session.scalars(
            select(SchoolClass.label).where(SchoolClass.id.in_(used)).order_by(SchoolClass.label)
        )
        raise ClassesInUse(labels=tuple(labels))
    db.session.execute(delete(ClassLineage).where(ClassLineage.to_class_id.in_(class_ids)))
    db.session.execute(delete(SchoolClass).where(SchoolClass.id.in_(class_ids)))


def _unlink(before: Sequence[ClassBefore], standing: Sequence[ClassNow]) -> None:
    db.session.execute(
        delete(ClassLineage).where(
            ClassLineage.from_class_id.in_([each.id for each in before]),
            ClassLineage.to_class_id.in_([each.id for each in standing]),
        )
    )


def _portions(ids: Sequence[uuid.UUID]) -> Iterable[Sequence[uuid.UUID]]:
    return (ids[start : start + 10_000] for start in range(0, len(ids), 10_000))

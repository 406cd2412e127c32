"""Who takes part in a programme, who pays for it and what it costs, and where it stands at the stages of quality."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.network.governance_models import Document
from prevention.network.models import Organisation
from prevention.programmes import quality_rules as rules
from prevention.programmes import signals
from prevention.programmes.models import Edition, Programme
from prevention.programmes.quality_models import ONE_PART, FundingLine, ProgrammePartner, ProgrammeStage, StageDocument
from prevention.programmes.quality_rules import Part, Stage, StageState
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class StagePlan:
    """A stage as the office writes it."""

    state: StageState
    done: str
    gap: str
    owner_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FundingPlan:
    """A line of funding as the office writes it; `programme_id` is None for money that is for all programmes."""

    school_year: int
    payer_id: uuid.UUID
    programme_id: uuid.UUID | None
    amount_cents: int
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a programme cost in a school year, in cents, and each class and pupil that it reached.

    `programme` is None for the money that is for all programmes; it is shared by nobody, because nobody said how. The
    costs of one class and one pupil are None where none was reached.
    """

    programme: Programme | None
    amount_cents: int
    classes: int
    pupils: int
    class_cents: int | None
    pupil_cents: int | None


def stages_of(programme: Programme) -> dict[Stage, ProgrammeStage | None]:
    """Give all stages in their order, None where nobody wrote anything yet. Two queries."""
    query = (
        select(ProgrammeStage)
        .options(joinedload(ProgrammeStage.owner), selectinload(ProgrammeStage.documents))
        .where(ProgrammeStage.programme_id == programme.id)
    )
    written = {row.stage: row for row in db.session.scalars(query)}
    return {stage: written.get(stage) for stage in Stage}


def stages_by_programme(programme_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[Stage, ProgrammeStage]]:
    """Give what is written down of the stages of some programmes, with owners and evidence. Two queries."""
    query = (
        select(ProgrammeStage)
        .options(joinedload(ProgrammeStage.owner), selectinload(ProgrammeStage.documents))
        .where(ProgrammeStage.programme_id.in_(programme_ids))
    )
    found: dict[uuid.UUID, dict[Stage, ProgrammeStage]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.programme_id, {})[row.stage] = row
    return found


def save_stage(
    actor: Actor, programme: Programme, stage: Stage, plan: StagePlan, *, document: Document | None, today: date
) -> ProgrammeStage:
    """Write where a programme stands at a stage, and add a piece of evidence if one was handed in. Flushes.

    Raises:
        EvidenceMissing, GapMissing: the words say less than the state.
    """
    rules.check_stage(plan.state, done=plan.done, gap=plan.gap)
    row = stages_of(programme)[stage] or ProgrammeStage(id=uuid.uuid4(), programme_id=programme.id, stage=stage)
    row.state, row.done, row.gap, row.owner_id = plan.state, plan.done, plan.gap, plan.owner_id
    row.reviewed_on = today
    if document is not None:
        row.documents.append(document)
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "programmes.stage_saved", row.id, stage=stage.value, state=plan.state.value)
    return row


def evidence_for(actor: Actor, programme: Programme, document_id: uuid.UUID) -> Document:
    """Give a piece of evidence: to the office, and to organisations that provide the programme or take part in it.

    Raises:
        NotYours: it is not there, or not theirs.
    """
    query = (
        select(Document)
        .join(StageDocument, StageDocument.document_id == Document.id)
        .join(ProgrammeStage, ProgrammeStage.id == StageDocument.stage_id)
        .where(ProgrammeStage.programme_id == programme.id, Document.id == document_id)
    )
    found = db.session.scalar(query)
    if found is None or not may_read_evidence(actor, programme):
        raise NotYours(document_id)
    return found


def may_read_evidence(actor: Actor, programme: Programme) -> bool:
    """Say whether a person may read the evidence of a programme: the office, its providers, who takes part."""
    return actor.has(Role.OFFICE) or bool(actor.scope & _organisations_in(programme))


def parts_of(programme: Programme) -> list[ProgrammePartner]:
    """List who takes part in a programme, by part and name."""
    query = (
        select(ProgrammePartner)
        .options(joinedload(ProgrammePartner.organisation))
        .where(ProgrammePartner.programme_id == programme.id)
    )
    parts = list(Part)
    return sorted(db.session.scalars(query), key=lambda row: (parts.index(row.part), row.organisation.name))


def add_part(actor: Actor, programme: Programme, *, organisation_id: uuid.UUID, part: Part) -> ProgrammePartner:
    """Give an organisation a part in a programme. Flushes.

    Raises:
        NotYours: there is no such organisation.
        OwnEvaluation: it would evaluate what it delivers.
        PartTaken: it has the part already.
    """
    if db.session.get(Organisation, organisation_id) is None:
        raise NotYours(organisation_id)
    others = frozenset(row.part for row in parts_of(programme) if row.organisation_id == organisation_id)
    rules.check_part(part, others=others, provides=organisation_id in _providers(programme))
    row = ProgrammePartner(id=uuid.uuid4(), programme_id=programme.id, organisation_id=organisation_id, part=part)
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in ONE_PART:
            raise rules.PartTaken from error
        raise
    audit.record(actor, "programmes.part_added", programme.id, part=part.value)
    return row


def remove_part(actor: Actor, programme: Programme, part_id: uuid.UUID) -> None:
    """Take a part away. Flushes.

    Raises:
        NotYours: it is not there.
    """
    row = db.session.get(ProgrammePartner, part_id)
    if row is None or row.programme_id != programme.id:
        raise NotYours(part_id)
    db.session.delete(row)
    db.session.flush()
    audit.record(actor, "programmes.part_removed", programme.id, part=row.part.value)


def funding_for(actor: Actor) -> Select[FundingLine]:
    """Select lines of funding: the office all, others what their organisations pay."""
    query = select(FundingLine).options(joinedload(FundingLine.payer), joinedload(FundingLine.programme))
    return query if actor.has(Role.OFFICE) else query.where(FundingLine.payer_id.in_(actor.scope))


def funding_of(actor: Actor, programme: Programme, *, school_year: int) -> list[FundingLine]:
    """List what is paid for one programme in a school year, as far as a person may see it."""
    query = funding_for(actor).where(FundingLine.programme_id == programme.id, FundingLine.school_year == school_year)
    return list(db.session.scalars(query.order_by(FundingLine.amount_cents.desc(), FundingLine.id)))


def funding_in_years(school_years: Collection[int]) -> list[FundingLine]:
    """List what everybody pays in some school years, the largest sums of the latest first. One query."""
    query = (
        select(FundingLine)
        .options(joinedload(FundingLine.payer), joinedload(FundingLine.programme))
        .where(FundingLine.school_year.in_(school_years))
        .order_by(FundingLine.school_year.desc(), FundingLine.amount_cents.desc(), FundingLine.id)
    )
    return list(db.session.scalars(query))


def add_funding(actor: Actor, plan: FundingPlan) -> FundingLine:
    """Write down who pays what. Flushes.

    Raises:
        NotYours: there is no such organisation or programme.
    """
    if db.session.get(Organisation, plan.payer_id) is None:
        raise NotYours(plan.payer_id)
    if plan.programme_id is not None and db.session.get(Programme, plan.programme_id) is None:
        raise NotYours(plan.programme_id)
    row = FundingLine(
        id=uuid.uuid4(),
        school_year=plan.school_year,
        payer_id=plan.payer_id,
        programme_id=plan.programme_id,
        amount_cents=plan.amount_cents,
        purpose=plan.purpose,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "programmes.funding_added", row.id, school_year=plan.school_year, cents=plan.amount_cents)
    return row


def remove_funding(actor: Actor, line_id: uuid.UUID) -> FundingLine:
    """Take a line of funding away. Flushes.

    Raises:
        NotYours: it is not there.
    """
    row = db.session.get(FundingLine, line_id)
    if row is None:
        raise NotYours(line_id)
    db.session.delete(row)
    db.session.flush()
    audit.record(actor, "programmes.funding_removed", row.id, school_year=row.school_year, cents=row.amount_cents)
    return row


def costs(school_year: int) -> list[Cost]:
    """Give what each programme cost in a school year, by its Italian name, money for all of them last."""
    lines = db.session.scalars(
        select(FundingLine).options(joinedload(FundingLine.programme)).where(FundingLine.school_year == school_year)
    )
    amounts: dict[uuid.UUID | None, int] = {}
    programmes: dict[uuid.UUID | None, Programme | None] = {}
    for line in lines:
        amounts[line.programme_id] = amounts.get(line.programme_id, 0) + line.amount_cents
        programmes[line.programme_id] = line.programme
    reached = signals.ask_past_year(school_year)
    found = []
    for key, amount in amounts.items():
        past = reached.get(key) if key is not None else None
        classes, pupils = (past.classes, past.pupils) if past is not None else (0, 0)
        found.append(
            Cost(
                programme=programmes[key],
                amount_cents=amount,
                classes=classes,
                pupils=pupils,
                class_cents=rules.cost_per(amount, classes),
                pupil_cents=rules.cost_per(amount, pupils),
            )
        )
    return sorted(
        found,
        key=lambda cost: (cost.programme is None, cost.programme.name.text("it").casefold() if cost.programme else ""),
    )


def parts_and_payments(organisation_id: uuid.UUID) -> tuple[list[ProgrammePartner], list[FundingLine]]:
    """Give the parts that an organisation takes in programmes and what it pays, newest year first. Two queries."""
    parts = db.session.scalars(
        select(ProgrammePartner)
        .options(joinedload(ProgrammePartner.programme))
        .where(ProgrammePartner.organisation_id == organisation_id)
    )
    lines = db.session.scalars(
        select(FundingLine)
        .options(joinedload(FundingLine.programme))
        .where(FundingLine.payer_id == organisation_id)
        .order_by(FundingLine.school_year.desc(), FundingLine.id)
    )
    return list(parts), list(lines)


def _providers(programme: Programme) -> set[uuid.UUID]:
    return set(db.session.scalars(select(Edition.organisation_id).where(Edition.programme_id == programme.id)))


def _organisations_in(programme: Programme) -> set[uuid.UUID]:
    return _providers(programme) | {row.organisation_id for row in parts_of(programme)}

"""The project sheet of a programme: what a data bank of prevention projects asks for, as rows of heading, field, value.

Pro.Sa (retepromozionesalute.it, DoRS) describes a project by a project sheet, its objectives and its interventions
(operating manual, draft of February 2014, sections 2.1 to 2.3: its table of contents could be read, its field list
could not). So the sheet follows that division with the names of our own fields, invents none of theirs, and holds
nothing that has to be typed again by hand: what the system does not know is left out and said so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.core.lists import Column
from prevention.programmes import wording
from prevention.programmes.models import Edition, Programme
from prevention.programmes.quality_models import FundingLine, ProgrammePartner, ProgrammeStage
from prevention.programmes.quality_rules import Stage
from prevention.programmes.quality_wording import PARTS, STAGES, STATES, money
from prevention.programmes.signals import PastYear
from prevention.schools.rules import school_year_label

WIDE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRow:
    """One field of the sheet."""

    part: str
    field: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetFacts:
    """What the sheet is made from; `reached` is None where the year has nothing yet."""

    programme: Programme
    edition: Edition | None
    parts: list[ProgrammePartner]
    stages: dict[Stage, ProgrammeStage | None]
    funding: list[FundingLine]
    reached: PastYear | None
    school_year: int
    district: str


def columns() -> list[Column[SheetRow]]:
    """Declare the columns of the sheet's file."""
    return [
        Column(key="part", words=_l("Sheet"), value=lambda row: row.part, width=24),
        Column(key="field", words=_l("Field"), value=lambda row: row.field, width=36),
        Column(key="value", words=_l("Value"), value=lambda row: row.value, width=WIDE),
    ]


def sheet(facts: SheetFacts) -> list[SheetRow]:
    """Write the sheet in the reader's language; fields without a value are left out."""
    rows = [*_project(facts), *_interventions(facts), *_quality(facts)]
    return [row for row in rows if row.value]


def _project(facts: SheetFacts) -> Iterator[SheetRow]:
    programme, edition, reached = facts.programme, facts.edition, facts.reached
    part = _("Project")
    levels = ", ".join(str(wording.LEVELS[level]) for level in programme.levels)
    grades = _(
        "%(levels)s, grades %(first)s to %(last)s", levels=levels, first=programme.grade_min, last=programme.grade_max
    )
    fields = {
        _("Title"): programme.name.text(),
        _("Summary"): programme.summary.text(),
        _("Territory"): facts.district,
        _("School year"): school_year_label(facts.school_year),
        _("Setting"): _("School"),
        _("Topics"): ", ".join(str(wording.TOPICS[topic]) for topic in programme.topics),
        _("Recipients"): grades,
        _("Way of working"): str(wording.METHODS[programme.method]),
        _("Responsible organisation"): edition.organisation.name if edition else "",
        _("Partners"): "; ".join(f"{row.organisation.name} ({PARTS[row.part]})" for row in facts.parts),
        _("Funding"): "; ".join(f"{line.payer.name}: {money(line.amount_cents)}" for line in facts.funding),
        _("Evidence class"): str(wording.EVIDENCE[programme.evidence_class]),
        _("What is known about its effect"): programme.evidence_note.text(),
        _("Source of the evidence"): programme.evidence_source,
        _("Classes reached"): str(reached.classes) if reached else "",
        _("Pupils reached"): str(reached.pupils) if reached else "",
        _("Institutes reached"): str(reached.schools) if reached else "",
    }
    yield from (SheetRow(part=part, field=name, value=value) for name, value in fields.items())


def _interventions(facts: SheetFacts) -> Iterator[SheetRow]:
    part = _("Intervention")
    for meeting in facts.programme.meetings:
        activities = "; ".join(activity.title.text() for activity in meeting.activities)
        words = _("%(minutes)s minutes", minutes=meeting.minutes)
        yield SheetRow(
            part=part,
            field=f"{meeting.number}. {meeting.title.text()}",
            value=f"{words}. {activities}" if activities else words,
        )
    yield SheetRow(part=part, field=_("Delivered by"), value=facts.programme.delivered_by.text())
    if facts.reached:
        yield SheetRow(part=part, field=_("Meetings held"), value=str(facts.reached.meetings))


def _quality(facts: SheetFacts) -> Iterator[SheetRow]:
    part = _("Quality (EDPQS)")
    for stage, row in facts.stages.items():
        if row is not None:
            documents = ", ".join(document.file_name for document in row.documents)
            words = [str(STATES[row.state]), row.done, _("Missing: %(gap)s", gap=row.gap) if row.gap else "", documents]
            value = "\n".join(each for each in words if each)
            yield SheetRow(part=part, field=f"{stage.number}. {STAGES[stage]}", value=value)

"""Hands out record-level files: to analysts only, each time for a purpose that is written down."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.models import AuditEntry
from prevention.indicators import ledger, seal
from prevention.indicators.engines import connect
from prevention.indicators.expressions import column
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.research import (
    ClassRecords,
    Layout,
    Values,
    layout_of,
    research_records,
    tells_apart,
)
from prevention.indicators.research_files import research_zip
from prevention.indicators.rules import SomebodyReleased, ToldApart, TooSmall
from prevention.roles import Role
from prevention.schools.rules import school_year_label
from prevention.surveys import service as surveys
from prevention.surveys.models import Wave
from prevention.surveys.service import LINK

# What the trail calls a file that left.
HANDED_OUT = "indicators.research_file"
_CLASSES = (
    "SELECT cluster, any_value(site_code), any_value(level), any_value(grade), any_value(track), COUNT(*)"
    " FROM read_parquet(?) WHERE kept GROUP BY cluster ORDER BY cluster"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResearchFile:
    """A file to hand out: its name and content."""

    name: str
    body: bytes


def waves_for(actor: Actor) -> list[SealedWave]:
    """List the seals in force, the newest first. One query.

    Raises:
        NotYours: the person is no analyst.
    """
    if not actor.has(Role.ANALYST):
        raise NotYours
    order = (SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id)
    return list(db.session.scalars(select(SealedWave).where(ledger.is_in_force()).order_by(*order)))


def research_file(actor: Actor, seal_id: UUID, *, purpose: str, language: str) -> ResearchFile:
    """Make a research file of a wave and write down who took it and what for. Flushes.

    Raises:
        NotYours: the person is no analyst, or there is no such seal in force.
        TooSmall: so few answered that no file of the wave may leave.
        ToldApart: beside a file of an earlier seal that has left, this one would say too much.
        SomebodyReleased: something of the wave came out meanwhile; it must be looked at again.
        SealBroken: the sealed file is gone, or not what was sealed.
    """
    found = next((one for one in waves_for(actor) if one.id == seal_id), None)
    if found is None:
        raise NotYours
    wave = db.session.get_one(Wave, found.wave_id)
    questionnaire = surveys.published_questionnaire(wave.questionnaire_id)
    sealed = frozenset(found.manifest["wordings"])
    items = [item for item in questionnaire.items if item.code in sealed and not item.is_code_element]
    items = [item for item in items if item.code not in (questionnaire.assent_item, LINK)]
    root = ledger.root_of(found.wave_id)
    seen = root.releases
    classes, records = _read(found, [item.code for item in items])
    layout = _checked_layout(found, root, classes)
    made = research_records(records, layout, policy=policy().research)
    if not made:
        raise TooSmall
    # Of a file of this seal and one of its correction, asked for at once, the second looks again.
    if not ledger.claim_release(root.id, seen=seen):
        raise SomebodyReleased
    audit.record(actor, HANDED_OUT, found.wave_id, purpose=purpose, records=len(made), sha256=found.sha256)
    db.session.flush()
    year = school_year_label(found.school_year)
    about = _about(found, year, purpose=purpose, by=actor.name, records=len(made))
    body = research_zip(made, layout.strata, items, about=about, language=language)
    return ResearchFile(name=f"records-{year.replace('/', '-')}.zip", body=body)


def _checked_layout(found: SealedWave, root: SealedWave, classes: list[ClassRecords]) -> Layout:
    """Join the classes of a seal, and look at that beside every file of another seal of the wave that has left."""
    rules, first = policy().research, _classes_of(root)
    layout = layout_of(classes, first=first, key=root.sha256, policy=rules)
    for earlier in _taken_before(found):
        others = _classes_of(earlier)
        before = layout_of(others, first=first, key=root.sha256, policy=rules)
        if tells_apart(others, before, classes, layout, policy=rules):
            raise ToldApart
    return layout


def _taken_before(found: SealedWave) -> list[SealedWave]:
    """Give the other seals of a wave of which a file has left. Two queries."""
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == found.wave_id, AuditEntry.action == HANDED_OUT)
    )
    taken = {entry.facts["sha256"] for entry in entries} - {found.sha256}
    query = select(SealedWave).where(SealedWave.wave_id == found.wave_id, SealedWave.sha256.in_(taken))
    return list(db.session.scalars(query.order_by(SealedWave.id)))


def _classes_of(found: SealedWave) -> list[ClassRecords]:
    path = seal.checked(found.file_name, sha256=found.sha256)
    with connect() as engine:
        rows = engine.execute(_CLASSES, [str(path)]).fetchall()
    return [
        ClassRecords(cluster=row[0], site_code=row[1], level=row[2], grade=row[3], track=row[4] or "", records=row[5])
        for row in rows
    ]


def _read(found: SealedWave, items: list[str]) -> tuple[list[ClassRecords], list[tuple[int, Values]]]:
    path = seal.checked(found.file_name, sha256=found.sha256)
    chosen = ", ".join(["cluster", *(column(item) for item in items)])
    with connect() as engine:
        # Items were checked when the questionnaire was published.
        rows = engine.execute(f"SELECT {chosen} FROM read_parquet(?) WHERE kept", [str(path)]).fetchall()  # noqa: S608
    return _classes_of(found), [(row[0], dict(zip(items, row[1:], strict=True))) for row in rows]


def _about(found: SealedWave, year: str, *, purpose: str, by: str, records: int) -> str:
    research = policy().research
    lines = (
        _("%(wave)s, school year %(year)s: %(count)s records.", wave=found.wave_name, year=year, count=records),
        _("Handed out to %(name)s for this purpose: %(purpose)s", name=by, purpose=purpose),
        _(
            "The records are about minors. Do not try to recognise anybody, do not join them with other data about "
            "persons, do not pass them on; delete them when the purpose is served."
        ),
        _(
            "Schools, municipalities and classes are not in the file. A stratum joins kinds of class until it has at "
            "least %(records)s records of %(classes)s classes and %(schools)s schools; a unit joins two or more "
            "classes. Sex and year of birth are blank where fewer than %(alike)s pupils of a stratum are alike.",
            records=research.records,
            classes=research.classes,
            schools=research.schools,
            alike=research.alike,
        ),
        _("Publish no figure of fewer than %(answers)s pupils.", answers=policy().answers),
    )
    return "\n\n".join(lines) + "\n"

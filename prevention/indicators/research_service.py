"""Hands out record-level files: to analysts only, each time for a purpose that is written down."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.indicators import ledger, seal
from prevention.indicators.engines import connect
from prevention.indicators.expressions import column
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.research import ClassRecords, Values, research_records
from prevention.indicators.research_files import research_zip
from prevention.indicators.rules import TooSmall
from prevention.roles import Role
from prevention.schools.rules import school_year_label
from prevention.surveys import service as surveys
from prevention.surveys.models import Wave
from prevention.surveys.service import LINK


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
    classes, records = _read(found, [item.code for item in items])
    strata, made = research_records(records, classes, key=root.sha256, policy=policy().research)
    if not made:
        raise TooSmall
    audit.record(
        actor, "indicators.research_file", found.wave_id, purpose=purpose, records=len(made), sha256=found.sha256
    )
    db.session.flush()
    year = school_year_label(found.school_year)
    about = _about(found, year, purpose=purpose, by=actor.name, records=len(made))
    body = research_zip(made, strata, items, about=about, language=language)
    return ResearchFile(name=f"records-{year.replace('/', '-')}.zip", body=body)


def _read(found: SealedWave, items: list[str]) -> tuple[list[ClassRecords], list[tuple[int, Values]]]:
    path = seal.checked(found.file_name, sha256=found.sha256)
    chosen = ", ".join(["cluster", *(column(item) for item in items)])
    with connect() as engine:
        classes = engine.execute(
            "SELECT cluster, any_value(site_code), any_value(level), any_value(grade), any_value(track), COUNT(*)"
            " FROM read_parquet(?) WHERE kept GROUP BY cluster ORDER BY cluster",
            [str(path)],
        ).fetchall()
        # Items were checked when the questionnaire was published.
        rows = engine.execute(f"SELECT {chosen} FROM read_parquet(?) WHERE kept", [str(path)]).fetchall()  # noqa: S608
    return [
        ClassRecords(cluster=row[0], site_code=row[1], level=row[2], grade=row[3], track=row[4] or "", records=row[5])
        for row in classes
    ], [(row[0], dict(zip(items, row[1:], strict=True))) for row in rows]


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

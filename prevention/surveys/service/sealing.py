"""The one way in which raw answers leave this room: of a closed wave, to `indicators`, and then they are gone.

Indicators call `records_for_sealing`, keep what they seal, and call `erase_raw` in the same transaction. What
a database keeps of deleted rows for a while (write-ahead log, dead tuples, back-ups) is not undone by it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.surveys.codes import cluster_mark
from prevention.surveys.models import (
    AccessCode,
    Ballot,
    CodeGuard,
    MixedAnswer,
    Wave,
    WaveClass,
    WaveSecret,
)
from prevention.surveys.rules import Answers, Questionnaire
from prevention.surveys.service.ballot_box import mix
from prevention.surveys.service.code_sheets import USUAL_PUPILS
from prevention.surveys.service.questionnaires import published_questionnaire
from prevention.surveys.service.residue import owe_tidying
from prevention.surveys.wave_rules import WaveRefused, WaveStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyRow:
    """One person's answers with what the code said of the class. `cluster` is random and stands nowhere else."""

    cluster: str
    site_code: str
    institute_code: str
    municipality: str
    level: str
    track: str | None
    grade: int
    answers: Answers


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyRecords:
    """A closed wave, ready to be sealed; `rows` in random order.

    `classes` took part, `reported` of them have a class report. `enrolled` counts the pupils of the classes
    (from the report, else from the register, else `USUAL_PUPILS`); `present`, `absent`, `refused` and
    `disturbed` (classes) add up the reports.
    """

    wave_id: uuid.UUID
    wave_name: str
    school_year: int
    questionnaire: Questionnaire
    rows: tuple[SurveyRow, ...]
    classes: int
    reported: int
    enrolled: int
    present: int
    absent: int
    refused: int
    disturbed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    cluster: str
    site_code: str
    institute_code: str
    municipality: str
    level: str
    track: str | None
    grade: int


def records_for_sealing(wave_id: uuid.UUID) -> SurveyRecords:
    """Give all answers of a closed wave. Mixes what is left in the box; flushes.

    Raises:
        WaveRefused: the wave is not closed.
    """
    wave = db.session.get_one(Wave, wave_id)
    if wave.status is not WaveStatus.CLOSED:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    mix(wave_id)
    places = _places(wave_id)
    rows = [
        SurveyRow(
            cluster=place.cluster,
            site_code=place.site_code,
            institute_code=place.institute_code,
            municipality=place.municipality,
            level=place.level,
            track=place.track,
            grade=place.grade,
            answers=answers,
        )
        for mark, answers in db.session.execute(
            select(MixedAnswer.cluster_mark, MixedAnswer.answers).where(MixedAnswer.wave_id == wave_id)
        )
        for place in (places[bytes(mark)],)
    ]
    SystemRandom().shuffle(rows)
    return SurveyRecords(
        wave_id=wave_id,
        wave_name=wave.name,
        school_year=wave.school_year,
        questionnaire=published_questionnaire(wave.questionnaire_id),
        rows=tuple(rows),
        classes=len(places),
        **_participation(wave_id),
    )


def erase_raw(wave_id: uuid.UUID) -> None:
    """Delete every answer, ballot, code and key of a wave, and mark it sealed. Flushes.

    Raises:
        WaveRefused: the wave is not closed.
    """
    sealed = db.session.execute(
        update(Wave)
        .where(Wave.id == wave_id, Wave.status == WaveStatus.CLOSED)
        .values(status=WaveStatus.SEALED)
        .returning(Wave.id),
        execution_options={"synchronize_session": False},
    ).first()
    if sealed is None:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    mine = select(WaveClass.id).where(WaveClass.wave_id == wave_id)
    parts = select(WaveClass.class_part_hash).where(WaveClass.wave_id == wave_id)
    for statement in (
        delete(MixedAnswer).where(MixedAnswer.wave_id == wave_id),
        delete(Ballot).where(Ballot.wave_id == wave_id),
        delete(AccessCode).where(AccessCode.wave_class_id.in_(mine)),
        delete(CodeGuard).where(CodeGuard.class_part_hash.in_(parts)),
        update(WaveClass).where(WaveClass.wave_id == wave_id).values(class_part_hash=None),
        delete(WaveSecret).where(WaveSecret.wave_id == wave_id),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
    owe_tidying()
    db.session.expire_all()


def _places(wave_id: uuid.UUID) -> Mapping[bytes, _Place]:
    """Find the class behind each cluster mark, and give it a new random name that no key can lead back to."""
    secret = db.session.get_one(WaveSecret, wave_id)
    found = db.session.execute(
        select(WaveClass.id, Site.code, Institute.code, Municipality.istat_code, Site.level, Site.track,
               SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == WaveClass.school_class_id)
        .join(Site, Site.id == SchoolClass.site_id)
        .join(Institute, Institute.id == Site.institute_id)
        .join(Municipality, Municipality.id == Site.municipality_id)
        .where(WaveClass.wave_id == wave_id)
    )  # fmt: skip
    return {
        cluster_mark(class_id.bytes, cluster_key=secret.cluster_key): _Place(
            cluster=uuid.uuid4().hex,
            site_code=site_code,
            institute_code=institute_code,
            municipality=istat_code,
            level=level.value,
            track=track.value if track else None,
            grade=grade,
        )
        for class_id, site_code, institute_code, istat_code, level, track, grade in found
    }


def _participation(wave_id: uuid.UUID) -> dict[str, int]:
    classes = db.session.scalars(
        select(WaveClass)
        .where(WaveClass.wave_id == wave_id)
        .options(joinedload(WaveClass.report), joinedload(WaveClass.school_class))
    ).all()
    reports = [one.report for one in classes if one.report is not None]
    return {
        "reported": len(reports),
        "enrolled": sum(
            one.report.enrolled if one.report is not None else (one.school_class.pupils or USUAL_PUPILS)
            for one in classes
        ),
        "present": sum(report.present for report in reports),
        "absent": sum(report.absent for report in reports),
        "refused": sum(report.refused for report in reports),
        "disturbed": sum(int(report.disturbed) for report in reports),
    }

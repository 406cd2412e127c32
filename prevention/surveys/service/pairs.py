"""A programme's before and after: making the pair, joining what can be joined, destroying the key.

A wave of a linked pair is not sealed before the pair is joined or given up (`personal_codes.waits_for_joining`): the
hashed elements stand in its answers until then. Joining happens in one transaction with the deletion of the key: who
was found gets a random mark that the two answers share (`LINK`), the elements go, and the counts stay as the pair's
report.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.schools.models import SchoolClass
from prevention.surveys import sgic
from prevention.surveys.codes import cluster_mark
from prevention.surveys.models import (
    MixedAnswer,
    PairedWave,
    PublishedQuestionnaire,
    Wave,
    WaveClass,
    WavePair,
    WavePairSecret,
    WaveSecret,
)
from prevention.surveys.questionnaire import with_personal_code
from prevention.surveys.rules import Answer, Kind, Questionnaire
from prevention.surveys.service.ballot_box import mix
from prevention.surveys.service.questionnaires import publish, published_questionnaire
from prevention.surveys.service.residue import owe_tidying
from prevention.surveys.service.secrets import fresh_key
from prevention.surveys.service.waves import create_wave
from prevention.surveys.wave_rules import NewPair, NewWave, Stage, WaveMode, WaveRefused, WaveStatus

# The key under which two joined answers share a random mark; a column of its own in the sealed file.
LINK = "link"


def create_pair(actor: Actor | None, new: NewPair, *, class_ids: Sequence[uuid.UUID] | None = None) -> WavePair:
    """Make both waves of a pair as drafts; `class_ids` as in `waves.create_wave`. Flushes.

    Raises:
        WaveRefused: as for a wave, or the after begins before the before ends.
    """
    if new.after[0] <= new.before[1]:
        raise WaveRefused(WaveRefused.WINDOW_BACKWARDS)
    pair = WavePair(id=uuid.uuid4(), name=new.name, is_linked=new.is_linked)
    db.session.add(pair)
    db.session.flush()
    if new.is_linked:
        db.session.add(WavePairSecret(pair_id=pair.id, element_key=fresh_key()))
    for stage, questionnaire_id, window in (
        (Stage.PRE, new.questionnaire_before, new.before),
        (Stage.POST, new.questionnaire_after, new.after),
    ):
        wave = create_wave(
            actor,
            NewWave(
                name=f"{new.name} ({'1' if stage is Stage.PRE else '2'}/2)",
                school_year=new.school_year,
                questionnaire_id=_linked(questionnaire_id) if new.is_linked else questionnaire_id,
                opens_on=window[0],
                closes_on=window[1],
                mode=WaveMode.PRE_POST,
            ),
            class_ids=class_ids,
        )
        db.session.add(PairedWave(wave_id=wave.id, pair_id=pair.id, stage=stage))
    audit.record(actor, "surveys.pair_created", pair.id, linked=new.is_linked)
    db.session.flush()
    return pair


def _linked(questionnaire_id: uuid.UUID) -> uuid.UUID:
    definition = db.session.get_one(PublishedQuestionnaire, questionnaire_id).definition
    return publish(with_personal_code(definition)).id


def pair_of(wave_id: uuid.UUID) -> WavePair | None:
    """Give the pair that a wave belongs to, with its waves, or None. Three queries at most."""
    return db.session.scalar(
        select(WavePair)
        .join(PairedWave, PairedWave.pair_id == WavePair.id)
        .where(PairedWave.wave_id == wave_id)
        .options(selectinload(WavePair.waves).joinedload(PairedWave.wave))
    )


def pair_for(actor: Actor, pair_id: uuid.UUID) -> WavePair:
    """Load a pair for the office.

    Raises:
        NotYours: there is none, or the person does not see all.
    """
    pair = db.session.scalar(
        select(WavePair).where(WavePair.id == pair_id).options(selectinload(WavePair.waves).joinedload(PairedWave.wave))
    )
    if pair is None or not actor.sees_all:
        raise NotYours
    return pair


def next_pair_to_join() -> uuid.UUID | None:
    """Give a linked pair whose waves are both closed and that was not joined yet, or None."""
    pre, post = aliased(PairedWave), aliased(PairedWave)
    pre_wave, post_wave = aliased(Wave), aliased(Wave)
    return db.session.scalar(
        select(WavePairSecret.pair_id)
        .join(pre, (pre.pair_id == WavePairSecret.pair_id) & (pre.stage == Stage.PRE))
        .join(post, (post.pair_id == WavePairSecret.pair_id) & (post.stage == Stage.POST))
        .join(pre_wave, (pre_wave.id == pre.wave_id) & (pre_wave.status == WaveStatus.CLOSED))
        .join(post_wave, (post_wave.id == post.wave_id) & (post_wave.status == WaveStatus.CLOSED))
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class _Person:
    """One answer of a wave of the pair: its key, where it was given, its code, and what else was said."""

    answer_key: uuid.UUID
    block: tuple[uuid.UUID, int]
    code: sgic.Code
    answers: Mapping[str, Answer]


def join_pair(pair_id: uuid.UUID) -> dict[str, Any]:
    """Join the answers of a pair once, destroy the key and record both. Flushes.

    Returns:
        The report: counts ``before``, ``after`` (answers with a usable code), ``exact``, ``one_off``,
        ``ambiguous_before``, ``unmatched_before``, ``unmatched_after``, and ``comparison`` as `sgic.comparison`
        gives it.

    Raises:
        WaveRefused: the pair is not linked, a wave is not closed, or it was joined before.
    """
    pair = db.session.get_one(WavePair, pair_id)
    _claim_key(pair_id)
    waves = {
        one.stage: one.wave
        for one in db.session.scalars(
            select(PairedWave).where(PairedWave.pair_id == pair_id).options(joinedload(PairedWave.wave))
        )
    }
    if set(waves) != set(Stage) or any(wave.status is not WaveStatus.CLOSED for wave in waves.values()):
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    before, after = (_people(waves[stage]) for stage in Stage)
    pairs, counts = _joined(before, after)
    _write_marks(waves, before, after, pairs)
    found = {one.answer_key for one, _ in pairs}
    usable = [one for one in before if any(one.code)]
    report = counts | {
        "comparison": sgic.comparison(
            [one.answers for one in usable],
            [one.answer_key in found for one in usable],
            items=_comparable(published_questionnaire(waves[Stage.PRE].questionnaire_id)),
        )
    }
    pair.report, pair.key_destroyed_on = report, clock.today()
    audit.record(None, "surveys.pair_joined", pair_id, **counts)
    db.session.flush()
    return report


def give_up_joining(actor: Actor, pair: WavePair) -> None:
    """Destroy the key of a linked pair without joining it, so that its waves can be sealed. Flushes.

    Raises:
        WaveRefused: it has no key (any more).
    """
    _claim_key(pair.id)
    for one in pair.waves:
        _strip(one.wave, {})
    pair.key_destroyed_on = clock.today()
    audit.record(actor, "surveys.pair_given_up", pair.id)
    db.session.flush()


def _claim_key(pair_id: uuid.UUID) -> None:
    """Delete the key; of two who want to at once, one finds it gone. Undone with the transaction if it fails."""
    taken = db.session.execute(
        delete(WavePairSecret).where(WavePairSecret.pair_id == pair_id).returning(WavePairSecret.pair_id),
        execution_options={"synchronize_session": False},
    ).first()
    if taken is None:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    owe_tidying()


def _people(wave: Wave) -> list[_Person]:
    mix(wave.id)
    secret = db.session.get_one(WaveSecret, wave.id)
    blocks = {
        cluster_mark(class_id.bytes, cluster_key=secret.cluster_key): (site_id, grade)
        for class_id, site_id, grade in db.session.execute(
            select(WaveClass.id, SchoolClass.site_id, SchoolClass.grade)
            .join(SchoolClass, SchoolClass.id == WaveClass.school_class_id)
            .where(WaveClass.wave_id == wave.id)
        )
    }
    elements = _elements(wave)
    people = [
        _Person(key, blocks[bytes(mark)], tuple(_text(answers.get(element)) for element in elements), answers)
        for key, mark, answers in db.session.execute(
            select(MixedAnswer.answer_key, MixedAnswer.cluster_mark, MixedAnswer.answers).where(
                MixedAnswer.wave_id == wave.id
            )
        )
    ]
    SystemRandom().shuffle(people)
    return people


def _elements(wave: Wave) -> tuple[str, ...]:
    return published_questionnaire(wave.questionnaire_id).code_elements


def _text(answer: Answer | None) -> str | None:
    return answer if isinstance(answer, str) else None


def _joined(
    before: Sequence[_Person], after: Sequence[_Person]
) -> tuple[list[tuple[_Person, _Person]], dict[str, int]]:
    blocks: dict[tuple[uuid.UUID, int], tuple[list[_Person], list[_Person]]] = defaultdict(lambda: ([], []))
    for side, people in enumerate((before, after)):
        for person in people:
            if any(person.code):
                blocks[person.block][side].append(person)
    pairs: list[tuple[_Person, _Person]] = []
    counts = dict.fromkeys(
        ("before", "after", "exact", "one_off", "ambiguous_before", "unmatched_before", "unmatched_after"), 0
    )
    for one, other in blocks.values():
        links = sgic.join([person.code for person in one], [person.code for person in other])
        pairs += [(one[first], other[second]) for first, second in (*links.exact, *links.one_off)]
        joined = len(links.exact) + len(links.one_off)
        for name, number in (
            ("before", len(one)),
            ("after", len(other)),
            ("exact", len(links.exact)),
            ("one_off", len(links.one_off)),
            ("ambiguous_before", len(links.ambiguous_before)),
            ("unmatched_before", len(one) - joined - len(links.ambiguous_before)),
            ("unmatched_after", len(other) - joined - len(links.ambiguous_after)),
        ):
            counts[name] += number
    return pairs, counts


def _write_marks(
    waves: Mapping[Stage, Wave],
    before: Sequence[_Person],
    after: Sequence[_Person],
    pairs: Sequence[tuple[_Person, _Person]],
) -> None:
    marks: dict[uuid.UUID, str] = {}
    for one, other in pairs:
        marks[one.answer_key] = marks[other.answer_key] = uuid.uuid4().hex
    _strip(waves[Stage.PRE], marks)
    _strip(waves[Stage.POST], marks)


def _strip(wave: Wave, marks: Mapping[uuid.UUID, str]) -> None:
    """Take the elements out of every answer of a wave, and put the mark of a joined one in. Every row is rewritten."""
    elements = set(_elements(wave))
    rows = [
        {
            "key": key,
            "stripped": {code: answer for code, answer in answers.items() if code not in elements}
            | ({LINK: marks[key]} if key in marks else {}),
        }
        for key, answers in db.session.execute(
            select(MixedAnswer.answer_key, MixedAnswer.answers).where(MixedAnswer.wave_id == wave.id)
        )
    ]
    SystemRandom().shuffle(rows)
    if rows:
        # Through the connection: many rows by their key, which the session would take for an update of objects.
        db.session.connection().execute(
            update(MixedAnswer).where(MixedAnswer.answer_key == bindparam("key")).values(answers=bindparam("stripped")),
            rows,
        )
    db.session.expire_all()


def _comparable(questionnaire: Questionnaire) -> dict[str, list[str]]:
    return {
        item.code: [option.code for option in item.options]
        for item in questionnaire.items
        if item.is_loaded
        and item.kind is Kind.SINGLE
        and not item.is_code_element
        and item.code != questionnaire.assent_item
    }

"""A before and an after: made together, joined once without anybody's code being stored, sealed only then."""

from datetime import date
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.surveys import service
from prevention.surveys.models import Ballot, MixedAnswer, PairedWave, Wave, WavePair, WavePairSecret
from prevention.surveys.rules import check_answers
from prevention.surveys.service import NewPair
from prevention.surveys.tasks import join_closed_pair
from prevention.surveys.wave_rules import Stage, WaveMode, WaveRefused, WaveStatus
from tests.conftest import NOW
from tests.factories.schools import SCHOOL_YEAR, make_school_class
from tests.support.http import Client

TODAY = date(2026, 11, 23)
CODE = {"Z0": "yes", "Z1a": "m", "Z1b": "g", "Z1c": "17", "Z1d": "1", "Z1e": "r", "Z1f": "c", "Z1g": "4"}


def make_pair(*, is_linked: bool = True, classes: int = 1) -> WavePair:
    """Make a pair over some classes of one school, its first wave open today."""
    one = make_school_class()
    chosen = [one, *(make_school_class(site=one.site, section=section) for section in "XYZ"[: classes - 1])]
    before = service.publish_shipped("workshop-before")
    after = service.publish_shipped("workshop-after")
    pair = service.create_pair(
        None,
        NewPair(
            name="Unplugged",
            school_year=SCHOOL_YEAR,
            questionnaire_before=before.id,
            questionnaire_after=after.id,
            before=(TODAY, TODAY),
            after=(date(2026, 11, 24), date(2026, 12, 20)),
            is_linked=is_linked,
        ),
        class_ids=[school_class.id for school_class in chosen],
    )
    db.session.expire_all()
    return pair


def wave(pair: WavePair, stage: Stage) -> Wave:
    return db.session.scalars(
        select(Wave).join(PairedWave).where(PairedWave.pair_id == pair.id, PairedWave.stage == stage)
    ).one()


def answer(found: Wave, **answers: str) -> None:
    """Let one person of the wave's first class answer, with a code and all."""
    found.status, found.opens_on = WaveStatus.OPEN, TODAY
    code = service.make_codes(None, found.classes[0], number=1)[0]
    opened = service.enter(code, NOW)
    given = check_answers(service.questionnaire_of(opened), opened.form, {"T0": "yes", **answers})
    service.cast_ballot(opened, given, submission=code)


def close(*waves: Wave) -> None:
    for one in waves:
        one.status = WaveStatus.OPEN
        db.session.flush()
        service.close_wave(None, one, NOW)


def stored(found: Wave) -> list[dict[str, Any]]:
    return list(db.session.scalars(select(MixedAnswer.answers).where(MixedAnswer.wave_id == found.id)))


def test_a_pair_has_a_before_and_an_after_with_the_same_classes(app: Flask) -> None:
    pair = make_pair(is_linked=False, classes=2)

    pre, post = wave(pair, Stage.PRE), wave(pair, Stage.POST)
    assert {WaveMode.PRE_POST} == {pre.mode, post.mode}
    assert {one.school_class_id for one in pre.classes} == {one.school_class_id for one in post.classes}
    assert not service.published_questionnaire(pre.questionnaire_id).code_elements
    assert 0 == db.session.scalar(select(func.count()).select_from(WavePairSecret)), "unlinked unless asked for"


def test_an_after_that_begins_too_early_is_refused(app: Flask) -> None:
    questionnaire = service.publish_shipped("workshop-before").id
    new = NewPair(
        name="x",
        school_year=SCHOOL_YEAR,
        questionnaire_before=questionnaire,
        questionnaire_after=questionnaire,
        before=(TODAY, TODAY),
        after=(TODAY, TODAY),
    )

    with pytest.raises(WaveRefused):
        service.create_pair(None, new, class_ids=[make_school_class().id])
    assert 0 == db.session.scalar(select(func.count()).select_from(Wave))


def test_no_element_of_a_code_is_stored_as_it_was_given(app: Flask, client: Client) -> None:
    pre = wave(make_pair(), Stage.PRE)
    pre.status = WaveStatus.OPEN
    code = service.make_codes(None, pre.classes[0], number=1)[0]

    sent = client.post("/s/answers", data={"code": code, "submission": "s" * 22, "T0": "yes", **CODE})

    assert 200 == sent.status_code
    ballot = db.session.scalars(select(Ballot.answers).where(Ballot.wave_id == pre.id)).one()
    elements = service.published_questionnaire(pre.questionnaire_id).code_elements
    assert all(len(ballot[element]) == 16 and ballot[element] != CODE[element] for element in elements)
    assert "yes" == ballot["Z0"]


def test_who_does_not_want_a_code_leaves_none(app: Flask) -> None:
    pre = wave(make_pair(), Stage.PRE)

    answer(pre, **{**CODE, "Z0": "no"})

    ballot = db.session.scalars(select(Ballot.answers)).one()
    assert not {"Z1a", "Z1g"} & ballot.keys()


def test_joining_marks_both_answers_destroys_the_key_and_says_so(app: Flask) -> None:
    pair = make_pair()
    pre, post = wave(pair, Stage.PRE), wave(pair, Stage.POST)
    for person in (CODE, {**CODE, "Z1a": "q", "Z1b": "w", "Z1c": "30"}, {"Z0": "no"}):
        answer(pre, **person)
    for person in ({**CODE, "Z1g": "5"}, {**CODE, "Z1a": "x", "Z1b": "x", "Z1e": "x"}):
        answer(post, **person)
    close(pre, post)

    assert join_closed_pair() is True

    report = db.session.get_one(WavePair, pair.id).report
    assert report is not None
    assert (0, 1, 0, 1, 1) == tuple(
        report[name] for name in ("exact", "one_off", "ambiguous_before", "unmatched_before", "unmatched_after")
    )
    assert TODAY == db.session.get_one(WavePair, pair.id).key_destroyed_on
    assert 0 == db.session.scalar(select(func.count()).select_from(WavePairSecret))
    marks = [[one[service.LINK] for one in stored(found) if service.LINK in one] for found in (pre, post)]
    assert marks[0] == marks[1]
    assert 1 == len(marks[0])
    assert not [key for found in (pre, post) for one in stored(found) for key in one if key.startswith("Z1")]
    assert join_closed_pair() is False


def test_a_wave_is_not_sealed_before_its_pair_is_joined(app: Flask) -> None:
    pair = make_pair()
    pre = wave(pair, Stage.PRE)
    answer(pre, **CODE)
    close(pre)

    assert service.next_closed_wave() is None
    assert join_closed_pair() is False
    with pytest.raises(WaveRefused):
        service.join_pair(pair.id)
    db.session.rollback()


def test_a_pair_given_up_loses_its_key_and_its_waves_can_be_sealed(app: Flask, anna: User, bruno: User) -> None:
    pair = make_pair()
    pre = wave(pair, Stage.PRE)
    answer(pre, **CODE)
    close(pre)

    with pytest.raises(NotYours):
        service.pair_for(actor_of(bruno), pair.id)
    service.give_up_joining(actor_of(anna), service.pair_for(actor_of(anna), pair.id))

    found = service.next_closed_wave()
    assert found is not None
    assert pre.id == found.id
    assert db.session.get_one(WavePair, pair.id).report is None
    with pytest.raises(WaveRefused):
        service.give_up_joining(actor_of(anna), service.pair_for(actor_of(anna), pair.id))


def test_a_whole_school_is_joined_over_both_databases(app: Flask) -> None:
    """Classes of one grade are one block, whoever sits in which; other answers than the mark stay as they were."""
    rng = Random(7)
    pair = make_pair(classes=3)
    pre, post = wave(pair, Stage.PRE), wave(pair, Stage.POST)
    people = [
        {**CODE, "Z1a": rng.choice("abcdefghi"), "Z1b": rng.choice("abcdefghi"), "Z1c": str(rng.randint(1, 31))}
        for _ in range(12)
    ]
    for found in (pre, post):
        for person in rng.sample(people, len(people)):
            answer(found, K2b="great", **person)
    close(pre, post)

    report = service.join_pair(pair.id)

    assert 12 == report["before"] == report["after"]
    assert 9 <= report["exact"] + report["one_off"]
    assert {"great"} == {one["K2b"] for one in (*stored(pre), *stored(post))}

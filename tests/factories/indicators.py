"""Waves with answers, made for tests of indicators. Every factory flushes; nothing commits."""

import uuid
from random import Random
from typing import Any

from prevention.core.db import db
from prevention.schools.rules import Track
from prevention.surveys.codes import cluster_mark
from prevention.surveys.models import MixedAnswer, Wave, WaveSecret
from prevention.surveys.questionnaire import shipped
from prevention.surveys.rules import Answers, Questionnaire
from prevention.surveys.service import publish, published_questionnaire
from prevention.surveys.simulation import class_effect, simulate_answers
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.schools import make_school_class, make_site
from tests.factories.surveys import make_wave


def make_closed_wave(*, schools: int = 3, classes: int = 3, pupils: int = 20, seed: int = 1, **values: Any) -> Wave:
    """Make a closed wave: so many schools, each with so many classes of so many pupils, all of whom answered."""
    rng = Random(seed)
    tracks = list(Track)
    made = [
        make_school_class(site=site, grade=1 + number % 5, pupils=pupils)
        for site in [make_site(track=tracks[number % len(tracks)]) for number in range(schools)]
        for number in range(classes)
    ]
    wave = make_wave(*made, status=WaveStatus.CLOSED, **values)
    questionnaire = published_questionnaire(wave.questionnaire_id)
    for wave_class in wave.classes:
        effect = class_effect(rng)
        for _ in range(pupils):
            put_answers(wave, wave_class.id, made_up_answers(questionnaire, rng, effect=effect))
    db.session.flush()
    return wave


# Who answered, alcohol in life and in the past months, and how honestly: four indicators instead of fifty.
FEW_ITEMS = ("T0", "A1", "A2", "C1", "C2", "C3", "Q1")


def few_questions() -> uuid.UUID:
    """Publish a few questions of the core and give their questionnaire: a wave of it is sealed in no time. Flushes.

    For tests of what is done with a seal; what stands in it is another's matter.
    """
    whole = shipped("core")
    definition = {
        **{key: value for key, value in whole.items() if key not in ("groups", "instruments")},
        "code": "few",
        "items": [item for item in whole["items"] if item["code"] in FEW_ITEMS],
    }
    return publish(definition).id


def made_up_answers(questionnaire: Questionnaire, rng: Random, *, effect: float = 0.0, grade: int = 2) -> Answers:
    """Make one person's answers up."""
    return simulate_answers(questionnaire, rng, grade=grade, class_effect=effect)


def put_answers(wave: Wave, wave_class_id: uuid.UUID, answers: Answers) -> None:
    """Put one person's answers into a wave, as if mixed."""
    secret = db.session.get_one(WaveSecret, wave.id)
    mark = cluster_mark(wave_class_id.bytes, cluster_key=secret.cluster_key)
    db.session.add(MixedAnswer(wave_id=wave.id, cluster_mark=mark, answers=answers))

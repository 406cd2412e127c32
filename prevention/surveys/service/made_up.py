"""Made-up answers for a demonstration. Refused on an installation that is not one."""

import secrets
import uuid
from collections import Counter
from collections.abc import Iterable
from random import SystemRandom

from sqlalchemy import insert, select

from prevention.core import facts
from prevention.core.db import db
from prevention.surveys.codes import cluster_mark
from prevention.surveys.models import AccessCode, MixedAnswer, Wave, WaveClass, WaveSecret
from prevention.surveys.rules import Answers
from prevention.surveys.service.secrets import KEY_BYTES
from prevention.surveys.wave_rules import WaveRefused, WaveStatus


def put_simulated(wave: Wave, answers: Iterable[tuple[uuid.UUID, Answers]]) -> int:
    """Put made-up answers into an open wave, in random order, and as many spent codes. Flushes.

    Args:
        wave: an open wave.
        answers: the id of a wave class, and answers as `rules.check_answers` gives them; for each person one.

    Returns:
        How many people's answers were put in.

    Raises:
        WaveRefused: this installation is no demonstration, or the wave is not open.
        KeyError: a class is not of this wave.
    """
    if not facts.is_demo():
        raise WaveRefused(WaveRefused.NOT_A_DEMO)
    if wave.status is not WaveStatus.OPEN:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    secret = db.session.get_one(WaveSecret, wave.id)
    marks = {
        class_id: cluster_mark(class_id.bytes, cluster_key=secret.cluster_key)
        for class_id in db.session.scalars(select(WaveClass.id).where(WaveClass.wave_id == wave.id))
    }
    people = list(answers)
    if not people:
        return 0
    SystemRandom().shuffle(people)
    db.session.execute(
        insert(MixedAnswer),
        [
            {"answer_key": uuid.uuid4(), "wave_id": wave.id, "cluster_mark": marks[class_id], "answers": given}
            for class_id, given in people
        ],
    )
    spent = Counter(class_id for class_id, _given in people)
    db.session.execute(
        insert(AccessCode),
        [
            {"code_hash": secrets.token_bytes(KEY_BYTES), "wave_class_id": class_id, "is_spent": True}
            for class_id, number in spent.items()
            for _ in range(number)
        ],
    )
    return len(people)

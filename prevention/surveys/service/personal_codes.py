"""Personal codes on their way in: an element is never stored as it was given. See `sgic.py` and `pairs.py`."""

import uuid

from sqlalchemy import Select, bindparam, select

from prevention.core.db import db
from prevention.surveys import sgic
from prevention.surveys.models import PairedWave, WavePairSecret
from prevention.surveys.rules import Answers, Questionnaire

_KEY_OF_WAVE = (
    select(WavePairSecret.element_key)
    .join(PairedWave, PairedWave.pair_id == WavePairSecret.pair_id)
    .where(PairedWave.wave_id == bindparam("wave_id"))
)


def with_hidden_code(wave_id: uuid.UUID, questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Put keyed hashes in the place of a personal code's elements. One query, and none without a personal code.

    Without the pair's key (it was destroyed, or the wave belongs to no pair) the elements are left out altogether: in
    no case is one stored as it was given.
    """
    elements = questionnaire.code_elements
    if not elements:
        return answers
    key = db.session.scalar(_KEY_OF_WAVE, {"wave_id": wave_id})
    hidden: Answers = {code: answer for code, answer in answers.items() if code not in elements}
    for element in elements:
        hashed = sgic.hashed_element(element, answers.get(element), key=key) if key else None
        if hashed is not None:
            hidden[element] = hashed
    return hidden


def waits_for_joining() -> Select[uuid.UUID]:
    """Select the ids of waves that must not be sealed yet: their pair still has its key."""
    return select(PairedWave.wave_id).join(WavePairSecret, WavePairSecret.pair_id == PairedWave.pair_id)

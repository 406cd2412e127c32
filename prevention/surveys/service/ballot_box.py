"""The way of one answer: the code that opened the form is spent, the ballot drops into the box, the box is mixed.

Nothing here knows who sends what. The code and the ballot meet in one transaction and in no row: what remains
is a spent code and, elsewhere, a ballot under a random key. Mixing moves whole boxes in random order under
new keys.
"""

import hmac
import uuid
from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy import bindparam, delete, func, insert, select, update

from prevention.core.db import db
from prevention.core.prepared import Prepared
from prevention.surveys.codes import receipt_hash
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, Wave
from prevention.surveys.rules import Answers, Questionnaire
from prevention.surveys.service.entering import Entry
from prevention.surveys.service.personal_codes import with_hidden_code
from prevention.surveys.service.questionnaires import published_questionnaire
from prevention.surveys.service.secrets import pepper
from prevention.surveys.wave_rules import CodeUnusable, WaveStatus, may_mix

_RECEIPT = Prepared(select(AccessCode.receipt_hash).where(AccessCode.code_hash == bindparam("hashed")))
_SPEND = Prepared(
    update(AccessCode)
    .where(AccessCode.code_hash == bindparam("hashed"), AccessCode.is_spent.is_(False))
    .values(is_spent=True, receipt_hash=bindparam("receipt"))
    .returning(AccessCode.is_spent)
)
_DROP = Prepared(insert(Ballot), columns=("ballot_key", "wave_id", "cluster_mark", "answers"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """What became of a submission; `was_repeated` when the same page had been sent before."""

    was_repeated: bool


def questionnaire_of(entry: Entry) -> Questionnaire:
    """Give the questionnaire behind an entry."""
    return published_questionnaire(entry.questionnaire_id)


def cast_ballot(entry: Entry, answers: Answers, *, submission: str) -> Cast:
    """Spend the code and drop the ballot, both or neither. Flushes.

    Args:
        entry: what the code opened.
        answers: the answers as `rules.check_answers` gave them.
        submission: the random mark of the page that was sent.

    Raises:
        CodeUnusable: the code was spent by another submission, or has gone since it was looked up.
    """
    receipt = receipt_hash(submission, code_key=entry.code_key, pepper=pepper())
    if not spend(entry, receipt):
        return Cast(was_repeated=True)
    drop(wave_id=entry.wave_id, questionnaire_id=entry.questionnaire_id, mark=entry.cluster_mark, answers=answers)
    return Cast(was_repeated=False)


def spend(entry: Entry, receipt: bytes) -> bool:
    """Spend a code for what has this receipt; give False when it was spent for the very same before. Flushes.

    Raises:
        CodeUnusable: the code was spent for something else, or has gone since it was looked up.
    """
    connection = db.session.connection()
    if _SPEND.first(connection, hashed=entry.code_hash, receipt=receipt) is not None:
        return True
    known = _RECEIPT.first(connection, hashed=entry.code_hash)
    if known is None or known[0] is None or not hmac.compare_digest(known[0], receipt):
        raise CodeUnusable
    return False


def drop(*, wave_id: uuid.UUID, questionnaire_id: uuid.UUID, mark: bytes, answers: Answers) -> None:
    """Drop a ballot into the box under a random key, a personal code in it hidden. Flushes."""
    hidden = with_hidden_code(wave_id, published_questionnaire(questionnaire_id), answers)
    _DROP.first(db.session.connection(), ballot_key=uuid.uuid4(), wave_id=wave_id, cluster_mark=mark, answers=hidden)


def next_wave_to_mix() -> uuid.UUID | None:
    """Give a wave whose box may be mixed now, or None."""
    boxes = select(Ballot.wave_id, Wave.status, func.count()).join(Wave, Wave.id == Ballot.wave_id)
    for wave_id, status, in_box in db.session.execute(boxes.group_by(Ballot.wave_id, Wave.status)):
        if may_mix(status, in_box=in_box):
            return wave_id
    return None


def mix(wave_id: uuid.UUID) -> int:
    """Move a wave's box into the answers, in random order and under new keys; give how many. Flushes.

    On PostgreSQL the answers of a closed wave are rewritten as well, so that all rows carry the mark of one
    transaction (`xmin`) and not of the several in which they were mixed.

    Raises:
        ValueError: the box of an open wave holds too few ballots; `next_wave_to_mix` does not name such a
        wave.
    """
    wave = db.session.get_one(Wave, wave_id)
    taken = list(
        db.session.execute(
            delete(Ballot).where(Ballot.wave_id == wave_id).returning(Ballot.cluster_mark, Ballot.answers),
            execution_options={"synchronize_session": False},
        )
    )
    if taken:
        if not may_mix(wave.status, in_box=len(taken)):
            raise ValueError("a box below the threshold is not mixed while its wave is open")
        SystemRandom().shuffle(taken)
        db.session.execute(
            insert(MixedAnswer),
            [
                {"answer_key": uuid.uuid4(), "wave_id": wave_id, "cluster_mark": mark, "answers": answers}
                for mark, answers in taken
            ],
        )
    if wave.status is not WaveStatus.OPEN:
        db.session.execute(
            update(MixedAnswer).where(MixedAnswer.wave_id == wave_id).values(wave_id=wave_id),
            execution_options={"synchronize_session": False},
        )
    return len(taken)

"""The way of one answer: a code opens the form, is spent, the ballot drops into the box, the box is mixed.

Nothing here knows who sends what. The code and the ballot meet in one transaction and in no row: what remains
is a spent code and, elsewhere, a ballot under a random key. Mixing moves whole boxes in random order under
new keys.
"""

import hmac
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from random import SystemRandom

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from prevention.core import clock
from prevention.core.db import Prepared, db
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level
from prevention.surveys.codes import (
    GUESS_BUDGET,
    Code,
    class_part_hash,
    cluster_mark,
    code_hash,
    guess_window,
    read_code,
    receipt_hash,
)
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, MixedAnswer, Wave, WaveClass, WaveSecret
from prevention.surveys.rules import Answers, Form, Questionnaire
from prevention.surveys.service.personal_codes import with_hidden_code
from prevention.surveys.service.questionnaires import parsed_questionnaire, published_questionnaire
from prevention.surveys.service.secrets import pepper
from prevention.surveys.wave_rules import CodeUnusable, WaveStatus, WrongSlipPart, may_mix, takes_answers

# Built once: a school answers within one lesson, and building these took a third of a request.
_CLASS_BEHIND = Prepared(
    select(
        WaveClass.id, Wave.id, Wave.questionnaire_id, Wave.status, Wave.opens_on, Wave.closes_on,
        WaveSecret.code_key, WaveSecret.cluster_key, CodeGuard.guess_window, CodeGuard.failures, Site.level,
    )
    .join(Wave, Wave.id == WaveClass.wave_id)
    .join(WaveSecret, WaveSecret.wave_id == Wave.id)
    .join(SchoolClass, SchoolClass.id == WaveClass.school_class_id)
    .join(Site, Site.id == SchoolClass.site_id)
    .join(CodeGuard, CodeGuard.class_part_hash == WaveClass.class_part_hash)
    .where(WaveClass.class_part_hash == bindparam("part_hash"))
)  # fmt: skip
# What stands for a text that is no code, and for a class that is not there or whose guard has gone.
_NO_CODE = Code(class_part="", slip_part="")
_NO_CLASS = (uuid.UUID(int=0),) * 3 + (WaveStatus.DRAFT, date.min, date.min, b"", b"", 0, 0, Level.SECONDO_GRADO)
_SLIP = Prepared(
    select(AccessCode.is_spent, AccessCode.receipt_hash).where(AccessCode.code_hash == bindparam("hashed"))
)
_RECEIPT = Prepared(select(AccessCode.receipt_hash).where(AccessCode.code_hash == bindparam("hashed")))
_SPEND = Prepared(
    update(AccessCode)
    .where(AccessCode.code_hash == bindparam("hashed"), AccessCode.is_spent.is_(False))
    .values(is_spent=True, receipt_hash=bindparam("receipt"))
    .returning(AccessCode.is_spent)
)
_DROP = Prepared(insert(Ballot), columns=("ballot_key", "wave_id", "cluster_mark", "answers"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a valid code opens. Lives for one request and is never logged."""

    wave_id: uuid.UUID
    wave_class_id: uuid.UUID
    questionnaire_id: uuid.UUID
    form: Form
    code_hash: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    cluster_mark: bytes = field(repr=False)
    is_spent: bool
    # The receipt of what the code was spent for; None while it is not, and after the wave was closed.
    spent_for: bytes | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """What became of a submission; `was_repeated` when the same page had been sent before."""

    was_repeated: bool


def enter(typed: str, now: datetime, *, connection: Connection | None = None) -> Entry:
    """Look up what a person typed. Two queries, no write.

    Args:
        typed: the code as typed or scanned.
        now: the present moment.
        connection: where to look; the session's own when None.

    Raises:
        CodeUnusable: malformed, unknown, early, late, or its class rests after too many wrong tries. A spent
        code is given back with `is_spent`, because its owner may have sent the page twice.
    """
    # What is no good takes the same steps whatever is wrong with it, so that the time tells nothing.
    code = read_code(typed) or _NO_CODE
    part_hash = class_part_hash(code.class_part, pepper=pepper())
    connection = connection or db.session.connection()
    found = _CLASS_BEHIND.first(connection, part_hash=part_hash) or _NO_CLASS
    (
        class_id, wave_id, questionnaire_id, status, opens_on, closes_on,
        code_key, cluster_key, window, failures, level,
    ) = found  # fmt: skip
    hashed = code_hash(code, code_key=code_key, pepper=pepper())
    row = _SLIP.first(connection, hashed=hashed)
    if not takes_answers(status, opens_on=opens_on, closes_on=closes_on, today=clock.day_of(now)):
        raise CodeUnusable
    if window == guess_window(now.timestamp()) and failures >= GUESS_BUDGET:
        raise CodeUnusable
    if row is None:
        raise WrongSlipPart(part_hash)
    return Entry(
        wave_id=wave_id,
        wave_class_id=class_id,
        questionnaire_id=questionnaire_id,
        form=form_of(level),
        code_hash=hashed,
        code_key=code_key,
        cluster_mark=cluster_mark(class_id.bytes, cluster_key=cluster_key),
        is_spent=row[0],
        spent_for=row[1],
    )


def is_spent_for_another_page(entry: Entry, submission: str) -> bool:
    """Say whether a code was spent when it was entered, and for anything but the page with this mark. No query."""
    return is_spent_for_another(entry, receipt_hash(submission, code_key=entry.code_key, pepper=pepper()))


def is_spent_for_another(entry: Entry, receipt: bytes) -> bool:
    """Say whether a code was spent when it was entered, and for anything but what has this receipt. No query."""
    return entry.is_spent and (entry.spent_for is None or not hmac.compare_digest(entry.spent_for, receipt))


def form_of(level: Level) -> Form:
    """Give the form that schools of a level answer."""
    return Form.JUNIOR if level is Level.PRIMO_GRADO else Form.SENIOR


def count_wrong_try(no: CodeUnusable, now: datetime) -> None:
    """Count a guess for a class, in the window that `now` lies in. Flushes.

    A refusal that is no guess writes as well, into a row that counts nothing: whether a code is unknown, spent, early,
    late or no code at all must not show in how long the answer takes.
    """
    is_guess = isinstance(no, WrongSlipPart)
    guessed = no.class_part_hash if isinstance(no, WrongSlipPart) else class_part_hash("", pepper=pepper())
    window, counts = (guess_window(now.timestamp()), 1) if is_guess else (0, 0)
    in_window = CodeGuard.guess_window == window
    is_written = db.session.execute(
        update(CodeGuard)
        .where(CodeGuard.class_part_hash == guessed)
        .values(failures=case((in_window, CodeGuard.failures + counts), else_=counts), guess_window=window)
        .returning(CodeGuard.failures),
        execution_options={"synchronize_session": False},
    ).first()
    if is_written is None:
        _make_row_for_nothing(guessed)


def _make_row_for_nothing(part_hash: bytes) -> None:
    """Make the row that refusals write to which count nothing, once per installation."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(CodeGuard), {"class_part_hash": part_hash, "guess_window": 0, "failures": 0})
    except IntegrityError:
        pass  # somebody else has just made it


def questionnaire_of(entry: Entry) -> Questionnaire:
    """Give the questionnaire behind an entry."""
    return published_questionnaire(entry.questionnaire_id)


def known_questionnaire(entry: Entry) -> Questionnaire | None:
    """Give the questionnaire behind an entry if this process has read it already; never asks the database."""
    return parsed_questionnaire(entry.questionnaire_id)


def cast_ballot(entry: Entry, answers: Answers, *, submission: str, connection: Connection | None = None) -> Cast:
    """Spend the code and drop the ballot, both or neither. Flushes.

    Args:
        entry: what the code opened.
        answers: the answers as `rules.check_answers` gave them.
        submission: the random mark of the page that was sent.
        connection: where to write; the session's own when None.

    Raises:
        CodeUnusable: the code was spent by another submission, or has gone since it was looked up.
    """
    receipt = receipt_hash(submission, code_key=entry.code_key, pepper=pepper())
    connection = connection or db.session.connection()
    if not spend(connection, entry, receipt):
        return Cast(was_repeated=True)
    drop(
        connection,
        wave_id=entry.wave_id,
        questionnaire_id=entry.questionnaire_id,
        mark=entry.cluster_mark,
        answers=answers,
    )
    return Cast(was_repeated=False)


def spend(connection: Connection, entry: Entry, receipt: bytes) -> bool:
    """Spend a code for what has this receipt; give False when it was spent for the very same before.

    Raises:
        CodeUnusable: the code was spent for something else, or has gone since it was looked up.
    """
    if _SPEND.first(connection, hashed=entry.code_hash, receipt=receipt) is not None:
        return True
    known = _RECEIPT.first(connection, hashed=entry.code_hash)
    if known is None or known[0] is None or not hmac.compare_digest(known[0], receipt):
        raise CodeUnusable
    return False


def drop(
    connection: Connection, *, wave_id: uuid.UUID, questionnaire_id: uuid.UUID, mark: bytes, answers: Answers
) -> None:
    """Drop a ballot into the box under a random key, a personal code in it hidden."""
    questionnaire = published_questionnaire(questionnaire_id)
    hidden = with_hidden_code(wave_id, questionnaire, answers, connection=connection)
    _DROP.first(connection, ballot_key=uuid.uuid4(), wave_id=wave_id, cluster_mark=mark, answers=hidden)


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

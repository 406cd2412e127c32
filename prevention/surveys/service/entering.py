"""What a code opens, and what becomes of one that opens nothing. The plain case has a shorter way: `short_way.py`."""

import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from prevention.core import clock
from prevention.core.db import db
from prevention.core.prepared import Prepared
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
from prevention.surveys.models import AccessCode, CodeGuard, Wave, WaveClass, WaveSecret
from prevention.surveys.rules import Form
from prevention.surveys.service.questionnaires import parsed_questionnaire
from prevention.surveys.service.secrets import pepper
from prevention.surveys.service.short_way import AnsweringClass, remember
from prevention.surveys.wave_rules import CodeUnusable, WaveStatus, WrongSlipPart, takes_answers

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
_SLIP = Prepared(
    select(AccessCode.is_spent, AccessCode.receipt_hash).where(AccessCode.code_hash == bindparam("hashed"))
)
# What stands for a text that is no code, and for a class that is not there or whose guard has gone.
_NO_CODE = Code(class_part="", slip_part="")
_NO_CLASS = (uuid.UUID(int=0),) * 3 + (WaveStatus.DRAFT, date.min, date.min, b"", b"", 0, 0, Level.SECONDO_GRADO)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a valid code opens. Lives for one request and is never logged."""

    wave_class_id: uuid.UUID
    of: AnsweringClass
    code_hash: bytes = field(repr=False)
    is_spent: bool
    # The receipt of what the code was spent for; nothing while it is not, None after the wave was closed.
    spent_for: bytes | None = field(repr=False)

    @property
    def wave_id(self) -> uuid.UUID:
        """The wave of the code."""
        return self.of.wave_id

    @property
    def questionnaire_id(self) -> uuid.UUID:
        """What is asked in it."""
        return self.of.questionnaire_id

    @property
    def form(self) -> Form:
        """The form that the class of the code answers."""
        return self.of.form

    @property
    def code_key(self) -> bytes:
        """The key by which codes of the wave are hashed."""
        return self.of.code_key

    @property
    def cluster_mark(self) -> bytes:
        """The mark of the class's answers."""
        return self.of.cluster_mark


def enter(typed: str, now: datetime) -> Entry:
    """Look up what a person typed. Two queries, no write.

    Args:
        typed: the code as typed or scanned.
        now: the present moment.

    Raises:
        CodeUnusable: malformed, unknown, early, late, or its class rests after too many wrong tries. A spent
        code is given back with `is_spent`, because its owner may have sent the page twice.
    """
    # What is no good takes the same steps whatever is wrong with it, so that the time tells nothing.
    code = read_code(typed) or _NO_CODE
    part_hash = class_part_hash(code.class_part, pepper=pepper())
    connection = db.session.connection()
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
    known = AnsweringClass(
        part_hash=part_hash,
        wave_id=wave_id,
        questionnaire_id=questionnaire_id,
        form=form_of(level),
        code_key=code_key,
        cluster_mark=cluster_mark(class_id.bytes, cluster_key=cluster_key),
    )
    questionnaire = parsed_questionnaire(questionnaire_id)
    if questionnaire is not None and not questionnaire.asks_personal_code:
        remember(known)
    return Entry(wave_class_id=class_id, of=known, code_hash=hashed, is_spent=row[0], spent_for=row[1])


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
    late or no code at all must not show in how long the answer takes. What it writes is drawn, because SQLite does not
    wait for the disk when a row already holds what it is to hold: `bench/refusals.py` told a guess by that.
    """
    is_guess = isinstance(no, WrongSlipPart)
    guessed = no.class_part_hash if isinstance(no, WrongSlipPart) else class_part_hash("", pepper=pepper())
    window, counts = (guess_window(now.timestamp()), 1) if is_guess else (_no_window(), 0)
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


def _no_window() -> int:
    """Draw the number of a window that no moment lies in."""
    return -1 - secrets.randbelow(2**30)


def _make_row_for_nothing(part_hash: bytes) -> None:
    """Make the row that refusals write to which count nothing, once per installation."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(CodeGuard), {"class_part_hash": part_hash, "guess_window": 0, "failures": 0})
    except IntegrityError:
        pass  # somebody else has just made it

"""The plain case in one statement each: is this slip good, and take what it brings. For `express.py`.

A class answers within minutes and each of its pupils asks twice. So a process remembers for a minute what does not
change about a class that answers: its wave and questionnaire, the key by which its codes are hashed, the mark of its
answers. With these a slip is one look into one table, and on PostgreSQL handing in is one journey to the server, where
one INSERT with its transaction is three. Both the key and the mark are good for nothing once the wave is sealed: what
they could be compared with is erased then.

Whatever may change is asked of the database within the statement itself: whether the code is unspent, the wave open on
this day, and the class not resting after wrong tries. A slip that is not good goes on to `entering.py`, which alone
says no; until then everything typed takes the same steps, what is no code or of a class not remembered in the stead of
a class that is, with a hash that no code has.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update

from prevention.core import clock
from prevention.core.db import db
from prevention.core.prepared import Direct, Prepared
from prevention.surveys.codes import (
    GUESS_BUDGET,
    Code,
    class_part_hash,
    code_hash,
    guess_window,
    read_code,
    receipt_hash,
)
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, Wave
from prevention.surveys.rules import Answers, Form
from prevention.surveys.service.secrets import pepper
from prevention.surveys.wave_rules import WaveStatus

REMEMBERED_S = 60.0

_CLASSES = "classes that answer"
_NO_CODE = Code(class_part="", slip_part="")
_NO_HASH = bytes(32)

# What `wave_rules.takes_answers` says of a wave, as the database asks it. Looked up by its key, as the guard below,
# whatever the planner thinks of the numbers of waves and classes.
TAKES_ANSWERS = exists(
    select(Wave.id).where(
        Wave.id == bindparam("wave"),
        Wave.status == WaveStatus.OPEN,
        Wave.opens_on <= bindparam("today"),
        Wave.closes_on >= bindparam("today"),
    )
)
# And what `entering.py` says of a code.
_IS_GOOD = (
    AccessCode.code_hash == bindparam("hashed"),
    AccessCode.is_spent.is_(False),
    TAKES_ANSWERS,
    exists(
        select(CodeGuard.class_part_hash).where(
            CodeGuard.class_part_hash == bindparam("part_hash"),
            or_(CodeGuard.guess_window != bindparam("window"), CodeGuard.failures < GUESS_BUDGET),
        )
    ),
)
_LOOK = Prepared(select(AccessCode.is_spent).where(*_IS_GOOD))
_SPENDING = (
    update(AccessCode)
    .where(*_IS_GOOD)
    .values(is_spent=True, receipt_hash=bindparam("receipt"))
    .returning(AccessCode.is_spent)
)
_SPEND = Prepared(_SPENDING)
_COLUMNS = ("ballot_key", "wave_id", "cluster_mark", "answers")
DROP = Prepared(insert(Ballot), columns=_COLUMNS)
# Both or neither, in one statement; SQLite has no such thing, and no journey to save.
_SPEND_AND_DROP = Prepared(
    insert(Ballot)
    .from_select(
        _COLUMNS,
        select(*(bindparam(name, type_=Ballot.__table__.c[name].type) for name in _COLUMNS)).select_from(
            _SPENDING.cte("spent")
        ),
    )
    .returning(Ballot.ballot_key)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweringClass:
    """What a process remembers of a class that answers."""

    part_hash: bytes = field(repr=False)
    wave_id: uuid.UUID
    questionnaire_id: uuid.UUID
    form: Form
    code_key: bytes = field(repr=False)
    cluster_mark: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """What was typed, as this way sees it; its class may be one in whose stead another one stands."""

    of: AnsweringClass
    code_hash: bytes = field(repr=False)


def remember(found: AnsweringClass) -> None:
    """Remember a class for a minute, and forget those whose minute is over."""
    classes = _classes()
    # The one that was remembered first stands first.
    classes.pop(found.part_hash, None)
    classes[found.part_hash] = (time.monotonic(), found)
    for old in [key for key, (since, _class) in classes.items() if time.monotonic() - since > REMEMBERED_S]:
        del classes[old]


def slip_of(typed: str) -> Slip | None:
    """Read what a person typed; None while this process remembers no class at all. No query."""
    code = read_code(typed) or _NO_CODE
    classes, secret = _classes(), pepper()
    since, known = classes.get(class_part_hash(code.class_part, pepper=secret), (0.0, None))
    if known is None or time.monotonic() - since > REMEMBERED_S:
        instead = next(iter(classes.values()), None)
        if instead is None:
            return None
        return Slip(of=instead[1], code_hash=code_hash(code, code_key=b"", pepper=secret))
    return Slip(of=known, code_hash=code_hash(code, code_key=known.code_key, pepper=secret))


def no_good(slip: Slip) -> Slip:
    """Give a slip that takes the same steps as this one and opens nothing."""
    return Slip(of=slip.of, code_hash=_NO_HASH)


def is_good(slip: Slip, now: datetime, connection: Connection | Direct) -> bool:
    """Say whether a slip opens its form now. One query."""
    return _LOOK.first(connection, **_what_is_asked(slip, now)) is not None


def cast_slip(slip: Slip, answers: Answers, *, submission: str, now: datetime, connection: Connection | Direct) -> bool:
    """Spend the code of a good slip and drop the ballot, both or neither; False when the slip is not good.

    Args:
        slip: from `slip_of`; its questionnaire asks no personal code.
        answers: the answers as `rules.check_answers` gave them.
        submission: the random mark of the page that was sent.
        now: the present moment.
        connection: where to write: within a transaction, unless `casts_in_one_statement`.
    """
    receipt = receipt_hash(submission, code_key=slip.of.code_key, pepper=pepper())
    ballot = ballot_of(slip.of, answers)
    if casts_in_one_statement():
        asked = _what_is_asked(slip, now)
        return _SPEND_AND_DROP.first(connection, receipt=receipt, **asked, **ballot) is not None
    if not spend_slip(slip, receipt, now, connection):
        return False
    DROP.first(connection, **ballot)
    return True


def spend_slip(slip: Slip, receipt: bytes, now: datetime, connection: Connection | Direct) -> bool:
    """Spend the code of a good slip for what has this receipt; False when the slip is not good. One statement."""
    return _SPEND.first(connection, receipt=receipt, **_what_is_asked(slip, now)) is not None


def ballot_of(answering: AnsweringClass, answers: Answers) -> dict[str, Any]:
    """Give the row of a ballot of somebody of a class, under a key drawn for it."""
    return {
        "ballot_key": uuid.uuid4(),
        "wave_id": answering.wave_id,
        "cluster_mark": answering.cluster_mark,
        "answers": answers,
    }


def casts_in_one_statement() -> bool:
    """Say whether the database casts a ballot in one statement, which then is a transaction by itself."""
    return db.engine.dialect.name == "postgresql"


def _what_is_asked(slip: Slip, now: datetime) -> dict[str, Any]:
    return {
        "hashed": slip.code_hash,
        "wave": slip.of.wave_id,
        "part_hash": slip.of.part_hash,
        "today": clock.day_of(now),
        "window": guess_window(now.timestamp()),
    }


def _classes() -> dict[bytes, tuple[float, AnsweringClass]]:
    classes: dict[bytes, tuple[float, Any]] = current_app.extensions.setdefault(_CLASSES, {})
    return classes

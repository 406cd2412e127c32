"""The plain case of a credential: the class's key, a signature for a good slip, a ballot that comes with one.

As `short_way.py`, and for the same reason: what does not change about a class that answers is remembered for a minute,
here its key beside the rest. Whatever may change is asked of the database within the statement that writes: whether the
wave takes answers now, the code is unspent, the credential is new. What is not plain (a key not yet drawn or not
remembered, a request sent twice, a code that is no good) is for `credentials.py`.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import current_app
from sqlalchemy import Connection, bindparam, exists, insert, select

from prevention.core import clock
from prevention.core.prepared import Direct, Prepared
from prevention.surveys import blind
from prevention.surveys.codes import blinded_receipt_hash, credential_hash
from prevention.surveys.models import SpentCredential
from prevention.surveys.rules import Answers
from prevention.surveys.service.questionnaires import parsed_questionnaire
from prevention.surveys.service.secrets import pepper
from prevention.surveys.service.short_way import (
    DROP,
    REMEMBERED_S,
    TAKES_ANSWERS,
    AnsweringClass,
    Slip,
    ballot_of,
    spend_slip,
)

_KEYS = "keys of classes that answer"

_credential = SpentCredential.__table__.c
_SPEND_CREDENTIAL = Prepared(
    insert(SpentCredential)
    .from_select(
        ("credential_hash", "wave_id"),
        select(
            bindparam("credential", type_=_credential.credential_hash.type),
            bindparam("of_wave", type_=_credential.wave_id.type),
        ).where(
            TAKES_ANSWERS,
            # Two at once are kept apart by the table's key.
            ~exists(select(SpentCredential.wave_id).where(SpentCredential.credential_hash == bindparam("credential"))),
        ),
    )
    .returning(SpentCredential.wave_id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassKey:
    """The key of a class that answers, and what a browser is told of it."""

    of: AnsweringClass
    private: RSAPrivateKey = field(repr=False)
    mark: bytes
    modulus: bytes


def remember_key(of: AnsweringClass, private: RSAPrivateKey) -> None:
    """Remember the key of a class for a minute, unless its answers take a way of their own; forget old ones."""
    questionnaire = parsed_questionnaire(of.questionnaire_id)
    if questionnaire is None or questionnaire.asks_personal_code:
        return
    keys, now = _keys(), time.monotonic()
    for old in [name for name, (since, _key) in keys.items() if now - since > REMEMBERED_S]:
        del keys[old]
    key = ClassKey(of=of, private=private, mark=blind.key_mark(private), modulus=blind.modulus(private))
    # A class is found by the first part of a code when the code is spent, and by the key's mark when the ballot comes.
    keys[of.part_hash] = keys[key.mark] = (now, key)


def known_key(name: bytes) -> ClassKey | None:
    """Give the key of a class by the hash of its part of the codes, or by the key's mark, if remembered. No query."""
    since, key = _keys().get(name, (0.0, None))
    return key if key is not None and time.monotonic() - since <= REMEMBERED_S else None


def sell_for_slip(slip: Slip, blinded: bytes, *, now: datetime, connection: Connection | Direct) -> bool:
    """Spend the code of a good slip for the signature on a blinded message; False when the slip is not good."""
    receipt = blinded_receipt_hash(blinded, code_key=slip.of.code_key, pepper=pepper())
    return spend_slip(slip, receipt, now, connection)


def cast_with_credential(
    key: ClassKey, credential: bytes, answers: Answers, *, now: datetime, connection: Connection | Direct
) -> bool:
    """Spend a credential whose signature was found good and drop its ballot; False when it is spent, or too late.

    To be run within a transaction: both are kept, or neither.
    """
    hashed = credential_hash(credential, code_key=key.of.code_key, pepper=pepper())
    wave: uuid.UUID = key.of.wave_id
    spent = _SPEND_CREDENTIAL.first(connection, credential=hashed, of_wave=wave, wave=wave, today=clock.day_of(now))
    if spent is None:
        return False
    DROP.first(connection, **ballot_of(key.of, answers))
    return True


def _keys() -> dict[bytes, tuple[float, ClassKey]]:
    keys: dict[bytes, tuple[float, ClassKey]] = current_app.extensions.setdefault(_KEYS, {})
    return keys

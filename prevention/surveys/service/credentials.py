"""The second way of an answer, for browsers with a script: a code buys a credential, a credential carries the ballot.

The code is spent in the first third, for a signature on a number that the browser has blinded. The ballot comes
minutes later, under the credential with its blinding taken off, without any code. No secret that the server holds, and
nothing it could have written down of the two requests' contents, joins the one to the other: for every pair of them
there is a blinding factor that fits (RFC 9474 §7). What is left is who connects and when; see the package's docstring.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from prevention.core import clock
from prevention.core.db import db
from prevention.schools.models import SchoolClass, Site
from prevention.surveys import blind
from prevention.surveys.codes import blinded_receipt_hash, cluster_mark, credential_hash
from prevention.surveys.models import CredentialKey, SpentCredential, Wave, WaveClass, WaveSecret
from prevention.surveys.rules import Answers, Form
from prevention.surveys.service.ballot_box import Cast, drop, spend
from prevention.surveys.service.entering import Entry, form_of, is_spent_for_another
from prevention.surveys.service.secrets import pepper
from prevention.surveys.service.short_credentials import remember_key
from prevention.surveys.service.short_way import AnsweringClass
from prevention.surveys.wave_rules import CodeUnusable, takes_answers


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """What a credential with a good signature opens: one ballot of one class. Lives for one request."""

    wave_id: uuid.UUID
    questionnaire_id: uuid.UUID
    form: Form
    cluster_mark: bytes = field(repr=False)
    credential_hash: bytes = field(repr=False)


def credential_key(entry: Entry) -> RSAPrivateKey | None:
    """Give the key of the class behind a code, or None while nobody of it has needed one. One query."""
    der = db.session.scalar(select(CredentialKey.private_key).where(CredentialKey.wave_class_id == entry.wave_class_id))
    if der is None:
        return None
    key = blind.load_key(der)
    remember_key(entry.of, key)
    return key


def keep_credential_key(entry: Entry, der: bytes) -> RSAPrivateKey:
    """Keep a key that was drawn for a class; give it, or the one that somebody else kept meanwhile. Flushes."""
    key = blind.load_key(der)
    row = {"wave_class_id": entry.wave_class_id, "key_mark": blind.key_mark(key), "private_key": der}
    try:
        with db.session.begin_nested():
            db.session.execute(insert(CredentialKey), row)
    except IntegrityError:
        theirs = credential_key(entry)
        if theirs is None:
            raise
        return theirs
    return key


def is_sold_for_another(entry: Entry, blinded: bytes) -> bool:
    """Say whether a code was spent when it was entered, and for anything but this blinded message. No query."""
    return is_spent_for_another(entry, blinded_receipt_hash(blinded, code_key=entry.code_key, pepper=pepper()))


def sell_credential(entry: Entry, blinded: bytes) -> None:
    """Spend a code for the signature on a blinded message; a second time for the same one changes nothing. Flushes.

    Raises:
        CodeUnusable: the code was spent for something else.
    """
    receipt = blinded_receipt_hash(blinded, code_key=entry.code_key, pepper=pepper())
    spend(entry, receipt)


def present(mark: bytes, credential: bytes, signature: bytes, now: datetime) -> Ticket:
    """Look at a credential that comes with a ballot. One query.

    Args:
        mark: the mark of the class's key.
        credential: the message that was signed.
        signature: the signature, with the blinding taken off.
        now: the present moment.

    Raises:
        CodeUnusable: no such key, no good signature, or the wave takes no answers now.
    """
    found = db.session.execute(
        select(
            WaveClass.id, WaveClass.class_part_hash, Wave.id, Wave.questionnaire_id, Wave.status, Wave.opens_on,
            Wave.closes_on, WaveSecret.code_key, WaveSecret.cluster_key, CredentialKey.private_key, Site.level,
        )
        .join(WaveClass, WaveClass.id == CredentialKey.wave_class_id)
        .join(Wave, Wave.id == WaveClass.wave_id)
        .join(WaveSecret, WaveSecret.wave_id == Wave.id)
        .join(SchoolClass, SchoolClass.id == WaveClass.school_class_id)
        .join(Site, Site.id == SchoolClass.site_id)
        .where(CredentialKey.key_mark == mark)
    ).first()  # fmt: skip
    if found is None or len(credential) != blind.CREDENTIAL_BYTES:
        raise CodeUnusable
    (
        class_id, part_hash, wave_id, questionnaire_id, status, opens_on,
        closes_on, code_key, cluster_key, der, level,
    ) = found  # fmt: skip
    if not takes_answers(status, opens_on=opens_on, closes_on=closes_on, today=clock.day_of(now)):
        raise CodeUnusable
    key = blind.load_key(der)
    if not blind.is_signed(key, credential, signature):
        raise CodeUnusable
    known = AnsweringClass(
        # There is none before the first slips, and without slips no credential.
        part_hash=part_hash or b"",
        wave_id=wave_id,
        questionnaire_id=questionnaire_id,
        form=form_of(level),
        code_key=code_key,
        cluster_mark=cluster_mark(class_id.bytes, cluster_key=cluster_key),
    )
    remember_key(known, key)
    return Ticket(
        wave_id=wave_id,
        questionnaire_id=questionnaire_id,
        form=known.form,
        cluster_mark=known.cluster_mark,
        credential_hash=credential_hash(credential, code_key=code_key, pepper=pepper()),
    )


def cast_with_ticket(ticket: Ticket, answers: Answers) -> Cast:
    """Spend the credential and drop the ballot, both or neither; a credential serves once. Flushes."""
    try:
        with db.session.begin_nested():
            db.session.execute(
                insert(SpentCredential), {"credential_hash": ticket.credential_hash, "wave_id": ticket.wave_id}
            )
    except IntegrityError:
        return Cast(was_repeated=True)
    drop(
        wave_id=ticket.wave_id,
        questionnaire_id=ticket.questionnaire_id,
        mark=ticket.cluster_mark,
        answers=answers,
    )
    return Cast(was_repeated=False)


def forget_credentials(wave_id: uuid.UUID) -> None:
    """Destroy the keys of a wave's classes and forget which credentials were spent. Flushes."""
    mine = select(WaveClass.id).where(WaveClass.wave_id == wave_id)
    for statement in (
        delete(CredentialKey).where(CredentialKey.wave_class_id.in_(mine)),
        delete(SpentCredential).where(SpentCredential.wave_id == wave_id),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})

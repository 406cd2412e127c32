"""Blind signatures give what the standard's vector says, and nothing that was not asked of them."""

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from prevention.surveys import blind
from tests.surveys import pupil, rfc9474

EXPONENT = 65537
# Drawn once: it takes a tenth of a second.
KEY = blind.load_key(blind.generate_key())


def key_of_the_vector() -> rsa.RSAPrivateKey:
    """Build the private key of the vector from its primes."""
    p, q = int.from_bytes(rfc9474.P, "big"), int.from_bytes(rfc9474.Q, "big")
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p, q=q, d=d, dmp1=d % (p - 1), dmq1=d % (q - 1), iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()  # fmt: skip


def test_signing_gives_the_blind_signature_of_the_vector() -> None:
    assert rfc9474.BLIND_SIGNATURE == blind.blind_sign(key_of_the_vector(), rfc9474.BLINDED_MESSAGE)


def test_the_signature_of_the_vector_is_good_and_that_of_another_message_is_not() -> None:
    prepared = rfc9474.PREFIX + rfc9474.MESSAGE

    assert blind.is_signed(key_of_the_vector(), prepared, rfc9474.SIGNATURE)
    assert blind.PREFIX_BYTES == len(rfc9474.PREFIX)
    assert not blind.is_signed(key_of_the_vector(), rfc9474.MESSAGE, rfc9474.SIGNATURE)
    assert not blind.is_signed(key_of_the_vector(), prepared + b"\0", rfc9474.SIGNATURE)
    assert not blind.is_signed(KEY, prepared, rfc9474.SIGNATURE)


def test_the_browser_of_the_tests_encodes_blinds_and_unblinds_as_the_vector_says() -> None:
    """What `tests/surveys/pupil.py` does is what the standard does, at the vector's length of key."""
    n, inverse = int.from_bytes(blind.modulus(key_of_the_vector()), "big"), int.from_bytes(rfc9474.INVERSE, "big")
    encoded = pupil.encoded(rfc9474.PREFIX + rfc9474.MESSAGE, rfc9474.SALT, length=len(rfc9474.SIGNATURE))
    r = pow(inverse, -1, n)

    assert rfc9474.ENCODED_MESSAGE == encoded
    assert int.from_bytes(rfc9474.BLINDED_MESSAGE, "big") == int.from_bytes(encoded, "big") * pow(r, EXPONENT, n) % n
    blind_signature = int.from_bytes(rfc9474.BLIND_SIGNATURE, "big")
    assert int.from_bytes(rfc9474.SIGNATURE, "big") == blind_signature * inverse % n


def test_the_same_blinded_message_is_signed_alike() -> None:
    """A browser whose answer got lost asks again."""
    blinded = (secrets.randbits(2040) + 2).to_bytes(256, "big")

    assert blind.blind_sign(KEY, blinded) == blind.blind_sign(KEY, blinded)


def test_blinding_multiplies_out() -> None:
    """Sign r^e times a message, divide by r: the signature of the message itself, which the signer never saw."""
    n = int.from_bytes(blind.modulus(KEY), "big")
    message, r = secrets.randbelow(n), secrets.randbelow(n - 2) + 2
    blinded = message * pow(r, EXPONENT, n) % n

    signed = int.from_bytes(blind.blind_sign(KEY, blinded.to_bytes(256, "big")), "big") * pow(r, -1, n) % n

    assert message == pow(signed, EXPONENT, n)


@pytest.mark.parametrize("blinded", [b"", b"\0" * 256, b"\xff" * 256, b"\1" * 255, b"\1" * 257])
def test_what_cannot_be_signed_is_refused(blinded: bytes) -> None:
    with pytest.raises(blind.BadBlinding):
        blind.blind_sign(KEY, blinded)


@pytest.mark.parametrize("signature", [b"", b"\0" * 256, b"\xff" * 256, b"x" * 300])
def test_what_is_no_signature_is_not_good(signature: bytes) -> None:
    assert not blind.is_signed(KEY, b"m" * 64, signature)


def test_every_key_has_a_mark_of_its_own() -> None:
    assert blind.key_mark(KEY) != blind.key_mark(key_of_the_vector())
    assert 16 == len(blind.key_mark(KEY))

"""RSA blind signatures: RFC 9474, variant RSABSSA-SHA384-PSS-Randomized. Pure; no row, no web.

The server signs a number without seeing what it stands for; the browser takes its blinding factor off and holds a
signature that the server can verify and never recognise. What a browser gets signed here is its right to hand one
ballot in.

Why this variant: the randomised one keeps a signer from learning anything even with keys chosen in bad faith (RFC 9474
§7.2 and §7.3), and the random salt of PSS is the form that ordinary libraries verify. Signing is ours because
`cryptography` offers no bare RSA operation, only such as put a padding around a message or take one off; everything
else is its own. The two exponentiations with the key are GMP's `mpz_powm_sec`, made for this: it takes the same time
and touches the same memory whatever the exponent is, and is eight times as fast as the interpreter's `pow` (0.4 ms for
each half instead of 3.2; a signature 0.9 ms instead of 7.4). They run besides on numbers that a random factor has
hidden, so that the time says nothing of the message either (the product with r^e and the division by r in
`blind_sign`), and each signature is checked before it leaves, so that no faulty half of it can give the primes away.
"""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# The smallest that RFC 9474 §7.5 lets pass (through RFC 8017); keys live for the weeks of one survey.
KEY_BITS = 2048
EXPONENT = 65537
# What `prepare` of the randomised variants puts in front of a message (RFC 9474 §4.1).
PREFIX_BYTES = 32
# What the browser draws; with the prefix it is the message that is signed.
MESSAGE_BYTES = 32
CREDENTIAL_BYTES = PREFIX_BYTES + MESSAGE_BYTES

_SALT_BYTES = 48
_PADDING = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=_SALT_BYTES)


class BadBlinding(ValueError):
    """A blinded message that this key cannot sign."""


def generate_key() -> bytes:
    """Draw a private key, as PKCS#8 in DER. Takes a tenth of a second."""
    key = rsa.generate_private_key(public_exponent=EXPONENT, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_key(der: bytes) -> rsa.RSAPrivateKey:
    """Read a private key that `generate_key` gave."""
    # It is a key of our own: proving its primes prime at every use would take longer than the signature.
    key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    """Give the public modulus, big-endian."""
    return _as_bytes(key.public_key().public_numbers().n, key)


def key_mark(key: rsa.RSAPrivateKey) -> bytes:
    """Give the 16 bytes by which a key is named; whoever sees the same mark uses the same key."""
    return hashlib.sha256(modulus(key)).digest()[:16]


def blind_sign(key: rsa.RSAPrivateKey, blinded: bytes) -> bytes:
    """Sign a blinded message (RFC 9474 §4.3).

    Raises:
        BadBlinding: it is not as long as the modulus, or not below it.
    """
    # Only who signs needs it.
    from gmpy2 import invert, mpz, powmod, powmod_sec

    private = key.private_numbers()
    n, e = private.public_numbers.n, private.public_numbers.e
    message = int.from_bytes(blinded, "big")
    if len(blinded) != _length(key) or not 0 < message < n:
        raise BadBlinding
    while True:
        r = mpz(secrets.randbelow(n - 1) + 1)
        try:
            r_inverse = invert(r, n)
            break
        except ZeroDivisionError:  # shares a factor with n: that would be the key itself
            continue
    hidden = message * powmod(r, e, n) % n
    # The Chinese remainder theorem: two exponentiations of half the length (RFC 8017 §5.1.2).
    first, second = powmod_sec(hidden, private.dmp1, private.p), powmod_sec(hidden, private.dmq1, private.q)
    signature = (second + private.q * ((first - second) * private.iqmp % private.p)) * r_inverse % n
    if powmod(signature, e, n) != message:
        raise ArithmeticError("a blind signature did not verify")
    return _as_bytes(int(signature), key)


def is_signed(key: rsa.RSAPrivateKey, credential: bytes, signature: bytes) -> bool:
    """Say whether a signature that a browser took the blinding off is one of this key (RFC 9474 §4.5)."""
    try:
        key.public_key().verify(signature, credential, _PADDING, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def as_text(number: bytes) -> str:
    """Write what goes to the script and comes from it: base64url without padding."""
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode("ascii")


def as_bytes(text: str) -> bytes:
    """Read what `as_text` wrote.

    Raises:
        ValueError: it is nothing of that kind.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _length(key: rsa.RSAPrivateKey) -> int:
    return (key.key_size + 7) // 8


def _as_bytes(number: int, key: rsa.RSAPrivateKey) -> bytes:
    return number.to_bytes(_length(key), "big")

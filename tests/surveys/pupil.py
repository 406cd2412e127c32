"""A pupil's browser as far as credentials go: draw, blind, have signed, take the blinding off (RFC 9474 §4)."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

EXPONENT = 65537
SALT_BYTES = 48


class Answering(Protocol):
    """What came back."""

    @property
    def status_code(self) -> int:
        """The status of HTTP."""

    @property
    def json(self) -> Any:
        """The body, read as JSON."""


class Sender(Protocol):
    """Whatever can send a form: the test client, or a connection to a real server."""

    def post(self, address: str, /, *, data: Mapping[str, str]) -> Answering:
        """Send a form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A credential, what hides it, and what the server gets to see."""

    mark: str
    modulus: int
    credential: bytes
    r: int
    blinded: bytes

    def signature(self, blind_signature: str) -> bytes:
        """Take the blinding off a signature."""
        signed = int.from_bytes(as_bytes(blind_signature), "big") * pow(self.r, -1, self.modulus) % self.modulus
        return signed.to_bytes(256, "big")


def draw(client: Sender, code: str) -> Drawn:
    """Draw a credential for the key of the class behind a code, and blind it."""
    return draw_for(client.post("/s/key", data={"code": code}).json or {})


def draw_for(key: Mapping[str, str]) -> Drawn:
    """Draw a credential for a key as the server gives it, and blind it."""
    n = int.from_bytes(as_bytes(key["modulus"]), "big")
    credential, r = secrets.token_bytes(64), secrets.randbelow(n - 2) + 2
    blinded = int.from_bytes(encoded(credential, secrets.token_bytes(SALT_BYTES)), "big") * pow(r, EXPONENT, n) % n
    return Drawn(mark=key["mark"], modulus=n, credential=credential, r=r, blinded=blinded.to_bytes(256, "big"))


def buy(client: Sender, code: str) -> dict[str, str]:
    """Spend a code for a credential; give the fields that carry a ballot."""
    drawn = draw(client, code)
    sold = client.post("/s/credential", data={"code": code, "blinded": as_text(drawn.blinded)})
    assert 200 == sold.status_code
    signature = drawn.signature((sold.json or {})["signature"])
    return {"key": drawn.mark, "credential": as_text(drawn.credential), "signature": as_text(signature)}


def as_text(number: bytes) -> str:
    """Write bytes as the page's script does."""
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode()


def as_bytes(text: str) -> bytes:
    """Read bytes that the page's script wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(message: bytes, salt: bytes, *, length: int = 256) -> bytes:
    """Encode for a signature of so many bytes: EMSA-PSS with SHA-384 and the mask of it (RFC 8017 §9.1.1)."""
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - len(digest) - 2) + b"\x01" + salt
    rounds = -(-len(block) // len(digest))
    mask = b"".join(hashlib.sha384(digest + count.to_bytes(4, "big")).digest() for count in range(rounds))
    masked = bytearray(a ^ b for a, b in zip(block, mask[: len(block)], strict=True))
    masked[0] &= 0x7F
    return bytes(masked) + digest + b"\xbc"

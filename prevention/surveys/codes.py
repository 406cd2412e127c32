"""Codes on slips: how they look, how they are read back, how they are hashed. Pure, but for the random source.

A code is two parts: four signs for the class, printed alike on all slips of a class, and seven for the slip:
``K7RM-94X-DTC6``. The signs are 22 letters and digits without look-alikes (none of 0 O 1 I L 2 Z 5 S 8 B, and no U
to be read as V) and without vowels, so that no slip spells a word.

How hard is guessing? A slip's part has 22^7 = 2.5 thousand million values. In a class with 25 open codes one guess
succeeds once in 100 million. After `GUESS_BUDGET` wrong parts within `GUESS_WINDOW_S` the class's entry rests until
the window ends, so a guesser gets at most 14,400 guesses a day for one class, 432,000 in a wave of 30 days: below
half a per cent to spend one single code, and the answers of nobody else are seen by it. The budget belongs to the
class, not to an address, because a whole school shares one. A prankster who knows the class part can make a class
wait ten minutes at most. A mistyped part counts, hence the budget is far above what 30 pupils mistype.

Codes are stored only as keyed hashes, with a key of the wave (destroyed when it is sealed) and a secret of the
installation. The class part's hash uses the secret alone, because it must be found before the wave is known.
"""

import hmac
import re
import secrets
from dataclasses import dataclass

ALPHABET = "34679CDFGHJKMNPQRTVWXY"
CLASS_SIGNS = 4
SLIP_SIGNS = 7
GUESS_BUDGET = 100
GUESS_WINDOW_S = 600

# A class is never larger than this; it also bounds one printing.
MOST_CODES_PER_CLASS = 60

_WRITTEN = re.compile(rf"([{ALPHABET}]{{{CLASS_SIGNS}}})([{ALPHABET}]{{{SLIP_SIGNS}}})")
_BETWEEN = re.compile(r"[\s\-\u2013\u2014.\u00b7]+")
_LONGEST_TYPED = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A code in its two parts. Never logged, never stored."""

    class_part: str
    slip_part: str

    def __str__(self) -> str:
        """Write the code as it stands on the slip."""
        return f"{self.class_part}-{self.slip_part[:3]}-{self.slip_part[3:]}"

    def __repr__(self) -> str:
        """Hide the code from tracebacks and logs."""
        return "Code(…)"


def draw_class_part() -> str:
    """Draw the part that the slips of one class share."""
    return _draw(CLASS_SIGNS)


def draw_codes(class_part: str, number: int) -> list[Code]:
    """Draw `number` different codes of one class, in random order."""
    slip_parts: set[str] = set()
    while len(slip_parts) < number:
        slip_parts.add(_draw(SLIP_SIGNS))
    codes = [Code(class_part=class_part, slip_part=part) for part in slip_parts]
    secrets.SystemRandom().shuffle(codes)
    return codes


def read_code(typed: str) -> Code | None:
    """Read what a person typed or scanned: case, spaces and dashes do not matter; None when it is no code."""
    if len(typed) > _LONGEST_TYPED:
        return None
    found = _WRITTEN.fullmatch(_BETWEEN.sub("", typed).upper())
    return Code(class_part=found[1], slip_part=found[2]) if found else None


def class_part_hash(class_part: str, *, pepper: bytes) -> bytes:
    """Hash the class part with the installation's secret."""
    return keyed_hash(pepper, "class part", class_part.encode())


def code_hash(code: Code, *, code_key: bytes, pepper: bytes) -> bytes:
    """Hash a whole code with the wave's key and the installation's secret."""
    return keyed_hash(pepper + code_key, "code", f"{code.class_part}{code.slip_part}".encode())


def receipt_hash(submission: str, *, code_key: bytes, pepper: bytes) -> bytes:
    """Hash the random mark of one submission, by which a page sent twice is known again."""
    return keyed_hash(pepper + code_key, "receipt", submission.encode())


def blinded_receipt_hash(blinded: bytes, *, code_key: bytes, pepper: bytes) -> bytes:
    """Hash the blinded message that a code was spent for, by which a request sent twice is known again."""
    return keyed_hash(pepper + code_key, "blinded receipt", blinded)


def credential_hash(credential: bytes, *, code_key: bytes, pepper: bytes) -> bytes:
    """Hash a credential that comes with a ballot, by which it is known to be spent."""
    return keyed_hash(pepper + code_key, "credential", credential)


def cluster_mark(wave_class_id: bytes, *, cluster_key: bytes) -> bytes:
    """Give the random-looking mark, 16 bytes, that the answers of one class share in one wave."""
    return keyed_hash(cluster_key, "cluster", wave_class_id)[:16]


def keyed_hash(key: bytes, purpose: str, message: bytes) -> bytes:
    """Give the HMAC-SHA-256 of a message, bound to a purpose so that no hash serves two."""
    return hmac.digest(key, purpose.encode() + b"\0" + message, "sha256")


def guess_window(epoch_s: float) -> int:
    """Give the number of the window that a moment lies in; all a guard row knows of time."""
    return int(epoch_s) // GUESS_WINDOW_S


def _draw(signs: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(signs))

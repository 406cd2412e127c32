"""How a person's answers lie in a row: as JSON, and on SQLite as packed JSON.

A row of a table without row numbers (which anonymity wants, see `models.Ballot`) has room for a quarter of a page. The
answers to the core questionnaire are 1.3 kB and went on to a page of their own; with it, each ballot wrote six pages
where it now writes two or three, and looking for its place read the pages of its neighbours. Packed they are 0.5 kB.
PostgreSQL has no such bound and keeps them readable. What was stored before is read as it lies.
"""

import json
import zlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator

# More than this takes longer and gains a twentieth.
FASTEST = 1
# Memory for two kilobytes, not for 32: zlib's own choice is 268 kB, and getting it takes six times as long as packing.
WINDOW_BITS, MEMORY_LEVEL = 11, 4

_write = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class StoredAnswers(TypeDecorator[dict[str, Any]]):
    """Answers of one person; see the module."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Give what turns answers into what the driver takes."""
        return pack_answers if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Give what turns what the driver gives into answers."""
        return unpack_answers if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def pack_answers(answers: dict[str, Any]) -> bytes:
    """Write answers as packed JSON."""
    packer = zlib.compressobj(FASTEST, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
    return packer.compress(_write(answers).encode()) + packer.flush()


def unpack_answers(stored: bytes | str) -> dict[str, Any]:
    """Read answers as they were stored, packed or not."""
    answers: dict[str, Any] = json.loads(stored if isinstance(stored, str) else zlib.decompress(stored))
    return answers

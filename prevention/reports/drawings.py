"""Where a chart comes from: drawn now, remembered from before, or, on a page, only from what is kept.

Drawing a chart takes some hundredth of a second of processor time, and the library that does it a second to load: a
page never draws. The jobs process draws what the pages of an edition show (`drawing`), the edition keeps it by the
SHA-256 of its specification, and a page takes it from there (`kept`). A chart that is not there yet is told in words;
its numbers stand in the table beside it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(slots=True)
class _Source:
    """What is kept, what of it was used, and whether more may be drawn."""

    kept: Mapping[str, str]
    may_draw: bool
    used: dict[str, str] = field(default_factory=dict)


_source: ContextVar[_Source | None] = ContextVar("drawings", default=None)


@contextmanager
def kept(drawings: Mapping[str, str] | None) -> Iterator[None]:
    """Take charts from what is kept, and draw none."""
    with _from(_Source(kept=drawings or {}, may_draw=False)):
        yield


@contextmanager
def drawing(drawings: Mapping[str, str] | None) -> Iterator[dict[str, str]]:
    """Take charts from what is kept and draw the others; gives those that were used, to be kept."""
    source = _Source(kept=drawings or {}, may_draw=True)
    with _from(source):
        yield source.used


def drawn(specification: str, draw: Callable[[str], str]) -> str | None:
    """Give the picture of a specification; None when it may not be drawn now and is not kept."""
    source = _source.get()
    if source is None:
        return draw(specification)
    digest = sha256(specification.encode()).hexdigest()
    found = source.kept.get(digest)
    if found is None and source.may_draw:
        found = draw(specification)
    if found is not None:
        source.used[digest] = found
    return found


@contextmanager
def _from(source: _Source) -> Iterator[None]:
    before = _source.set(source)
    try:
        yield
    finally:
        _source.reset(before)

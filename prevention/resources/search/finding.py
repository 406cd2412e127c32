"""The search itself: from a question and chosen facets to ordered numbers of lines and counts of facets.

One statement brings, for each word of the question, the lines that hold it and how well. What follows (adding up,
facets, order, counts) is arithmetic on the arrays of `table`.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from prevention.core.db import db
from prevention.resources.search import facets
from prevention.resources.search.table import Table, current_table
from prevention.resources.search.words import is_mark, question_groups

# A line stays in the answer when it holds at least this much of the question beside the line that holds most of it,
# each word counted by its rarity.
SHARE_HELD = 0.4
# A word of the field ("svapo", "seconda media") says so many times more about what is wanted than any other word.
_FIELD_WORD = 2.5
# How much more a word weighs in the title, the labels, the abstract, the rest.
_WEIGHTS = (6.0, 4.0, 2.0, 1.0)
# PostgreSQL wants them from D to A and at most 1.
_POSTGRESQL_WEIGHTS = "{" + ", ".join(f"{weight / max(_WEIGHTS):.3f}" for weight in reversed(_WEIGHTS)) + "}"
# A line cannot be more than this much better for being newer: it only decides between equals.
_NEWNESS = 1e-7


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a reader asks for. `chosen` maps a facet to its chosen values; any one of them is enough."""

    text: str = ""
    chosen: Mapping[str, Collection[str]] = field(default_factory=dict)
    programme_id: uuid.UUID | None = None
    with_outdated: bool = False
    newest_first: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An answer: numbers of index lines, best first, and for each facet the count of lines of each value.

    `outdated` counts the lines that were left out, or would be, for being outdated.
    """

    numbers: Sequence[int]
    counts: Mapping[str, Mapping[str, int]]
    programmes: Mapping[uuid.UUID, int]
    outdated: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lines:
    """Lines as arrays of one length, in no order; `scores` are higher for better ones."""

    table: Table
    rows: NDArray[np.intp]
    scores: NDArray[np.float64]

    @property
    def masks(self) -> facets.Masks:
        """The facets of each line."""
        return self.table.masks[self.rows]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of each line."""
        return self.table.numbers[self.rows]

    @property
    def days(self) -> NDArray[np.int64]:
        """The day on which each was published."""
        return self.table.days[self.rows]

    @property
    def review_days(self) -> NDArray[np.int64]:
        """The last day of each one's review."""
        return self.table.review_days[self.rows]

    @property
    def programmes(self) -> NDArray[np.object_]:
        """The programme of each, as the database writes its id."""
        return self.table.programmes[self.rows]


def find(wanted: Wanted, *, today: date) -> Found:
    """Answer a question. One statement, whatever there is."""
    lines = _lines_of(wanted.text)
    is_current = lines.review_days >= today.toordinal()
    kept = facets.kept_by(lines.masks, wanted.chosen)
    programme = (
        lines.programmes == _as_stored(wanted.programme_id) if wanted.programme_id else np.ones(len(is_current), bool)
    )
    shown = is_current | wanted.with_outdated
    chosen = facets.all_of(kept.values(), len(is_current))
    answer = chosen & programme & shown
    order = _order(lines, newest_first=wanted.newest_first or not wanted.text.strip())
    return Found(
        numbers=lines.numbers[order][answer[order]].tolist(),
        counts=facets.counts(lines.masks[programme & shown], {k: v[programme & shown] for k, v in kept.items()}),
        programmes={
            uuid.UUID(name): count
            for name, count in Counter(lines.programmes[chosen & shown].tolist()).items()
            if name is not None
        },
        outdated=int(np.count_nonzero(chosen & programme & ~is_current)),
    )


def more_like(words: str, *, without: int | None, today: date, most: int) -> list[int]:
    """Give the numbers of current lines that speak of the same as these words, best first."""
    lines = _lines_of(words)
    order = _order(lines, newest_first=False)
    numbers = lines.numbers[order][lines.review_days[order] >= today.toordinal()].tolist()
    return [number for number in numbers if number != without][:most]


def _order(lines: _Lines, *, newest_first: bool) -> NDArray[np.intp]:
    first = lines.days.astype(np.float64) if newest_first else lines.scores + lines.days * _NEWNESS
    # Numbers decide between equals, so that a page never shows what the one before it showed.
    return np.lexsort((-lines.numbers, -first))


def _lines_of(question: str) -> _Lines:
    table = current_table()
    if not question.strip():
        return _Lines(table=table, rows=np.arange(len(table.numbers)), scores=np.zeros(len(table.numbers)))
    for with_concepts in (True, False):
        # Words that nobody uses as a concept here may still stand in a text as they are.
        lines = _asked(table, question_groups(question, with_concepts=with_concepts))
        if len(lines.rows):
            break
    return lines


def _asked(table: Table, groups: list[tuple[str, ...]]) -> _Lines:
    nothing = _Lines(table=table, rows=np.zeros(0, dtype=np.intp), scores=np.zeros(0))
    if not groups or not len(table.numbers):
        return nothing
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    ask = _ask_sqlite if is_sqlite else _ask_postgresql
    statement = " UNION ALL ".join(ask(place) for place in range(len(groups)))
    quoted, joined = ('"{}"', " OR ") if is_sqlite else ("'{}'", " | ")
    parameters = {f"q{place}": joined.join(map(quoted.format, group)) for place, group in enumerate(groups)}
    found = db.session.execute(text(statement), parameters).all()
    if not found:
        return nothing
    # All three are numbers that a float holds exactly; one array is made many times faster than three from columns.
    hits = np.fromiter(chain.from_iterable(found), dtype=np.float64, count=3 * len(found)).reshape(-1, 3)
    number = hits[:, 1].astype(np.int64)
    rows = np.minimum(np.searchsorted(table.numbers, number), len(table.numbers) - 1)
    # The table holds what is published; the index of words holds drafts too.
    is_known = table.numbers[rows] == number
    return _added_up(
        table,
        group=hits[is_known, 0].astype(np.int64),
        rows=rows[is_known],
        fits=hits[is_known, 2],
        weights=np.array([_FIELD_WORD if is_mark(words[0]) else 1.0 for words in groups]),
        needs_rarity=not is_sqlite,
    )


def _added_up(
    table: Table,
    *,
    group: NDArray[np.int64],
    rows: NDArray[np.intp],
    fits: NDArray[np.float64],
    weights: NDArray[np.float64],
    needs_rarity: bool,
) -> _Lines:
    """Add up what each word found: one line per row, with the score of all its words together."""
    size = len(table.numbers)
    held = np.bincount(group, minlength=len(weights))
    # Rarity as in BM25 (Robertson and Zaragoza 2009, section 3.1), kept above zero.
    rarity = np.log1p((size - held + 0.5) / (held + 0.5)) * weights
    score = np.bincount(rows, weights=fits * weights[group] * (rarity[group] if needs_rarity else 1.0), minlength=size)
    share = np.bincount(rows, weights=rarity[group], minlength=size)
    stays = np.flatnonzero(share >= max(SHARE_HELD * share.max(initial=0.0), 1e-12))
    return _Lines(table=table, rows=stays, scores=np.asarray(score[stays] * share[stays], dtype=np.float64))


def _ask_sqlite(place: int) -> str:
    weights = ", ".join(str(weight) for weight in _WEIGHTS)
    return f"SELECT {place}, rowid, -bm25(resource_fts, {weights}) FROM resource_fts WHERE resource_fts MATCH :q{place}"


def _ask_postgresql(place: int) -> str:
    query = f"to_tsquery('simple', :q{place})"
    return (
        f"SELECT {place}, number, ts_rank('{_POSTGRESQL_WEIGHTS}', words, {query}, 1) FROM resource_index "
        f"WHERE words @@ {query}"
    )


def _as_stored(programme_id: uuid.UUID) -> str:
    return programme_id.hex if db.session.get_bind().dialect.name == "sqlite" else str(programme_id)

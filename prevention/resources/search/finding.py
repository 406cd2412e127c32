"""The search itself: from a question and chosen facets to ordered numbers of lines and counts of facets.

One statement brings, for each word of the question, the lines that hold it and how well; or, without a question, all
lines. What follows (adding up, facets, order, counts) is arithmetic on arrays.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from prevention.core.db import db
from prevention.resources.search import facets
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

_COLUMNS = "i.number, i.facets, i.published_day, i.review_day, CAST(i.programme_id AS VARCHAR(36))"


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

    numbers: NDArray[np.int64]
    masks: facets.Masks
    days: NDArray[np.int64]
    review_days: NDArray[np.int64]
    programmes: NDArray[np.object_]
    scores: NDArray[np.float64]


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
    if not question.strip():
        rows = _rows(f"SELECT 0, 0.0, {_COLUMNS} FROM resource_index i WHERE i.is_published", {})  # ours
        return _gathered(rows, weights=np.ones(1))
    for with_concepts in (True, False):
        # Words that nobody uses as a concept here may still stand in a text as they are.
        lines = _asked(question_groups(question, with_concepts=with_concepts))
        if len(lines.numbers):
            break
    return lines


def _asked(groups: list[tuple[str, ...]]) -> _Lines:
    if not groups:
        return _gathered([], weights=np.ones(1))
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    ask = _ask_sqlite if is_sqlite else _ask_postgresql
    statement = " UNION ALL ".join(ask(place) for place in range(len(groups)))
    quoted, joined = ('"{}"', " OR ") if is_sqlite else ("'{}'", " | ")
    parameters = {f"q{place}": joined.join(map(quoted.format, group)) for place, group in enumerate(groups)}
    weights = np.array([_FIELD_WORD if is_mark(group[0]) else 1.0 for group in groups])
    return _gathered(_rows(statement, parameters), weights=weights, needs_rarity=not is_sqlite)


def _ask_sqlite(place: int) -> str:
    weights = ", ".join(str(weight) for weight in _WEIGHTS)
    return (  # our own words only: what is asked is a parameter
        f"SELECT {place}, -bm25(resource_fts, {weights}), {_COLUMNS} FROM resource_fts "
        f"CROSS JOIN resource_index i ON i.number = resource_fts.rowid "
        f"WHERE resource_fts MATCH :q{place} AND i.is_published"
    )


def _ask_postgresql(place: int) -> str:
    query = f"to_tsquery('simple', :q{place})"
    return (
        f"SELECT {place}, ts_rank('{_POSTGRESQL_WEIGHTS}', i.words, {query}, 1), {_COLUMNS} FROM resource_index i "
        f"WHERE i.words @@ {query} AND i.is_published"
    )


def _rows(statement: str, parameters: Mapping[str, str]) -> Sequence[Any]:
    return db.session.execute(text(statement), parameters).all()


def _gathered(rows: Sequence[Any], *, weights: NDArray[np.float64], needs_rarity: bool = False) -> _Lines:
    """Add up what each word found: one line per number, with the score of all its words together."""
    if not rows:
        empty = np.zeros(0, dtype=np.int64)
        return _Lines(
            numbers=empty,
            masks=empty,
            days=empty,
            review_days=empty,
            programmes=np.zeros(0, dtype=object),
            scores=np.zeros(0),
        )
    columns = list(zip(*rows, strict=True))
    group = np.array(columns[0], dtype=np.int64)
    score = np.array(columns[1], dtype=np.float64)
    number, masks, days, review_days = (np.array(column, dtype=np.int64) for column in columns[2:6])
    programmes = np.array(columns[6], dtype=object)
    if len(weights) == 1:
        return _Lines(
            numbers=number, masks=masks, days=days, review_days=review_days, programmes=programmes, scores=score
        )
    total = max(_line_count(), 1)
    held = np.bincount(group, minlength=len(weights))
    # Rarity as in BM25 (Robertson and Zaragoza 2009, section 3.1), kept above zero.
    rarity = np.log1p((total - held + 0.5) / (held + 0.5))
    score = score * weights[group] * (rarity[group] if needs_rarity else 1.0)
    numbers, first, place = np.unique(number, return_index=True, return_inverse=True)
    scores = np.bincount(place, weights=score)
    share = np.bincount(place, weights=(rarity * weights)[group])
    stays = share >= SHARE_HELD * share.max()
    first = first[stays]
    return _Lines(
        numbers=numbers[stays],
        masks=masks[first],
        days=days[first],
        review_days=review_days[first],
        programmes=programmes[first],
        scores=scores[stays] * share[stays],
    )


def _line_count() -> int:
    return int(db.session.execute(text("SELECT count(*) FROM resource_index")).scalar_one())


def _as_stored(programme_id: uuid.UUID) -> str:
    return programme_id.hex if db.session.get_bind().dialect.name == "sqlite" else str(programme_id)

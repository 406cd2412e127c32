"""A programme's before and after, from two sealed files: totals per class, compared. Pure but for reading the files.

Owns what is compared with what, and which clusters count; the reckoning is `effects`, what of it may be shown
`panel_gate`.

*All who answered* (nothing links the two): the classes of both files. A sealed file names no class, so a class cannot
be followed from one file into the other; the grade of a school can. With `MIN_BLOCKS` of those in both files or more,
they are the clusters: what a grade has in common before and after cancels. With fewer, each class of each file is a
cluster of its own, as if the two were other classes; classes resemble themselves, so that interval is too wide rather
than too narrow.

*Found again* (joined by a personal code, `surveys.sgic`): pupils kept in both files, with a valid answer in both. They
are followed, and so is their class. Whoever is not found again is more often a user (domain dossier, section 2.3), so
each figure comes with how those not found differed at the start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from prevention.indicators.catalogue import Indicator, catalogue, parse
from prevention.indicators.effects import Comparison, Group, compare
from prevention.indicators.engine import floats, frame_of, totals_by
from prevention.indicators.engines import DUCKDB, Columns, open_engine
from prevention.indicators.estimates import ClusterTotals, Floats, Indices
from prevention.indicators.expressions import value_of
from prevention.indicators.manifest import wording_of
from prevention.indicators.published import Measure
from prevention.surveys.service import LINK

MEDIATORS_FILE = Path(__file__).with_name("mediators.toml")

# So many grades of schools must be in both files to be the clusters of an unlinked comparison.
MIN_BLOCKS = 10
_BLOCK = ("site_code", "level", "grade")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Outcome:
    """One indicator before and after.

    Attributes:
        first, second: totals per cluster, before and after.
        comparison: of the two; None when nobody answered one of them.
        lost: those found again (`second`) less those not (`first`), both as they were before; None where nothing links
            the two.
        came: of those found again, who answered after and not before (absent, or the question left empty), as they were
            after, by the classes of the second file.
    """

    indicator: Indicator
    first: Group
    second: Group
    comparison: Comparison | None
    lost: Comparison | None = None
    lost_groups: tuple[Group, Group] | None = None
    came: Group | None = None

    @property
    def before(self) -> Group | None:
        """Put those found again and those not together, as they were before; None where nothing links the two."""
        if self.lost_groups is None:
            return None
        parts = self.lost_groups
        clusters, at = np.unique(np.concatenate([one.cluster for one in parts]), return_inverse=True)

        def added(name: str) -> Floats:
            values = np.concatenate([getattr(one.totals, name) for one in parts])
            return np.bincount(at, weights=values, minlength=len(clusters)).astype(np.float64)

        return Group(cluster=clusters, totals=_totals(added("n"), added("value"), added("square")))


@cache
def mediators() -> tuple[Indicator, ...]:
    """Give the indicators that only a before and an after have."""
    import tomllib

    with MEDIATORS_FILE.open("rb") as file:
        return parse(tomllib.load(file)).indicators


def comparable(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Indicator, ...]:
    """Give the indicators whose questions were asked in both, in the very same words.

    Args:
        before, after: fingerprint per question, as in the manifests.
    """
    asked = frozenset(before) & frozenset(after)
    known = (*mediators(), *catalogue().indicators)
    possible = [one for one in known if one in catalogue().answerable(asked) or _is_asked(one, asked)]
    return tuple(one for one in possible if wording_of(one, before) == wording_of(one, after))


def _is_asked(one: Indicator, asked: frozenset[str]) -> bool:
    return one in mediators() and frozenset(one.items) <= asked


def all_who_answered(
    before: Path, after: Path, indicators: Sequence[Indicator], *, address: str = DUCKDB
) -> tuple[Outcome, ...]:
    """Compare everybody who answered before with everybody who answered after; see the module."""
    keys = ("cluster", *_BLOCK)
    first, second = (
        totals_by(keys, path, indicators, zero_if=catalogue().zero_if, address=address) for path in (before, after)
    )
    return compare_all(first, second, indicators)


def compare_all(first: Columns, second: Columns, indicators: Sequence[Indicator]) -> tuple[Outcome, ...]:
    """Compare totals by class of two files, as `engine.totals_by` gives them with the keys of a class."""
    clusters = _clusters(first, second)
    return tuple(
        _outcome(one, *(_group(side, place, ids) for side, ids in zip((first, second), clusters, strict=True)))
        for place, one in enumerate(indicators)
    )


def found_again(
    before: Path, after: Path, indicators: Sequence[Indicator], *, address: str = DUCKDB
) -> tuple[Outcome, ...]:
    """Compare the pupils who were joined by their code with themselves; see the module."""
    return compare_found(*joined_totals(before, after, indicators, address=address), indicators)


def compare_found(
    joined: Columns, split: Columns, came: Columns, indicators: Sequence[Indicator]
) -> tuple[Outcome, ...]:
    """Compare totals as `joined_totals` gives them."""
    is_found = np.asarray(split["found"], dtype=np.int64) == 1
    outcomes = []
    for place, one in enumerate(indicators):
        first, second = (_by_class(joined, [f"{name}{place}" for name in names]) for names in ("nsq", "ntr"))
        missed, found = (_by_class(split, [f"{name}{place}" for name in "nsq"], rows) for rows in (~is_found, is_found))
        outcome = _outcome(one, first, second, lost_groups=(missed, found))
        outcomes.append(replace(outcome, came=_by_class(came, [f"{name}{place}" for name in "nsq"])))
    return tuple(outcomes)


def _by_class(columns: Columns, names: Sequence[str], rows: NDArray[np.bool_] | None = None) -> Group:
    clusters = np.asarray(columns["cluster"], dtype=np.int64)
    kept = np.ones(len(clusters), dtype=bool) if rows is None else rows
    n, value, square = (floats(columns[name])[kept] for name in names)
    return Group(cluster=clusters[kept], totals=_totals(n, value, square))


def _outcome(one: Indicator, first: Group, second: Group, *, lost_groups: tuple[Group, Group] | None = None) -> Outcome:
    is_share = one.measure is Measure.PERCENT
    return Outcome(
        indicator=one,
        first=first,
        second=second,
        comparison=compare(first, second, is_share=is_share),
        lost=None if lost_groups is None else compare(*lost_groups, is_share=is_share),
        lost_groups=lost_groups,
    )


def _clusters(before: Columns, after: Columns) -> tuple[Indices, Indices]:
    """Number the clusters of both files: grades of schools where enough are in both, else each class by itself."""
    names = [
        [(str(site), str(level), int(grade)) for site, level, grade in zip(*(side[key] for key in _BLOCK), strict=True)]
        for side in (before, after)
    ]
    if len(set(names[0]) & set(names[1])) >= MIN_BLOCKS:
        number = {name: place for place, name in enumerate(sorted({*names[0], *names[1]}))}
        return _numbered(names[0], number), _numbered(names[1], number)
    first = np.unique(np.asarray(before["cluster"], dtype=np.int64), return_inverse=True)[1]
    second = np.unique(np.asarray(after["cluster"], dtype=np.int64), return_inverse=True)[1]
    return np.asarray(first, dtype=np.int64), np.asarray(second + len(first), dtype=np.int64)


def _numbered(names: Sequence[tuple[str, str, int]], number: Mapping[tuple[str, str, int], int]) -> Indices:
    return np.array([number[name] for name in names], dtype=np.int64)


def _group(side: Columns, place: int, ids: Indices) -> Group:
    clusters, at = np.unique(ids, return_inverse=True)

    def added(name: str) -> Floats:
        return np.bincount(at, weights=floats(side[f"{name}{place}"]), minlength=len(clusters)).astype(np.float64)

    return Group(cluster=clusters, totals=_totals(added("n"), added("s"), added("q")))


def _totals(n: Floats, value: Floats, square: Floats) -> ClusterTotals:
    return ClusterTotals(stratum=np.zeros(len(n), dtype=np.int64), n=n, weight=n, value=value, square=square)


def joined_totals(
    before: Path, after: Path, indicators: Sequence[Indicator], *, address: str = DUCKDB
) -> tuple[Columns, Columns, Columns]:
    """Add up the pupils found again, everybody before by whether they were, and who answered only after.

    Returns:
        Three tables with the columns ``cluster``, ``site_code`` and, for the indicator of index i, ``n<i>`` valid
        answers, ``s<i>`` and ``q<i>`` the sums of their values and squares. The first two are of the classes and the
        answers before: one counts pupils with both answers and has ``t<i>`` and ``r<i>``, the same sums after; one
        tells apart who was ``found``, 1 or 0. The third is of the classes and answers after, of who had none before.
    """
    places = range(len(indicators))
    values = [value_of(one, catalogue().zero_if) for one in indicators]
    with open_engine(address) as engine:
        first, second = (frame_of(engine, path, indicators).filter(nw.col("kept")) for path in (before, after))
        one = first.select(LINK, "cluster", "site_code", **{f"v{place}": values[place] for place in places})
        later = second.select(LINK, "cluster", "site_code", **{f"w{place}": values[place] for place in places})
        other = later.filter(~nw.col(LINK).is_null()).select(LINK, *(f"w{place}" for place in places))
        joined = one.filter(~nw.col(LINK).is_null()).join(other, on=LINK, how="inner")
        sums = [total for place in places for total in _sums_of_both(place).items()]
        totals = engine.fetch(joined.group_by("cluster", "site_code").agg(**dict(sums)))
        marked = one.join(other.select(LINK, found=nw.lit(1)), on=LINK, how="left")
        marked = marked.with_columns(found=nw.col("found").fill_null(0))
        sums = [total for place in places for total in _sums_of(nw.col(f"v{place}"), place, "nsq").items()]
        split = engine.fetch(marked.group_by("cluster", "site_code", "found").agg(**dict(sums)))
        earlier = one.filter(~nw.col(LINK).is_null()).select(LINK, *(f"v{place}" for place in places))
        both = later.join(earlier, on=LINK, how="left")
        sums = [total for place in places for total in _sums_of_new(place).items()]
        came = engine.fetch(both.group_by("cluster", "site_code").agg(**dict(sums)))
    return totals, split, came


def _sums_of(value: nw.Expr, place: int, names: str) -> dict[str, nw.Expr]:
    return {
        f"{name}{place}": total
        for name, total in zip(names, (value.count(), value.sum(), (value * value).sum()), strict=True)
    }


def _sums_of_new(place: int) -> dict[str, nw.Expr]:
    """Write the sums over those whose answer is valid after, and was not before."""
    return _sums_of(nw.when(nw.col(f"v{place}").is_null()).then(nw.col(f"w{place}")), place, "nsq")


def _sums_of_both(place: int) -> dict[str, nw.Expr]:
    """Write the sums over those whose answer is valid before and after."""
    before, after = nw.col(f"v{place}"), nw.col(f"w{place}")
    is_known = ~before.is_null() & ~after.is_null()
    return {
        **_sums_of(nw.when(is_known).then(after), place, "ntr"),
        **_sums_of(nw.when(is_known).then(before), place, "nsq"),
    }

"""Estimates from anybody's microdata file, so that others can check our method on data of their own.

A table with the names in its first row (CSV, plain or gzip, any usual delimiter), a Parquet file, or one of SPSS,
Stata or SAS is read as text (`microdata_files`) and grouped by DuckDB; the kernel is `estimates`. What to
estimate is a condition on columns whose share is wanted, e.g. ``qn45 == 1`` or ``13 <= age < 16 and not sex == "F"``,
or a column of numbers whose mean is wanted. A condition is parsed, never run: names, numbers, texts, comparisons,
``in``, ``is None`` for a missing value, ``and``, ``or``, ``not``, and no more.

Rules for what is not a plain value:

* A text is compared as it is written, blanks included; around a number blanks do not count.
* Empty, blank, ``NA`` (R), ``.`` (SAS, Stata) and ``NaN`` are missing, in every column; `missing` names more.
* A missing value makes a condition undecided, and the record is then not valid, unless the rest decides it.
* A value that is no number where a number is compared or averaged, or a weight that is negative or endless, is an
  error with its row and column; so is an empty cluster, stratum, weight or population, and a column whose name stands
  in the file twice.
* Clusters and strata are names: blanks around them do not count, and 10.0 is 10; 01 is not 1.
* A record of weight nought stands for nobody: it is no valid answer. A cluster of such records alone gives no degree of
  freedom, though it stays in its stratum (as in R's `survey`).
* A stratum of a single cluster is an error, unless `lonely` names a rule or all its clusters took part.
* The groups are those of the whole design: a cluster without anybody of a group counts as a cluster all the same.
* A question to which no record at all has a valid answer is an error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.engines import connect
from prevention.indicators.estimates import (
    ClusterTotals,
    Estimate,
    LonelyStratum,
    SingleClusterStratum,
    estimate_mean,
    logit_interval,
    t_interval,
    with_few_clusters,
)
from prevention.indicators.microdata_conditions import Condition, column_of, number_of, quoted, quoted_text
from prevention.indicators.microdata_files import BadMicrodata, Columns, open_file, words_of

__all__ = ["Answer", "BadMicrodata", "Question", "estimate_each", "estimate_file"]

# What programs write for "no value"; an empty field and one of blanks are no value either.
MISSING = ("", "NA", ".", "NaN")

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of a file: the share of `of`, or the mean of `mean` (one of the two).

    Attributes:
        of: the condition whose share is wanted.
        mean: the column of numbers whose mean is wanted.
        valid: which records have a valid answer; None takes those where `of` can be decided, or `mean` is there.
        cluster, stratum, weight: columns of the design; None stands for each record its own cluster, one stratum,
            weights of one. Cluster numbers may start again in each stratum.
        population: column with the number of clusters that there are in the record's stratum, for surveys that
            took a large part of them, or all.
        by: columns of the groups, crossed; none estimates the whole.
        lonely: what to do with a stratum of one cluster.
        few_clusters: take Satterthwaite's degrees of freedom below 40 clusters (`estimates`).
        missing: further words for "no value".
    """

    of: str | None = None
    mean: str | None = None
    valid: str | None = None
    cluster: str | None = None
    stratum: str | None = None
    weight: str | None = None
    population: str | None = None
    by: tuple[str, ...] = ()
    lonely: LonelyStratum = LonelyStratum.REFUSE
    few_clusters: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One group's figure; `group` holds the values of the `by` columns in their order, None where one is missing."""

    group: tuple[str | None, ...]
    estimate: Estimate
    interval: tuple[float, float] | None


def estimate_file(path: Path, question: Question) -> tuple[Answer, ...]:
    """Estimate a share or mean in a file, in the order of the groups' values; groups without a valid record are out.

    Raises:
        BadMicrodata: no such file, column, condition; a value that cannot be used; a stratum of one cluster.
    """
    return estimate_each(path, [question])[0]


def estimate_each(path: Path, questions: Sequence[Question]) -> list[tuple[Answer, ...]]:
    """Estimate many shares and means in a file that is read once; see `estimate_file`.

    Their words for "no value" are those of the first question.

    Raises:
        BadMicrodata: one of them cannot be answered.
    """
    import duckdb

    try:
        with connect() as engine:
            columns = open_file(engine, path)
            wanted = [_Wanted.of(question, columns) for question in questions]
            names = sorted({name for one in wanted for name in one.names})
            _read(engine, names, questions[0].missing if questions else ())
            for condition, name, why in dict.fromkeys(check for one in wanted for check in _checks(one, columns)):
                _refuse(engine, condition, name, why)
            found = [(one.question, _group(engine, one, columns)) for one in wanted]
    except duckdb.Error as error:
        raise BadMicrodata(words_of(error, path)) from error
    answers = [tuple(_answers(sums, question)) for question, sums in found]
    if not all(answers):
        raise BadMicrodata(f"{path.name}: no record has a valid answer")
    return answers


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """A question in the words of the engine: the value of a record, when it is valid, and the columns it reads."""

    question: Question
    value: str
    valid: str
    names: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, question: Question, columns: Columns) -> "_Wanted":
        if (question.of is None) == (question.mean is None):
            raise BadMicrodata("ask for the share of a condition or for the mean of a column: one of the two")
        condition = Condition(columns)
        value, is_known = _value(question, condition, columns)
        valid = condition.sql(question.valid) if question.valid else is_known
        design = [name for name in (question.cluster, question.stratum, question.weight, question.population) if name]
        for name in (*question.by, *design):
            column_of(name, columns)
        names = frozenset({*condition.names, *design, *question.by})
        return cls(question=question, value=value, valid=valid, names=names, numbers=frozenset(condition.numbers))


def _group(engine: "duckdb.DuckDBPyConnection", wanted: _Wanted, columns: Columns) -> dict[str, NDArray[Any]]:
    """Add up the file by group, stratum and cluster: columns g0, g1 …, stratum, cluster, n, w, y, q, fewest, most."""
    question, value, valid = wanted.question, wanted.value, wanted.valid
    weight = number_of(question.weight, columns) if question.weight else "1.0"
    population = number_of(question.population, columns) if question.population else "NULL"
    groups = [column_of(name, columns) for name in question.by]
    # Names and texts are quoted and conditions were parsed: nothing of the question gets here as it was written.
    return engine.execute(
        f"""
            SELECT {"".join(f"{group} AS g{index}, " for index, group in enumerate(groups))}
                   {_name(question.stratum, columns) if question.stratum else "''"} AS stratum,
                   {_name(question.cluster, columns) if question.cluster else '"row number"'} AS cluster,
                   COUNT(*) FILTER ({valid} AND {weight} > 0) AS n, MAX({weight}) AS heaviest,
                   COALESCE(SUM({weight}) FILTER ({valid}), 0) AS w,
                   COALESCE(SUM({weight} * {value}) FILTER ({valid}), 0) AS y,
                   COALESCE(SUM({weight} * {value} * {value}) FILTER ({valid}), 0) AS q,
                   MIN({population}) AS fewest, MAX({population}) AS most
            FROM records GROUP BY ALL
            ORDER BY {"".join(f"g{index} NULLS LAST, " for index in range(len(groups)))} stratum, cluster
        """  # noqa: S608
    ).fetchnumpy()


def _read(engine: "duckdb.DuckDBPyConnection", names: list[str], missing: Sequence[str]) -> None:
    """Read what is asked about into the table `records`, once: a missing value is NULL."""
    words = ", ".join(quoted_text(word.strip()) for word in (*MISSING, *missing))
    cleaned = "".join(
        f", CASE WHEN TRIM({name}) NOT IN ({words}) THEN {name} END AS {name}" for name in map(quoted, names)
    )
    # The names stand in row 1 of a table made by hand; so do they in the counting here.
    engine.execute(f'CREATE TEMP TABLE records AS SELECT row_number() OVER () + 1 AS "row number"{cleaned} FROM file')  # noqa: S608


def _value(question: Question, condition: Condition, columns: Columns) -> tuple[str, str]:
    """Write the value of a record and the condition that it is known."""
    if question.mean is not None:
        value = number_of(question.mean, columns)
        condition.names.add(question.mean)
        condition.numbers.add(question.mean)
        return value, f"{value} IS NOT NULL"
    of = condition.sql(question.of or "")
    return f"CASE WHEN {of} THEN 1.0 ELSE 0.0 END", f"({of}) IS NOT NULL"


def _answers(found: dict[str, NDArray[Any]], question: Question) -> Iterator[Answer]:
    places = list(zip(found["stratum"], found["cluster"], strict=True))
    index = {place: number for number, place in enumerate(dict.fromkeys(places))}
    strata = list(dict.fromkeys(stratum for stratum, _cluster in index))
    stratum_of = {stratum: number for number, stratum in enumerate(strata)}
    stratum = np.array([stratum_of[one] for one, _cluster in index], dtype=np.int64)
    at = np.array([index[place] for place in places], dtype=np.int64)
    fraction = _fraction(found, question, stratum, at, strata)
    counts = np.zeros(len(index), dtype=bool)
    counts[at[np.asarray(found["heaviest"], dtype=np.float64) > 0]] = True
    df = int(counts.sum()) - len(np.unique(stratum[counts]))
    labels = _labels(found, question)
    for label in dict.fromkeys(labels):
        rows = np.array([one == label for one in labels])

        def spread(name: str, rows: NDArray[Any] = rows) -> NDArray[np.float64]:
            values = np.zeros(len(index))
            values[at[rows]] = found[name][rows]
            return values

        totals = ClusterTotals(
            stratum=stratum, n=spread("n"), weight=spread("w"), value=spread("y"), square=spread("q")
        )
        try:
            estimate = estimate_mean(totals, lonely=question.lonely, fraction=fraction)
        except SingleClusterStratum as error:
            names = ", ".join(str(strata[number]) for number in error.strata)
            raise BadMicrodata(f"stratum {names}: a single cluster, so its variance cannot be known") from error
        if estimate is None:
            continue
        estimate = replace(estimate, df=df)
        if question.few_clusters:
            estimate = with_few_clusters(estimate, totals)
        interval = logit_interval(estimate) if question.mean is None else t_interval(estimate)
        yield Answer(group=label, estimate=estimate, interval=interval)


def _labels(found: dict[str, NDArray[Any]], question: Question) -> list[tuple[str | None, ...]]:
    columns = [found[f"g{index}"] for index in range(len(question.by))]
    return [
        tuple(None if value is np.ma.masked or value is None else str(value) for value in row)
        for row in (zip(*columns, strict=True) if columns else [()] * len(found["n"]))
    ]


def _fraction(
    found: dict[str, NDArray[Any]],
    question: Question,
    stratum: NDArray[np.int64],
    at: NDArray[np.int64],
    strata: list[Any],
) -> NDArray[np.float64] | None:
    """Give the share of each stratum's clusters that took part; None where nobody said how many there are."""
    if question.population is None:
        return None
    taken = np.bincount(stratum).astype(np.float64)
    lowest, highest = np.full(len(taken), np.inf), np.zeros(len(taken))
    np.minimum.at(lowest, stratum[at], np.asarray(found["fewest"], dtype=np.float64))
    np.maximum.at(highest, stratum[at], np.asarray(found["most"], dtype=np.float64))
    for number in np.flatnonzero((lowest != highest) | (lowest < taken)):
        why = "several numbers of clusters" if lowest[number] != highest[number] else "more clusters than there are"
        raise BadMicrodata(f"stratum {strata[number]}, column {question.population}: {why}")
    return np.asarray(taken / lowest)


def _checks(wanted: _Wanted, columns: Columns) -> Iterator[tuple[str, str, str]]:
    """List what must be true of no record: the condition, its column, and what is wrong with it."""
    question = wanted.question
    for name in sorted(wanted.numbers):
        yield f"{number_of(name, columns)} IS NULL AND {quoted(name)} IS NOT NULL", name, "is no number"
        yield f"NOT isfinite({number_of(name, columns)})", name, "is no number"
    for one in (question.cluster, question.stratum, question.weight, question.population):
        if one is not None:
            yield f"{column_of(one, columns)} IS NULL", one, "is empty"
    for one, why in ((question.weight, "is no weight"), (question.population, "is no number of clusters")):
        if one is not None:
            number = number_of(one, columns)
            yield f"{number} IS NULL", one, "is no number"
            yield f"{number} < 0 OR NOT isfinite({number})", one, why


def _refuse(engine: "duckdb.DuckDBPyConnection", condition: str, name: str, why: str) -> None:
    bad = engine.execute(
        f'SELECT "row number", {quoted(name)} FROM records WHERE {condition} ORDER BY 1 LIMIT 1'  # noqa: S608  # quoted
    ).fetchone()
    if bad is not None:
        value = "" if bad[1] is None else f" {bad[1]!r}"
        raise BadMicrodata(f"row {bad[0]}, column {name}:{value} {why}")


def _name(column: str, columns: Columns) -> str:
    """Write a cluster or stratum so that 10 and 10.0 are one; never as a number, which would merge long ids."""
    return f"regexp_replace(TRIM({column_of(column, columns)}), '^([+-]?[0-9]+)[.]0*$', '\\1')"

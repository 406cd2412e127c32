"""Estimates from anybody's microdata file, so that others can check our method on data of their own.

A CSV file (plain or gzip, first row the names) is read as text and grouped by DuckDB; the kernel is `estimates`. What
to estimate is written as a condition on columns, e.g. ``qn45 == 1`` or ``age in (14, 15) and not sex == "F"``. A
condition is parsed, never run: names, numbers, texts, comparisons, ``in``, ``and``, ``or``, ``not``, and no more.

An empty value is missing. A value that is no number where a number is compared is an error with its row and column.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from prevention.indicators.engine import connect
from prevention.indicators.estimates import (
    ClusterTotals,
    Estimate,
    LonelyStratum,
    SingleClusterStratum,
    estimate_mean,
    logit_interval,
)

_OPERATORS = {ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class BadMicrodata(ValueError):
    """The file or the question cannot be used; the text says where and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of a file.

    Attributes:
        of: the condition whose share is wanted.
        valid: which records have a valid answer; None takes those where `of` can be decided.
        cluster, stratum, weight: columns of the design; None stands for each record its own cluster, one stratum,
            weights of one. Cluster numbers may start again in each stratum.
        by: column of the groups; None estimates the whole.
        lonely: what to do with a stratum of one cluster.
    """

    of: str
    valid: str | None = None
    cluster: str | None = None
    stratum: str | None = None
    weight: str | None = None
    by: str | None = None
    lonely: LonelyStratum = LonelyStratum.REFUSE


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One group's figure; `group` is the value of the `by` column, None for the whole or where it is empty."""

    group: str | None
    estimate: Estimate
    interval: tuple[float, float] | None


def estimate_file(path: Path, question: Question) -> tuple[Answer, ...]:
    """Estimate a share in a file, in the order of the groups' values; groups without a valid record are left out.

    Raises:
        BadMicrodata: no such file, column, condition; a value that cannot be used; a stratum of one cluster.
    """
    try:
        with connect() as engine:
            found = _group(engine, path, question)
    except duckdb.Error as error:
        raise BadMicrodata(f"{path}: {str(error).splitlines()[0]}") from error
    return tuple(_answers(found, question))


def _group(engine: duckdb.DuckDBPyConnection, path: Path, question: Question) -> dict[str, NDArray[Any]]:
    """Add up the file by group, stratum and cluster: columns label, stratum, cluster, n, w, y."""
    # Names and texts are quoted and conditions were parsed: nothing of the question gets here as it was written.
    source = f"read_csv({_text(str(path))}, header = true, all_varchar = true, nullstr = '')"
    engine.execute(f'CREATE TEMP VIEW records AS SELECT row_number() OVER () + 1 AS "row number", * FROM {source}')  # noqa: S608
    columns = {str(row[0]) for row in engine.execute("DESCRIBE records").fetchall()}
    condition = _Condition(columns)
    of = condition.sql(question.of)
    valid = condition.sql(question.valid) if question.valid else f"({of}) IS NOT NULL"
    weight = _number(question.weight, columns) if question.weight else "1.0"
    _check_values(engine, sorted(condition.numbers), question, columns)
    return engine.execute(
        f"""
            SELECT {_column(question.by, columns) if question.by else "NULL"} AS label,
                   {_column(question.stratum, columns) if question.stratum else "''"} AS stratum,
                   {_column(question.cluster, columns) if question.cluster else '"row number"'} AS cluster,
                   COUNT(*) FILTER ({valid}) AS n,
                   COALESCE(SUM({weight}) FILTER ({valid}), 0) AS w,
                   COALESCE(SUM({weight}) FILTER (({valid}) AND ({of})), 0) AS y
            FROM records GROUP BY ALL ORDER BY label NULLS LAST, stratum, cluster
        """  # noqa: S608
    ).fetchnumpy()


def _answers(found: dict[str, NDArray[Any]], question: Question) -> Iterator[Answer]:
    places = list(zip(found["stratum"], found["cluster"], strict=True))
    index = {place: number for number, place in enumerate(dict.fromkeys(places))}
    strata = list(dict.fromkeys(stratum for stratum, _cluster in index))
    stratum_of = {stratum: number for number, stratum in enumerate(strata)}
    stratum = np.array([stratum_of[one] for one, _cluster in index], dtype=np.int64)
    at = np.array([index[place] for place in places], dtype=np.int64)
    labels = [None if label is np.ma.masked or label is None else str(label) for label in found["label"]]
    for label in dict.fromkeys(labels):
        rows = np.array([one == label for one in labels])

        def spread(name: str, rows: NDArray[Any] = rows) -> NDArray[np.float64]:
            values = np.zeros(len(index))
            values[at[rows]] = found[name][rows]
            return values

        totals = ClusterTotals(
            stratum=stratum, n=spread("n"), weight=spread("w"), value=spread("y"), square=spread("y")
        )
        try:
            estimate = estimate_mean(totals, lonely=question.lonely)
        except SingleClusterStratum as error:
            names = ", ".join(str(strata[number]) for number in error.strata)
            raise BadMicrodata(f"stratum {names}: a single cluster, so its variance cannot be known") from error
        if estimate is not None:
            yield Answer(group=label, estimate=estimate, interval=logit_interval(estimate))


def _check_values(engine: duckdb.DuckDBPyConnection, numbers: list[str], question: Question, columns: set[str]) -> None:
    for name in numbers:
        _refuse(engine, f"{_number(name, columns)} IS NULL AND {_quoted(name)} IS NOT NULL", name, "is no number")
    for one in (question.cluster, question.stratum, question.weight):
        if one is not None:
            _refuse(engine, f"{_column(one, columns)} IS NULL", one, "is empty")
    if question.weight is not None:
        number = _number(question.weight, columns)
        _refuse(engine, f"{number} IS NULL", question.weight, "is no number")
        _refuse(engine, f"{number} < 0 OR NOT isfinite({number})", question.weight, "is no weight")


def _refuse(engine: duckdb.DuckDBPyConnection, condition: str, name: str, why: str) -> None:
    bad = engine.execute(
        f'SELECT "row number", {_quoted(name)} FROM records WHERE {condition} ORDER BY 1 LIMIT 1'  # noqa: S608
    ).fetchone()
    if bad is not None:
        value = "" if bad[1] is None else f" {bad[1]!r}"
        raise BadMicrodata(f"row {bad[0]}, column {name}:{value} {why}")


def _column(name: str, columns: set[str]) -> str:
    if name not in columns:
        raise BadMicrodata(f"no column {name!r} in the file")
    return _quoted(name)


def _number(name: str, columns: set[str]) -> str:
    return f"TRY_CAST({_column(name, columns)} AS DOUBLE)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class _Condition:
    """Turns conditions into SQL; `numbers` gathers the columns that are compared with numbers."""

    def __init__(self, columns: set[str]) -> None:
        self._columns = columns
        self.numbers: set[str] = set()

    def sql(self, text: str) -> str:
        try:
            return self._any(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, BadMicrodata):
                raise
            raise BadMicrodata(f"no condition: {text!r}") from error

    def _any(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                word = " AND " if isinstance(op, ast.And) else " OR "
                return f"({word.join(self._any(value) for value in values)})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(NOT {self._any(operand)})"
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[other]):
                return self._comparison(name, op, other)
        raise BadMicrodata(f"no condition: {ast.unparse(node)!r}")

    def _comparison(self, name: str, op: ast.cmpop, other: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn) and isinstance(other, ast.Tuple | ast.List) and other.elts:
            word = "IN" if isinstance(op, ast.In) else "NOT IN"
            values = [_constant(value) for value in other.elts]
            return f"({self._side(name, values)} {word} ({', '.join(map(_literal, values))}))"
        if type(op) in _OPERATORS:
            value = _constant(other)
            return f"({self._side(name, [value])} {_OPERATORS[type(op)]} {_literal(value)})"
        raise BadMicrodata(f"no comparison: {name} {type(op).__name__}")

    def _side(self, name: str, values: list[float | str]) -> str:
        kinds = {isinstance(value, str) for value in values}
        if len(kinds) > 1:
            raise BadMicrodata(f"{name} is compared with numbers and texts at once")
        if kinds == {True}:
            return _column(name, self._columns)
        number = _number(name, self._columns)
        self.numbers.add(name)
        return number


def _constant(node: ast.expr) -> float | str:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=str() | int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    raise BadMicrodata(f"no number and no text: {ast.unparse(node)!r}")


def _literal(value: float | str) -> str:
    return _text(value) if isinstance(value, str) else f"CAST({value!r} AS DOUBLE)"

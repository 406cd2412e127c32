"""Conditions on the columns of a microdata file: parsed, never run, and written in the words of the engine. Pure.

Names, numbers, texts, comparisons, ``in``, ``is None`` for a missing value, ``and``, ``or``, ``not``, and no more.
"""

import ast
import difflib

from prevention.indicators.microdata_files import BadMicrodata, Columns

# So many columns of a file are named to somebody who asked for one that is not there.
_NAMES_SHOWN = 12

_OPERATORS = {ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}

# What a comparison is when its sides are changed.
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq, ast.NotEq: ast.NotEq, ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE
}  # fmt: skip


class Condition:
    """Turns conditions into SQL; `names` gathers their columns, `numbers` those that are compared with numbers."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.names: set[str] = set()
        self.numbers: set[str] = set()

    def sql(self, text: str) -> str:
        """Write a condition; `BadMicrodata` where it is none, or names a column that is not there."""
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
            case ast.Compare(left=first, ops=[op, *more], comparators=[ast.Name(id=name) as middle, *others]) if (
                len(more) <= 1 and type(op) in _TURNED
            ):
                # A value before the name, and perhaps another after it: 13 <= age < 16.
                parts = [self._comparison(name, _TURNED[type(op)](), first)]
                if more:
                    parts.append(self._any(ast.Compare(left=middle, ops=more, comparators=others)))
                return f"({' AND '.join(parts)})"
        raise BadMicrodata(f"no condition: {ast.unparse(node)!r}")

    def _comparison(self, name: str, op: ast.cmpop, other: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn) and isinstance(other, ast.Tuple | ast.List) and other.elts:
            word = "IN" if isinstance(op, ast.In) else "NOT IN"
            values = [_constant(value) for value in other.elts]
            return f"({self._side(name, values)} {word} ({', '.join(map(_literal, values))}))"
        if isinstance(op, ast.Is | ast.IsNot) and isinstance(other, ast.Constant) and other.value is None:
            self.names.add(name)
            return f"({column_of(name, self._columns)} IS {'NOT ' if isinstance(op, ast.IsNot) else ''}NULL)"
        if type(op) in _OPERATORS:
            value = _constant(other)
            return f"({self._side(name, [value])} {_OPERATORS[type(op)]} {_literal(value)})"
        raise BadMicrodata(f"no comparison: {name} {type(op).__name__}")

    def _side(self, name: str, values: list[float | str]) -> str:
        column, number = column_of(name, self._columns), number_of(name, self._columns)
        self.names.add(name)
        kinds = {isinstance(value, str) for value in values}
        if len(kinds) > 1:
            raise BadMicrodata(f"{name} is compared with numbers and texts at once")
        if kinds == {True}:
            return column
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
    return quoted_text(value) if isinstance(value, str) else f"CAST({value!r} AS DOUBLE)"


def column_of(name: str, columns: Columns) -> str:
    """Write the name of a column; `BadMicrodata` where the file has none, or two."""
    if name in columns.twice:
        raise BadMicrodata(f"column {name!r} stands in the file more than once")
    if name not in columns.names:
        near = difflib.get_close_matches(name.lower(), {one.lower() for one in columns.names}, n=1, cutoff=0.75)
        meant = next((one for one in sorted(columns.names) if near and one.lower() == near[0]), None)
        hint = f"; did you mean {meant!r}?" if meant else f", which has: {_some(columns.names)}"
        raise BadMicrodata(f"no column {name!r} in the file{hint}")
    return quoted(name)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")


def number_of(name: str, columns: Columns) -> str:
    """Write a column as a number; what is none is missing."""
    return f"TRY_CAST({column_of(name, columns)} AS DOUBLE)"


def quoted(name: str) -> str:
    """Write a name so that it cannot be anything else."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(value: str) -> str:
    """Write a text so that it cannot be anything else."""
    return "'" + value.replace("'", "''") + "'"

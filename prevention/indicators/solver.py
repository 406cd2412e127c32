"""Linear and integer programmes, solved by HiGHS. Pure; knows nothing of tables.

The solver is loaded when the first programme is: most processes never need it. One thread: the programmes are small and
many, and threads would only wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.estimates import Floats, Indices

if TYPE_CHECKING:
    import highspy  # type: ignore[import-untyped]  # has no stubs

# Multipliers and distances below this are dust of floating point.
DUST = 1e-7
INFINITE = float("inf")
# As HiGHS numbers its simplex methods.
_DUAL, _PRIMAL = 1, 4
# From nothing, a programme of so many columns is sooner solved through its inside than along its edges (one of 10,800
# columns and rows: 1.5 s instead of 7 s); from the corner where that ends, other costs take hundredths of a second.
_LARGE = 2_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rows:
    """A sparse matrix, row by row: row r holds `values[s:e]` in `columns[s:e]`, with s and e from `starts`."""

    starts: Indices
    columns: Indices
    values: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[Sequence[int] | Indices, Sequence[float] | Floats]]) -> "Rows":
        """Put rows together, each given as its columns and their values."""
        lengths = [len(columns) for columns, _values in rows]
        none = np.zeros(0)
        return cls(
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            columns=np.concatenate([none, *(columns for columns, _values in rows)]).astype(np.int64),
            values=np.concatenate([none, *(values for _columns, values in rows)]).astype(np.float64),
        )

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.starts) - 1

    def __add__(self, other: "Rows") -> "Rows":
        """Put other rows below."""
        return Rows(
            starts=np.concatenate([self.starts, self.starts[-1] + other.starts[1:]]),
            columns=np.concatenate([self.columns, other.columns]),
            values=np.concatenate([self.values, other.values]),
        )


class Programme:
    """A linear programme that is solved again and again from where it stood, for other costs and other row limits."""

    def __init__(self, rows: Rows, limits: tuple[Floats, Floats], columns: tuple[Floats, Floats]) -> None:
        """Load a programme: the limits of its rows, and of its columns."""
        self.width = len(columns[0])
        self._columns = np.arange(self.width, dtype=np.int32)
        self._limits = limits
        self._highs = _loaded(rows, limits, columns, costs=np.zeros(self.width))
        # Primal: another cost or a wider limit leaves the last point feasible, and it goes on from there.
        self._highs.setOptionValue("simplex_strategy", _PRIMAL)
        self._highs.setOptionValue("solver", "ipm" if self.width >= _LARGE else "simplex")

    def limit(self, low: Floats, high: Floats) -> None:
        """Change the limits of all rows."""
        changed = np.flatnonzero((low != self._limits[0]) | (high != self._limits[1])).astype(np.int32)
        if len(changed):
            self._highs.changeRowsBounds(len(changed), changed, low[changed], high[changed])
            self._limits = (low, high)

    def lowest(self, cost: Floats) -> tuple[float, Floats, Floats]:
        """Give the lowest cost, the point where it is reached, and the multiplier of each row.

        Raises:
            ArithmeticError: no point is within all limits.
        """
        import highspy

        highs = self._highs
        highs.changeColsCost(self.width, self._columns, cost)
        highs.run()
        highs.setOptionValue("solver", "simplex")
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # Where all but nothing can move, going on from the last point can get stuck: begin afresh, the other way.
            highs.clearSolver()
            highs.setOptionValue("simplex_strategy", _DUAL)
            highs.run()
            highs.setOptionValue("simplex_strategy", _PRIMAL)
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"published numbers contradict each other: {highs.getModelStatus()}")
        solution = highs.getSolution()
        point = np.asarray(solution.col_value)
        return float(cost @ point), point, np.asarray(solution.row_dual)


def cheapest_choice(
    costs: Floats, rows: Rows, least: Floats, *, taken: NDArray[np.bool_], gap: float, most_branches: int
) -> NDArray[np.bool_] | None:
    """Choose columns (each once or not) near the least cost, so that each row adds up to at least so much.

    Args:
        costs: per column.
        rows: the conditions, and `least` what each must reach.
        taken: columns that are chosen in any case.
        gap: how far from the least cost the search may stop, as a share.
        most_branches: after so many the search stops with what it has. By branches and not by time: the same must come
            out on a slower machine.

    Returns:
        None where nothing was found within the bounds.
    """
    import highspy

    highs = _loaded(
        rows, (least, np.full(rows.count, INFINITE)), (taken.astype(np.float64), np.ones(len(costs))), costs=costs
    )
    places = np.arange(len(costs), dtype=np.int32)
    highs.changeColsIntegrality(len(costs), places, np.full(len(costs), highspy.HighsVarType.kInteger))
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("mip_max_nodes", most_branches)
    highs.run()
    if highs.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return None
    chosen: NDArray[np.bool_] = np.asarray(highs.getSolution().col_value) > 0.5
    return chosen


def _loaded(
    rows: Rows, limits: tuple[Floats, Floats], columns: tuple[Floats, Floats], *, costs: Floats
) -> "highspy.Highs":
    import highspy

    model: Any = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.count, len(costs)
    model.col_cost_ = costs
    model.col_lower_, model.col_upper_ = columns
    model.row_lower_, model.row_upper_ = limits
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.starts
    model.a_matrix_.index_ = rows.columns
    model.a_matrix_.value_ = rows.values
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.passModel(model)
    return highs

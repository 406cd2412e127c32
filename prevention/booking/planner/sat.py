"""A model for OR-Tools CP-SAT, written straight into the solver's own message (`cp_model.proto`), and solved.

OR-Tools' comfortable layer (`ortools.sat.python.cp_model`) imports pandas and numpy for tables of variables that are
not used here: that is 100 MiB and more than a second in each process that plans. This module takes the solver and its
message from the same package without that layer. It has only what a repair needs: Booleans, one whole number, four
kinds of constraint, a hint and a sum to make large. The same plans come out, repair by repair, in the same time. What
it builds on is the message, which OR-Tools documents, and a module that it does not promise: the lock file pins the
version, and the tests of this folder solve real models with it.

A variable is its index; `~variable` is its opposite, as in the message (`-index - 1`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

# "No lower bound" in the message.
_LOWEST = -(2**63)
_HIGHEST = 2**63 - 1
Term = tuple[int, int]


class Model:
    """A model while it is built; terms of sums are (variable, factor)."""

    def __init__(self) -> None:
        from ortools.sat.python import cp_model_helper as solver

        self._message = solver.CpModelProto()
        self._count = 0

    def boolean(self) -> int:
        """Add a variable that is 0 or 1."""
        return self.whole_number(0, 1)

    def whole_number(self, least: int, most: int) -> int:
        """Add a variable between two numbers, both included."""
        self._message.variables.add().domain.extend([least, most])
        self._count += 1
        return self._count - 1

    def at_most_one(self, booleans: Iterable[int]) -> None:
        """Let no two of these be true."""
        self._message.constraints.add().at_most_one.literals.extend(list(booleans))

    def at_least_one(self, booleans: Iterable[int]) -> None:
        """Let one of these be true."""
        self._message.constraints.add().bool_or.literals.extend(list(booleans))

    def at_most(self, terms: Sequence[Term], most: int) -> None:
        """Let a sum be no larger than a number."""
        self._sum(terms, _LOWEST, most)

    def at_least(self, terms: Sequence[Term], least: int) -> None:
        """Let a sum be no smaller than a number."""
        self._sum(terms, least, _HIGHEST)

    def hint(self, variable: int, *, value: bool) -> None:
        """Say which value is likely."""
        self._message.solution_hint.vars.append(variable)
        self._message.solution_hint.values.append(int(value))

    def maximise(self, terms: Sequence[Term]) -> None:
        """Say which sum is to be as large as it can; the message knows only sums to make small."""
        factors: Counter[int] = Counter()
        for variable, factor in terms:
            factors[variable] -= factor
        objective = self._message.objective
        objective.vars.extend(list(factors))
        objective.coeffs.extend(list(factors.values()))
        objective.scaling_factor = -1.0

    def solve(self, *, seed: int, work: float) -> list[int] | None:
        """Give a value for each variable, the best found; None where none was.

        Args:
            work: CP-SAT's deterministic time. With one worker and this limit two runs from one seed take the same way.
        """
        from ortools.sat.python import cp_model_helper as solver

        parameters = solver.SatParameters()
        parameters.num_workers = 1
        parameters.random_seed = seed
        parameters.max_deterministic_time = work
        # Tried on kept models: with the full linear relaxation and sums instead of implications most repairs are
        # solved to the end in a third of a second; with CP-SAT's defaults none is after three. Symmetry and probing
        # cost more than they give here.
        parameters.linearization_level = 2
        parameters.symmetry_level = 0
        parameters.cp_model_probing_level = 0
        run: Any = solver.SolveWrapper()
        run.set_parameters(parameters)
        answer = run.solve(self._message)
        if answer.status not in (solver.CpSolverStatus.OPTIMAL, solver.CpSolverStatus.FEASIBLE):
            return None
        return list(answer.solution)

    def _sum(self, terms: Sequence[Term], least: int, most: int) -> None:
        linear = self._message.constraints.add().linear
        linear.vars.extend([variable for variable, _factor in terms])
        linear.coeffs.extend([factor for _variable, factor in terms])
        linear.domain.extend([least, most])

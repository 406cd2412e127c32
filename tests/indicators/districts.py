"""Made-up districts for disclosure tests: schools, classes, sexes, and who says yes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from prevention.indicators.disclosure import Group
from prevention.indicators.domains import domain_tree, estimate, schools_with_answers
from prevention.indicators.engine import ClassFacts, ClassTotals, Sums
from prevention.indicators.estimates import logit_interval

LEVELS = ("primo_grado", "secondo_grado")


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeUpClass:
    """A class: (valid answers, of them yes) of girls, boys and the others."""

    facts: ClassFacts
    girls: tuple[int, int]
    boys: tuple[int, int]
    others: tuple[int, int]


def totals_of(classes: Sequence[MadeUpClass]) -> ClassTotals:
    """Add made-up classes up as the engine would."""
    rows = [
        (index, sex, *pair)
        for index, one in enumerate(classes)
        for sex, pair in enumerate((one.girls, one.boys, one.others))
        if pair[0]
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    n, yes = table[:, 2].astype(float), table[:, 3].astype(float)
    return ClassTotals(
        classes=tuple(one.facts for one in classes),
        class_index=table[:, 0],
        sex=table[:, 1],
        records=n,
        sums={"I01": Sums(n=n, value=yes, square=yes)},
    )


def groups_of(totals: ClassTotals, *, levels: tuple[str, ...] = LEVELS) -> tuple[Group, ...]:
    """Build the groups of the one indicator as the tables are built."""
    found = []
    for domain in domain_tree(totals, levels=levels):
        figure = estimate(domain, totals.sums["I01"], totals)
        rows = domain.rows[totals.sums["I01"].n[domain.rows] > 0]
        found.append(
            Group(
                key=domain.key,
                parent=domain.parent,
                n=int(totals.sums["I01"].n[domain.rows].sum()),
                total=float(totals.sums["I01"].value[domain.rows].sum()),
                classes=len(set(totals.class_index[rows])),
                schools=schools_with_answers(domain, totals.sums["I01"], totals),
                interval=logit_interval(figure) if figure else None,
            )
        )
    return tuple(found)


@st.composite
def districts(draw: st.DrawFn, *, schools_max: int = 7) -> tuple[Group, ...]:
    """Draw a district in which small groups, lone schools and extreme shares are common."""
    rate = draw(st.sampled_from([0.0, 0.03, 0.1, 0.3, 0.6, 0.95, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes: list[MadeUpClass] = []
    for school in range(draw(st.integers(1, schools_max))):
        level = draw(st.sampled_from(LEVELS))
        track = draw(st.sampled_from(["liceo", "tecnico", "professionale", None])) if level == "secondo_grado" else None
        for _ in range(draw(st.integers(1, 4))):
            facts = ClassFacts(site_code=f"S{school}", level=level, track=track, grade=draw(st.integers(1, 3)))
            people = [draw(st.integers(0, most)) for most in (14, 14, 2)]
            pairs = [(n, int(rng.binomial(n, rate))) for n in people]
            classes.append(MadeUpClass(facts=facts, girls=pairs[0], boys=pairs[1], others=pairs[2]))
    return groups_of(totals_of(classes))

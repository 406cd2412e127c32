"""Made-up districts for disclosure tests: schools, classes, sexes, and who says yes to what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from prevention.indicators.disclosure import Group, Sheet
from prevention.indicators.domains import Key, atoms_of, domain_tree, estimate, schools_with_answers
from prevention.indicators.engine import ClassFacts, ClassTotals, Sums
from prevention.indicators.estimates import Floats, logit_interval
from prevention.indicators.linked import Within
from prevention.indicators.policy import Step, policy
from prevention.indicators.published import Measure
from prevention.indicators.tables import within_of

LEVELS = ("primo_grado", "secondo_grado")
# In life, in the past year, in the past month: each lies within the one before.
ASKED = ("lifetime", "year", "month")
PERCENT: Step = policy().step(Measure.PERCENT, (0.0, 1.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeUpClass:
    """A class: per sex how many answered, and per thing asked how many gave a valid answer and how many said yes."""

    facts: ClassFacts
    records: tuple[int, int, int]
    valid: Mapping[str, tuple[int, int, int]]
    yes: Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class District:
    """A district as the gate sees it: a sheet per thing asked, and which lies within which."""

    totals: ClassTotals
    sheets: tuple[Sheet, ...]
    within: tuple[Within, ...]

    def groups(self, asked: int) -> dict[Key, Group]:
        """Give the groups of one thing asked by their keys."""
        return {group.key: group for group in self.sheets[asked].groups}


def totals_of(classes: Sequence[MadeUpClass]) -> ClassTotals:
    """Add made-up classes up as the engine would."""
    rows = [(index, sex) for index, one in enumerate(classes) for sex in range(3) if one.records[sex]]

    def column(pick: str, asked: str) -> Floats:
        return np.array([getattr(classes[index], pick)[asked][sex] for index, sex in rows], dtype=np.float64)

    asked = list(classes[0].valid)
    return ClassTotals(
        classes=tuple(one.facts for one in classes),
        class_index=np.array([index for index, _sex in rows], dtype=np.int64),
        sex=np.array([sex for _index, sex in rows], dtype=np.int64),
        records=np.array([classes[index].records[sex] for index, sex in rows], dtype=np.float64),
        sums={one: Sums(n=column("valid", one), value=column("yes", one), square=column("yes", one)) for one in asked},
    )


def district_of(totals: ClassTotals) -> District:
    """Build the sheets as the tables build them."""
    atoms = atoms_of(totals)
    many = int(atoms.max(initial=-1)) + 1

    def by_atom(values: Floats) -> Floats:
        return np.bincount(atoms, weights=values, minlength=many).astype(np.float64)

    sheets = tuple(
        Sheet(
            groups=groups_of(totals, asked),
            n=by_atom(sums.n),
            total=by_atom(sums.value),
            records=by_atom(totals.records),
            step=PERCENT,
            is_percent=True,
        )
        for asked, sums in totals.sums.items()
    )
    within = tuple(within_of(sheets, number, number - 1) for number in range(1, len(sheets)))
    return District(totals=totals, sheets=sheets, within=within)


def groups_of(totals: ClassTotals, asked: str) -> tuple[Group, ...]:
    """Build the groups of one thing asked as the tables are built."""
    sums, found = totals.sums[asked], []
    for domain in domain_tree(totals, levels=LEVELS):
        figure = estimate(domain, sums, totals)
        rows = domain.rows[sums.n[domain.rows] > 0]
        found.append(
            Group(
                key=domain.key,
                parent=domain.parent,
                n=int(sums.n[domain.rows].sum()),
                total=float(sums.value[domain.rows].sum()),
                classes=len(set(totals.class_index[rows])),
                schools=schools_with_answers(domain, sums, totals),
                atoms=domain.atoms,
                interval=logit_interval(figure) if figure else None,
            )
        )
    return tuple(found)


@st.composite
def made_up_classes(
    draw: st.DrawFn, *, schools_max: int = 6, asked: Sequence[str] = ASKED, least: int = 0
) -> list[MadeUpClass]:
    """Draw classes in which small groups, lone schools and extreme shares are common; `least` pupils of each sex."""
    rate = draw(st.sampled_from([0.0, 0.03, 0.1, 0.3, 0.6, 0.95, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    things = asked[: draw(st.integers(1, len(asked)))]
    classes: list[MadeUpClass] = []
    for school in range(draw(st.integers(1, schools_max))):
        level = draw(st.sampled_from(LEVELS))
        track = draw(st.sampled_from(["liceo", "tecnico", "professionale", None])) if level == "secondo_grado" else None
        town = draw(st.sampled_from(["019036", "019035"]))
        for _ in range(draw(st.integers(1, 4))):
            facts = ClassFacts(
                site_code=f"S{school}", level=level, track=track, grade=draw(st.integers(1, 3)), municipality=town
            )
            people = [draw(st.integers(least, most)) for most in (14, 14, 2)]
            classes.append(_answered(facts, people, things, rate, rng))
    return classes


def _answered(
    facts: ClassFacts, people: Sequence[int], things: Sequence[str], rate: float, rng: np.random.Generator
) -> MadeUpClass:
    valid: dict[str, tuple[int, int, int]] = {}
    yes: dict[str, tuple[int, int, int]] = {}
    before = [int(rng.binomial(n, rate)) for n in people]
    for place, thing in enumerate(things):
        missing = [int(rng.binomial(n - some, 0.05)) for n, some in zip(people, before, strict=True)]
        said = before if place == 0 else [int(rng.binomial(some, 0.6)) for some in before]
        valid[thing] = (people[0] - missing[0], people[1] - missing[1], people[2] - missing[2])
        yes[thing] = (said[0], said[1], said[2])
        before = said
    return MadeUpClass(facts=facts, records=(people[0], people[1], people[2]), valid=valid, yes=yes)


def districts(*, schools_max: int = 6, asked: Sequence[str] = ASKED, least: int = 0) -> st.SearchStrategy[District]:
    """Draw districts in which small groups, lone schools and extreme shares are common."""
    classes = made_up_classes(schools_max=schools_max, asked=asked, least=least)
    return classes.map(lambda some: district_of(totals_of(some)))

"""What may be shown, group by group; and that nothing hidden can be worked out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prevention.indicators.disclosure import Group, Sheet, Show, Verdict, decide
from prevention.indicators.domains import ROOT, Key
from prevention.indicators.linked import search
from prevention.indicators.policy import policy
from prevention.indicators.published import Dimension, Measure, Reason
from tests.indicators.attacker import Attack, as_wide_as, splits_of
from tests.indicators.districts import District, districts

POLICY = policy()
PERCENT = POLICY.step(Measure.PERCENT, (0.0, 1.0))

FEMALE: Key = (Dimension.SEX, "female")
MALE: Key = (Dimension.SEX, "male")
OTHER: Key = (Dimension.SEX, "other")


def sheet(*groups: Group, is_percent: bool = True) -> Sheet:
    """Make a sheet of groups written by hand, which fall into parts in one way only: the last parts are the atoms."""
    parents = {one.parent for one in groups}
    leaves = [one for one in groups if one.key not in parents]

    def atoms(of: Key) -> tuple[int, ...]:
        below = [number for one in groups if one.parent == of for number in atoms(one.key)]
        return tuple(below) or tuple(number for number, leaf in enumerate(leaves) if leaf.key == of)

    return Sheet(
        groups=tuple(replace(one, atoms=atoms(one.key)) for one in groups),
        n=np.array([leaf.n for leaf in leaves], dtype=np.float64),
        total=np.array([leaf.total for leaf in leaves], dtype=np.float64),
        step=PERCENT,
        is_percent=is_percent,
    )


def judged(*groups: Group, is_percent: bool = True) -> dict[Key, Verdict]:
    return decide([sheet(*groups, is_percent=is_percent)], policy=POLICY)[0]


def attack_on(district: District, verdicts: list[dict[Key, Verdict]], *, is_public: bool) -> Attack:
    attack = Attack(
        sizes=[one.n.tolist() for one in district.sheets],
        implies=[(one.inner, one.outer, one.slack.tolist()) for one in district.within],
    )
    for asked, found in enumerate(verdicts):
        attack.read_verdicts(asked, district.groups(asked), found, is_public=is_public)
    return attack


def group(key: Key, n: int, yes: float, *, parent: Key | None = ROOT, classes: int = 4, schools: int = 2) -> Group:
    return Group(key=key, parent=parent, n=n, total=yes, classes=classes, schools=schools, atoms=())


def whole(n: int, yes: float, *, classes: int = 4, schools: int = 2) -> Group:
    return group(ROOT, n, yes, parent=None, classes=classes, schools=schools)


@pytest.mark.parametrize(
    ("n", "yes", "classes", "show", "reason"),
    [
        (19, 10, 4, Show.NOTHING, Reason.FEW_ANSWERS),
        (20, 10, 4, Show.NUMBER, None),
        (25, 10, 1, Show.NOTHING, Reason.ONE_CLASS),
        (25, 10, 2, Show.NUMBER, None),
        (40, 0, 4, Show.BOTTOM, Reason.SMALL_NUMBER),
        (40, 4, 4, Show.BOTTOM, Reason.SMALL_NUMBER),
        (40, 5, 4, Show.NUMBER, None),
        (40, 35, 4, Show.NUMBER, None),
        (40, 36, 4, Show.TOP, Reason.SMALL_NUMBER),
        (40, 40, 4, Show.TOP, Reason.SMALL_NUMBER),
    ],
)
def test_a_total_is_judged_by_its_answers_its_classes_and_how_many_said_yes(
    n: int, yes: int, classes: int, show: Show, reason: Reason | None
) -> None:
    verdict = judged(whole(n, yes, classes=classes))[ROOT]

    assert (show, reason) == (verdict.show, verdict.reason)


@pytest.mark.parametrize(
    ("n", "schools", "show", "reason"),
    [
        (9, 2, Show.NOTHING, Reason.FEW_ANSWERS),
        (10, 2, Show.NUMBER, None),
        (19, 1, Show.NOTHING, Reason.FEW_ANSWERS),
        (200, 1, Show.NOTHING, Reason.ONE_SCHOOL),
    ],
)
def test_a_grade_wants_ten_answers_from_two_schools(n: int, schools: int, show: Show, reason: Reason | None) -> None:
    grade: Key = (Dimension.GRADE, "secondo_grado-1")
    others = [group((Dimension.GRADE, f"secondo_grado-{number}"), 900, 400) for number in (2, 3)]

    verdict = judged(whole(n + 1800, n / 2 + 800), group(grade, n, n / 2, schools=schools), *others)[grade]

    assert (show, reason) == (verdict.show, verdict.reason)


def test_percentages_of_small_groups_are_multiples_of_five() -> None:
    sexes = [group(FEMALE, 49, 20), group(MALE, 50, 20), group(OTHER, 12, 6)]

    verdicts = judged(whole(111, 46), *sexes)

    assert (0.01, 0.05, 0.01) == (verdicts[ROOT].step, verdicts[FEMALE].step, verdicts[MALE].step)


def test_zero_and_four_of_forty_look_the_same() -> None:
    assert judged(whole(40, 0)) == judged(whole(40, 4))


def test_a_hidden_sex_is_not_what_the_total_leaves_over() -> None:
    """Three pupils of 88 told no sex; the exact total and both sexes would give their answers away."""
    groups = [whole(88, 30), group(FEMALE, 45, 15), group(MALE, 40, 13), group(OTHER, 3, 2, classes=3)]

    verdicts = judged(*groups)

    assert Reason.FEW_ANSWERS is verdicts[OTHER].reason
    # Something said less than it would have by itself.
    assert PERCENT.coarse == verdicts[ROOT].step or Reason.COMPLEMENTARY in {
        verdicts[FEMALE].reason,
        verdicts[MALE].reason,
    }
    attack = attack_by_hand(groups, verdicts)
    assert (pytest.approx(0, abs=1e-5), pytest.approx(3, abs=1e-5)) == attack.feasible(0, [2])


def test_two_hidden_grades_are_not_left_over_together() -> None:
    """Twice four pupils: neither can be told from the other, but total minus the shown grade is the eight."""
    grades: list[Key] = [(Dimension.GRADE, f"secondo_grado-{number}") for number in (1, 2, 3)]
    groups = [whole(98, 37), group(grades[0], 90, 33), group(grades[1], 4, 2), group(grades[2], 4, 2)]

    verdicts = judged(*groups)

    low, high = attack_by_hand(groups, verdicts).feasible(0, [1, 2])
    assert high - low >= 4


def attack_by_hand(groups: list[Group], verdicts: dict[Key, Verdict]) -> Attack:
    made = sheet(*groups)
    attack = Attack(sizes=[made.n.tolist()])
    attack.read_verdicts(0, {one.key: one for one in made.groups}, verdicts, is_public=True)
    return attack


def test_in_a_large_district_rounding_protects_what_is_hidden_and_both_sexes_are_shown() -> None:
    groups = [whole(2007, 640), group(FEMALE, 1000, 310), group(MALE, 1000, 328), group(OTHER, 7, 2)]

    verdicts = judged(*groups)

    assert [Show.NUMBER, Show.NUMBER, Show.NOTHING] == [verdicts[key].show for key in (FEMALE, MALE, OTHER)]
    assert verdicts[FEMALE].rounds_count
    assert not verdicts[ROOT].rounds_count


def test_nothing_is_shown_below_a_total_that_is_hidden() -> None:
    verdicts = judged(whole(19, 9), group(FEMALE, 12, 6), group(MALE, 7, 3), group(OTHER, 0, 0))

    assert {Show.NOTHING} == {verdict.show for verdict in verdicts.values()}


def test_a_school_that_is_alone_in_its_track_is_kept_from_the_public_and_not_from_staff() -> None:
    liceo: Key = (Dimension.TRACK, "liceo")
    tecnico: Key = (Dimension.TRACK, "tecnico")
    tecnici = [group((Dimension.SCHOOL, f"CRTF{number}"), 400, 120, parent=tecnico, schools=1) for number in (1, 2)]

    verdicts = judged(
        whole(1000, 300, schools=3),
        group(liceo, 200, 60, schools=1),
        group((Dimension.SCHOOL, "CRPS1"), 200, 60, parent=liceo, schools=1),
        group(tecnico, 800, 240),
        *tecnici,
    )

    assert Reason.ONE_SCHOOL is verdicts[liceo].reason
    assert Show.NUMBER is verdicts[Dimension.SCHOOL, "CRPS1"].show


def test_a_mean_of_almost_nothing_is_hidden_because_it_cannot_be_masked() -> None:
    verdict = judged(whole(40, 0.3), is_percent=False)[ROOT]

    assert (Show.NOTHING, Reason.SMALL_NUMBER) == (verdict.show, verdict.reason)


def test_nothing_comes_of_nothing() -> None:
    assert [] == decide([], policy=POLICY)
    assert [{}] == decide([sheet()], policy=POLICY)


def own_verdict(one: Group, schools: int) -> tuple[Show, Reason | None]:
    """The rules of a group by itself, written a second time."""
    alone = one.key[0] in (Dimension.ALL, Dimension.SCHOOL) or one.schools == 1
    if one.n < (20 if alone else 10):
        return Show.NOTHING, Reason.FEW_ANSWERS
    if one.classes < 2:
        return Show.NOTHING, Reason.ONE_CLASS
    if one.schools == 1 and schools > 1 and one.key[0] is not Dimension.SCHOOL:
        return Show.NOTHING, Reason.ONE_SCHOOL
    if one.total < 5:
        return Show.BOTTOM, Reason.SMALL_NUMBER
    return (Show.TOP, Reason.SMALL_NUMBER) if one.n - one.total < 5 else (Show.NUMBER, None)


def is_open(one: Group, own: tuple[Show, Reason | None], low: float, high: float) -> bool:
    """The promise about what can be worked out, written a second time."""
    dust = 1e-5
    if own[0] is Show.NUMBER:
        return True
    if high - low < min(one.n, 4) - dust:
        return False
    return own[0] is not Show.NOTHING or low <= dust or high >= one.n - dust or high - low >= 0.2 * one.n - dust


def protected(district: District, *, is_public: bool) -> Iterator[tuple[int, Group, tuple[Show, Reason | None]]]:
    """Give every group that this reader may not know, with what it would be by itself."""
    for asked in range(len(district.sheets)):
        groups = district.groups(asked)
        for one in groups.values():
            own = own_verdict(one, groups[ROOT].schools)
            is_for_staff = own[1] is Reason.ONE_SCHOOL and not is_public
            is_unheard_of = is_public and one.key[0] is Dimension.SCHOOL
            if own[0] is not Show.NUMBER and not is_for_staff and not is_unheard_of:
                yield asked, one, own


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(district=districts(), is_by_parts=st.booleans())
def test_no_hidden_number_can_be_solved_from_all_published_ones(district: District, is_by_parts: bool) -> None:
    """A linear programme over all tables of all things asked leaves each hidden number as open as promised.

    So are two hidden grades of four pupils each, a group of eight that total minus shown grades would lay bare; and no
    group is shown better than it may be by itself. Half of the districts are looked at part by part, as large ones are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FEW_COLUMNS", 0 if is_by_parts else search.FEW_COLUMNS)
        verdicts = decide(district.sheets, policy=POLICY, within=district.within)

    for is_public in (True, False):
        attack = attack_on(district, verdicts, is_public=is_public)
        for asked, one, own in protected(district, is_public=is_public):
            assert attack.cannot_narrow(asked, one.atoms, partial(is_open, one, own)), (is_public, asked, one)
    for asked, found in enumerate(verdicts):
        groups = district.groups(asked)
        nothing_small_is_left_over(attack, asked, groups, found)
        nothing_is_shown_better(groups, found)


def nothing_small_is_left_over(
    attack: Attack, asked: int, groups: Mapping[Key, Group], found: Mapping[Key, Verdict]
) -> None:
    """What subtraction leaves over is no smaller than what may be shown."""
    for _whole, parts in splits_of(groups.values()):
        hidden = [groups[part] for part in parts if found[part].show is Show.NOTHING]
        n = sum(one.n for one in hidden)
        if 0 < n < 10 and len(hidden) < len(parts):
            atoms = [atom for one in hidden for atom in one.atoms]
            assert attack.cannot_narrow(asked, atoms, partial(as_wide_as, min(n, 4))), hidden


def nothing_is_shown_better(groups: Mapping[Key, Group], found: Mapping[Key, Verdict]) -> None:
    for key, one in groups.items():
        own = own_verdict(one, groups[ROOT].schools)
        assert found[key].show in {own[0], Show.NOTHING}
        if found[key].show is not Show.NOTHING and one.n < 50:
            assert found[key].step == PERCENT.coarse


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(district=districts(asked=("lifetime",), least=1))
def test_how_few_told_no_sex_cannot_be_worked_out(district: District) -> None:
    """Counts are published too: of girls and boys to the nearest ten, of everything else exactly."""
    [verdicts] = decide(district.sheets, policy=POLICY)

    records, groups = district.sheets[0].records, district.groups(0)
    assert records is not None
    sexed = (Dimension.SEX, Dimension.SEX_GRADE)
    size = {key: float(records[list(one.atoms)].sum()) for key, one in groups.items()}
    attack = Attack(sizes=[[1e6] * len(records)])
    for key, one in groups.items():
        if key[0] not in sexed:
            attack.claim(one.atoms, size[key], size[key])
        elif verdicts[key].show is not Show.NOTHING:
            shown = (size[key] + 5) // 10 * 10
            attack.claim(one.atoms, max(0, shown - 5), shown + 4)
        elif size[key] < 10:
            attack.claim(one.atoms, 0, 9)
    for key, one in groups.items():
        if key[0] in sexed and size[key] < 10:
            assert one.parent is not None
            is_wide = partial(as_wide_as, min(4, size[one.parent]))
            assert attack.cannot_narrow(0, one.atoms, is_wide), one


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(district=districts())
def test_the_same_groups_give_the_same_verdicts(district: District) -> None:
    first, second = (decide(district.sheets, policy=POLICY, within=district.within) for _ in range(2))

    assert first == second

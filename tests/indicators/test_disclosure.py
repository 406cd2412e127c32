"""What may be shown, group by group; and that nothing hidden can be worked out."""

import pytest
from hypothesis import HealthCheck, given, settings

from prevention.indicators.disclosure import Group, Show, Verdict, decide
from prevention.indicators.domains import ROOT, Key
from prevention.indicators.policy import policy
from prevention.indicators.published import Dimension, Measure, Reason
from tests.indicators.attacker import Attack, splits_of
from tests.indicators.districts import districts

POLICY = policy()
PERCENT = POLICY.step(Measure.PERCENT, (0.0, 1.0))

FEMALE: Key = (Dimension.SEX, "female")
MALE: Key = (Dimension.SEX, "male")
OTHER: Key = (Dimension.SEX, "other")


def judged(*groups: Group, is_percent: bool = True) -> dict[Key, Verdict]:
    return decide(groups, step=PERCENT, is_percent=is_percent, policy=POLICY)


def group(key: Key, n: int, yes: float, *, parent: Key | None = ROOT, classes: int = 4, schools: int = 2) -> Group:
    return Group(key=key, parent=parent, n=n, total=yes, classes=classes, schools=schools)


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
    assert Reason.COMPLEMENTARY in {verdicts[FEMALE].reason, verdicts[MALE].reason}


def test_two_hidden_grades_are_not_left_over_together() -> None:
    """Twice four pupils: neither can be told from the other, but total minus the shown grade is the eight."""
    grades: list[Key] = [(Dimension.GRADE, f"secondo_grado-{number}") for number in (1, 2, 3)]
    groups = [whole(98, 37), group(grades[0], 90, 33), group(grades[1], 4, 2), group(grades[2], 4, 2)]

    verdicts = judged(*groups)

    attack = Attack(groups={one.key: one for one in groups}, verdicts=verdicts, is_public=True)
    low, high = attack.feasible_total(grades[1:])
    assert high - low >= 4


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
    assert {} == decide((), step=PERCENT, is_percent=True, policy=POLICY)


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
    dust = 1e-6
    if own[0] is Show.NUMBER:
        return True
    if high - low < min(one.n, 4) - dust:
        return False
    return own[0] is not Show.NOTHING or low <= dust or high >= one.n - dust or high - low >= 0.2 * one.n - dust


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=districts())
def test_no_hidden_number_can_be_solved_from_all_published_ones(groups: tuple[Group, ...]) -> None:
    """A linear programme with every table and all group sizes leaves each hidden number as open as promised."""
    verdicts = judged(*groups)

    known = {one.key: one for one in groups}
    for is_public in (True, False):
        attack = Attack(groups=known, verdicts=verdicts, is_public=is_public)
        for one in groups:
            own = own_verdict(one, known[ROOT].schools)
            is_kept_from_public_only = own[1] is Reason.ONE_SCHOOL and not is_public
            if own[0] is Show.NUMBER or is_kept_from_public_only or verdicts[ROOT].show is Show.NOTHING:
                continue
            if is_public and one.key[0] is Dimension.SCHOOL:
                continue
            low, high = attack.feasible_total([one.key])
            assert is_open(one, own, low, high), (is_public, one, low, high)
            if one.key[0] is Dimension.SEX and one.n < 10:
                low, high = attack.feasible_count(one.key)
                assert high - low >= 4 - 1e-6, (one, low, high)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=districts())
def test_what_subtraction_leaves_over_is_no_smaller_than_what_may_be_shown(groups: tuple[Group, ...]) -> None:
    """Two hidden grades of four pupils each are a group of eight that total minus shown grades would lay bare."""
    verdicts = judged(*groups)

    known = {one.key: one for one in groups}
    attack = Attack(groups=known, verdicts=verdicts, is_public=False)
    for whole_key, parts in splits_of(groups):
        hidden = [known[part] for part in parts if verdicts[part].show is Show.NOTHING]
        n = sum(one.n for one in hidden)
        if verdicts[whole_key].show is Show.NOTHING or not 0 < n < 10 or len(hidden) == len(parts):
            continue
        low, high = attack.feasible_total([one.key for one in hidden])
        assert high - low >= min(n, 4) - 1e-6, (hidden, low, high)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=districts())
def test_no_group_is_shown_better_than_it_may_be_by_itself(groups: tuple[Group, ...]) -> None:
    verdicts = judged(*groups)

    schools = next(one for one in groups if one.key == ROOT).schools
    for one in groups:
        own = own_verdict(one, schools)
        assert verdicts[one.key].show in {own[0], Show.NOTHING}
        if verdicts[one.key].show is not Show.NOTHING and one.n < 50:
            assert verdicts[one.key].step == PERCENT.coarse


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=districts())
def test_the_same_groups_give_the_same_verdicts(groups: tuple[Group, ...]) -> None:
    assert judged(*groups) == judged(*groups)

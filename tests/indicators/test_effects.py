"""Change and effect: numbers worked out by hand, and districts whose truth is known."""

import math

import numpy as np
import pytest

from prevention.indicators.effects import (
    Comparison,
    Contrast,
    Design,
    Group,
    Verdict,
    cohens_h,
    compare,
    compare_with_waiting,
    detectable_difference,
    detectable_size,
    verdict,
)
from prevention.indicators.estimates import ClusterTotals


def group(*rows: tuple[int, float, float], first_cluster: int = 0) -> Group:
    """A group from (stratum, valid answers, of them yes) per class; classes are numbered on from `first_cluster`."""
    stratum, n, yes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    totals = ClusterTotals(stratum=stratum.astype(np.int64), n=n, weight=n, value=yes, square=yes)
    return Group(cluster=np.arange(len(rows)) + first_cluster, totals=totals)


def scored(*classes: tuple[float, ...], first_cluster: int = 0) -> Group:
    """A group from the scores of each class."""
    n, value, square = (
        np.array([float(sum(score**power for score in scores)) for scores in classes]) for power in (0, 1, 2)
    )
    totals = ClusterTotals(stratum=np.zeros(len(classes), dtype=np.int64), n=n, weight=n, value=value, square=square)
    return Group(cluster=np.arange(len(classes)) + first_cluster, totals=totals)


def compared(first: Group, second: Group, *, is_share: bool = True) -> Comparison:
    found = compare(first, second, is_share=is_share)
    assert found is not None
    return found


BEFORE = group((0, 20, 4), (0, 20, 6), (0, 20, 8))
AFTER = group((0, 20, 2), (0, 20, 5), (0, 20, 5))


def test_the_same_classes_before_and_after_vary_as_their_own_changes_do() -> None:
    """Changes of -2, -1 and -3 in twenty: what the classes have in common cancels."""
    found = compared(BEFORE, AFTER)

    assert (pytest.approx(-0.1), pytest.approx(0.05 / math.sqrt(3)), 3, pytest.approx(2)) == (
        found.difference.value, found.difference.se, found.clusters, found.df
    )  # fmt: skip


def test_other_classes_vary_by_themselves() -> None:
    other = compared(BEFORE, group((0, 20, 2), (0, 20, 5), (0, 20, 5), first_cluster=3))
    paired = compared(BEFORE, AFTER)

    # Six clusters in one sample: 6 / 5 of the sum of squares of the two groups' contributions.
    assert other.difference.se == pytest.approx(math.sqrt(6 / 5 * (2 * 0.1**2 + 0.1**2 + 2 * 0.05**2) / 9), rel=1e-9)
    assert (6, pytest.approx(4)) == (other.clusters, other.df)
    assert (other.difference.se or 0) > (paired.difference.se or 1)


def test_a_ratio_is_symmetric_on_the_logarithm() -> None:
    found = compared(BEFORE, AFTER).ratio

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert pytest.approx(2 / 3) == found.value
    assert found.value == pytest.approx(math.sqrt(found.low * found.high))


def test_the_size_of_a_change_of_shares_is_cohens_h() -> None:
    found = compared(BEFORE, AFTER).size

    assert found is not None
    assert pytest.approx(2 * math.asin(math.sqrt(0.2)) - 2 * math.asin(math.sqrt(0.3))) == found.value
    assert (0.0, pytest.approx(math.pi)) == (cohens_h(0.4, 0.4), cohens_h(0.0, 1.0))


def test_the_size_of_a_change_of_means_is_the_difference_over_the_spread_of_answers() -> None:
    found = compared(scored((1, 3), (2, 4)), scored((2, 4), (3, 5)), is_share=False)

    assert found.size is not None
    assert (pytest.approx(1.0), None) == (found.difference.value, found.ratio)
    assert pytest.approx(1 / math.sqrt(1.25)) == found.size.value


def test_nobody_in_a_group_leaves_nothing_to_compare() -> None:
    assert compare(BEFORE, group((0, 0, 0), (0, 0, 0))) is None


def test_a_share_of_nothing_has_a_difference_but_no_ratio() -> None:
    found = compared(BEFORE, group((0, 20, 0), (0, 20, 0), (0, 20, 0)))

    assert found.ratio is None
    assert found.size is None
    assert pytest.approx(-0.3) == found.difference.value


def test_one_class_has_a_difference_and_no_interval() -> None:
    found = compared(group((0, 20, 4)), group((0, 20, 2))).difference

    assert (pytest.approx(-0.1), None, None, None) == (found.value, found.se, found.low, found.high)


def test_those_who_wait_take_away_what_would_have_come_anyway() -> None:
    """Everybody drinks more in spring; those who took part a little less more."""
    waiting = (group((0, 20, 4), (0, 20, 6)), group((0, 20, 8), (0, 20, 8)))
    took_part = (group((0, 20, 4), (0, 20, 6), first_cluster=2), group((0, 20, 5), (0, 20, 7), first_cluster=2))

    found = compare_with_waiting(waiting, took_part)

    assert found is not None
    assert pytest.approx(0.05 - 0.15) == found.value
    assert compare_with_waiting(waiting, (group((0, 0, 0)), group((0, 0, 0)))) is None


@pytest.mark.parametrize(
    ("classes", "points", "size"), [(10, 16, 0.39), (20, 11, 0.28), (40, 8, 0.20), (80, 5.5, 0.14)]
)
def test_what_can_be_detected_is_what_the_literature_reckons(classes: int, points: float, size: float) -> None:
    """Domain paper §2.3: 80 % power, 20 %, 20 a class, ICC 0.05. Student's t asks a little more of few classes."""
    difference = detectable_difference(share=0.2, classes=classes, pupils_per_class=20, icc=0.05)

    assert pytest.approx(points, abs=0.6) == 100 * (difference or 0)
    assert pytest.approx(size, abs=0.025) == detectable_size(classes=classes, pupils_per_class=20, icc=0.05)


def test_four_classes_can_hardly_detect_anything_and_one_nothing_at_all() -> None:
    asked = {"share": 0.2, "pupils_per_class": 20, "icc": 0.05}

    assert (detectable_difference(classes=4, **asked) or 0) > 0.25
    assert detectable_difference(classes=1, **asked) is None


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.10, -0.01, Verdict.BETTER),
        (0.01, 0.10, Verdict.WORSE),
        (-0.02, 0.08, Verdict.MAYBE_WORSE),
        (-0.08, 0.02, Verdict.UNCLEAR),
        (None, None, Verdict.UNCLEAR),
    ],
)
def test_a_change_for_the_worse_is_said_by_the_rule_of_one_for_the_better(
    low: float | None, high: float | None, said: Verdict
) -> None:
    found = Contrast(value=0, se=0.1, low=low, high=high)
    mirrored = Contrast(value=0, se=0.1, low=None if high is None else -high, high=None if low is None else -low)

    assert said is verdict(found, lower_is_better=True, harm=0.05)
    assert said is verdict(mirrored, lower_is_better=False, harm=0.05)


def test_only_a_draw_by_lot_lets_one_speak_of_a_cause() -> None:
    assert [Design.RANDOMISED] == [design for design in Design if design.allows_cause]


def district(
    rng: np.random.Generator, *, classes: int, before: float, after: float, icc: float, lost: float
) -> tuple[Group, Group]:
    """Draw classes that answer twice; each keeps its own leaning, and a share of the pupils is lost on the way."""
    spread = (1 - icc) / icc
    leaning = rng.beta(before * spread, (1 - before) * spread, size=classes)
    # The same leaning on the logit scale, moved so that the mean moves by what is wanted.
    wanted = leaning.mean() + after - before
    odds = np.log(leaning / (1 - leaning))
    shift = 0.0
    for _ in range(40):
        moved = 1 / (1 + np.exp(-(odds + shift)))
        shift += (wanted - moved.mean()) / (moved * (1 - moved)).mean()
    expected = 1 / (1 + np.exp(-(odds + shift)))
    sizes = rng.integers(14, 27, size=classes)
    left = rng.binomial(sizes, 1 - lost)
    first = group(*((0, n, y) for n, y in zip(sizes, rng.binomial(sizes, leaning), strict=True)))
    second = group(*((0, n, y) for n, y in zip(left, rng.binomial(left, expected), strict=True)))
    return first, second


@pytest.mark.parametrize(("classes", "before", "after"), [(60, 0.2, 0.2), (60, 0.3, 0.36), (24, 0.4, 0.3)])
def test_ninety_five_of_a_hundred_intervals_hold_the_true_change(classes: int, before: float, after: float) -> None:
    """The truth is the change of these very classes: a programme's classes are no sample of others."""
    rng = np.random.default_rng(20261127)
    runs, held = 500, 0

    for _ in range(runs):
        first, second = district(rng, classes=classes, before=before, after=after, icc=0.06, lost=0.15)
        change = compared(first, second).difference
        assert change.low is not None
        assert change.high is not None
        held += change.low <= after - before <= change.high

    assert 0.93 <= held / runs <= 0.98


def test_a_seeded_harm_is_flagged_and_no_harm_hardly_ever() -> None:
    """Alcohol started by a third more of them, as in the trial whose lesson had been changed (domain paper §2.4)."""
    rng = np.random.default_rng(30)
    runs, flagged, alarmed = 200, 0, 0

    for _ in range(runs):
        harmed = compared(*district(rng, classes=60, before=0.24, after=0.32, icc=0.06, lost=0.15))
        flagged += verdict(harmed.difference, lower_is_better=True, harm=0.05) is Verdict.WORSE
        quiet = compared(*district(rng, classes=60, before=0.24, after=0.24, icc=0.06, lost=0.15))
        alarmed += verdict(quiet.difference, lower_is_better=True, harm=0.05) is Verdict.WORSE

    assert flagged / runs >= 0.9
    assert alarmed / runs <= 0.05

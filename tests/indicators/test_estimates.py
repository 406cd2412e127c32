"""The kernel: numbers worked out by hand, R's numbers for a national survey, and the truth of simulated districts."""

import csv
import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import stdtrit

from prevention.indicators.estimates import (
    ClusterTotals,
    Degrees,
    Estimate,
    Floats,
    Indices,
    LonelyStratum,
    SingleClusterStratum,
    estimate_mean,
    logit_interval,
    no_narrower_than_simple,
    t_interval,
    with_few_clusters,
)


def clusters(*rows: tuple[int, float, float], weights: tuple[float, ...] | None = None) -> ClusterTotals:
    """Totals from (stratum, valid answers, of them yes) per cluster."""
    stratum, n, yes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    weight = np.array(weights) if weights else np.ones(len(rows))
    return ClusterTotals(
        stratum=stratum.astype(np.int64), n=n, weight=weight * n, value=weight * yes, square=weight * yes
    )


def estimated(totals: ClusterTotals, **options: Degrees | LonelyStratum) -> Estimate:
    found = estimate_mean(totals, **options)  # type: ignore[arg-type]  # options are the function's own
    assert found is not None
    return found


Table = Mapping[str, NDArray[Any]]

FIVE_CLASSES = ((0, 10, 3), (0, 10, 5), (1, 8, 2), (1, 12, 6), (1, 5, 1))


def test_classes_of_one_size_vary_as_their_means_do() -> None:
    """Shares of 20, 40 and 60 % in three equal classes: the standard error is their standard deviation over root 3."""
    found = estimated(clusters((0, 10, 2), (0, 10, 4), (0, 10, 6)))

    assert (0.4, pytest.approx(0.2 / math.sqrt(3)), 2) == (found.mean, found.se, found.df)


def test_two_strata_worked_out_by_hand() -> None:
    """Fractions all the way: R = 17/45; the residuals of the five classes are summed as in the module's formula."""
    found = estimated(clusters(*FIVE_CLASSES))

    variance = Fraction(0)
    for residuals in ([Fraction(-7, 9), Fraction(11, 9)], [Fraction(-46, 45), Fraction(66, 45), Fraction(-40, 45)]):
        centre = sum(residuals, Fraction(0)) / len(residuals)
        spread = sum(((one - centre) ** 2 for one in residuals), Fraction(0))
        variance += Fraction(len(residuals), len(residuals) - 1) * spread / 45**2
    assert (pytest.approx(17 / 45), pytest.approx(math.sqrt(variance)), 3) == (found.mean, found.se, found.df)
    assert Fraction(20008, 4100625) == variance
    assert pytest.approx(float(variance) / (17 / 45 * 28 / 45 / 45)) == found.design_effect


def test_a_class_without_anybody_of_the_domain_still_counts_in_the_design() -> None:
    """Girls only: the third class has none of them, and dropping it would change the standard error."""
    girls = ((0, 4, 1), (0, 6, 4), (1, 0, 0), (1, 7, 3), (1, 3, 0))

    found = estimated(clusters(*girls))
    without = estimated(clusters(*(row for row in girls if row[1])))

    assert (20, 4, pytest.approx(0.4)) == (found.n, found.clusters, found.mean)
    assert pytest.approx(math.sqrt(Fraction(41, 2500))) == found.se
    assert found.se != pytest.approx(without.se)


def test_weights_worked_out_by_hand() -> None:
    found = estimated(clusters(*FIVE_CLASSES, weights=(1.5, 2.0, 1.0, 0.5, 3.0)))

    assert (pytest.approx(22.5 / 64), pytest.approx(math.sqrt(Fraction(88175, 16777216)))) == (found.mean, found.se)


def test_a_factor_on_all_weights_changes_nothing() -> None:
    one = estimated(clusters(*FIVE_CLASSES, weights=(1.5, 2.0, 1.0, 0.5, 3.0)))
    other = estimated(clusters(*FIVE_CLASSES, weights=(150, 200, 100, 50, 300)))

    assert (pytest.approx(one.mean), pytest.approx(one.se), one.n) == (other.mean, other.se, other.n)


def test_degrees_of_freedom_of_a_domain_count_the_classes_it_is_in() -> None:
    totals = clusters((0, 4, 1), (0, 6, 4), (0, 0, 0), (0, 0, 0))

    assert 3 == estimated(totals, degrees=Degrees.DESIGN).df
    assert 1 == estimated(totals, degrees=Degrees.DOMAIN).df


def test_a_stratum_of_one_class_is_refused_by_name() -> None:
    with pytest.raises(SingleClusterStratum) as refused:
        estimate_mean(clusters((0, 10, 3), (0, 10, 5), (1, 8, 2)))

    assert (1,) == refused.value.strata


def test_a_stratum_of_one_class_may_be_measured_from_the_mean_of_all() -> None:
    """R, lonely.psu = "adjust": the lonely class adds the square of its own residual."""
    rows = ((0, 10, 3), (0, 10, 5), (1, 8, 2))
    mean = 10 / 28

    found = estimated(clusters(*rows), lonely=LonelyStratum.ADJUST)

    residuals = [(yes - mean * n) / 28 for _stratum, n, yes in rows]
    paired = 2 * sum((one - sum(residuals[:2]) / 2) ** 2 for one in residuals[:2])
    assert pytest.approx(math.sqrt(paired + residuals[2] ** 2)) == found.se


def test_one_class_alone_has_no_interval() -> None:
    found = estimated(clusters((0, 25, 5)))

    assert (0.2, None, 0) == (found.mean, found.se, found.df)
    assert found.design_effect is None
    assert logit_interval(found) is None
    assert t_interval(found) is None


def test_nobody_has_no_estimate() -> None:
    assert estimate_mean(clusters((0, 0, 0), (0, 0, 0))) is None


@pytest.mark.parametrize("yes", [0, 10])
def test_a_share_of_zero_or_all_has_no_logit_interval(yes: int) -> None:
    assert logit_interval(estimated(clusters((0, 10, yes), (0, 10, yes)))) is None


def test_classes_that_agree_by_chance_do_not_give_an_interval_of_no_width() -> None:
    found = estimated(clusters((0, 25, 5), (0, 25, 5), (0, 25, 5)))
    assert pytest.approx(0, abs=1e-12) == found.se

    widened = no_narrower_than_simple(found)

    assert pytest.approx(math.sqrt(0.2 * 0.8 / 75)) == widened.se
    assert pytest.approx(1) == widened.design_effect


def test_classes_that_differ_keep_their_standard_error() -> None:
    found = estimated(clusters((0, 25, 1), (0, 25, 12), (0, 25, 5)))

    assert found == no_narrower_than_simple(found)


def test_two_classes_get_the_wide_interval_that_they_deserve() -> None:
    """Student's t with one degree of freedom is 12.7, not 1.96."""
    found = estimated(clusters((0, 25, 4), (0, 25, 6)))

    interval = logit_interval(found)

    assert interval is not None
    assert found.se is not None
    half = 12.706204736 * found.se / (0.2 * 0.8)
    assert pytest.approx(1 / (1 + math.exp(-(math.log(0.25) + half)))) == interval[1]


def test_an_interval_far_out_on_the_logit_scale_stays_a_number() -> None:
    extreme = Estimate(n=10_000, clusters=2, mean=0.0001, se=0.5, se_simple=0.1, df=1)

    assert (0, 1) == logit_interval(extreme)


def test_a_mean_has_a_symmetric_interval() -> None:
    found = Estimate(n=40, clusters=5, mean=3.5, se=0.25, se_simple=0.2, df=4)

    low, high = t_interval(found) or (0, 0)

    assert (pytest.approx(7.0), pytest.approx(2 * 2.776445105 * 0.25)) == (low + high, high - low)


@given(
    rows=st.lists(
        st.tuples(st.just(0), st.integers(1, 40)).flatmap(
            lambda pair: st.tuples(st.just(0), st.just(pair[1]), st.integers(0, pair[1]))
        ),
        min_size=2,
        max_size=12,
    )
)
def test_an_interval_holds_its_estimate_and_lies_between_zero_and_one(rows: list[tuple[int, int, int]]) -> None:
    found = estimated(clusters(*rows))

    interval = logit_interval(found)

    if interval is not None:
        assert 0 <= interval[0] <= found.mean + 1e-12
        assert found.mean - 1e-12 <= interval[1] <= 1


def test_the_whole_of_a_public_survey_equals_what_r_computes(shared_data: Path) -> None:
    """910 rows (variable by all, sex, grade): R survey 4.1-1, clusters, strata, weights, domains after the design."""
    folder = shared_data / "yrbs2021"
    with (folder / "reference_R_survey_2021.csv").open() as file:
        expected = list(csv.DictReader(file))
    variables = sorted({row["var"] for row in expected})
    survey = duckdb.connect()
    survey.execute(
        "CREATE TABLE answers AS SELECT *, stratum || '/' || psu AS place FROM read_csv(?, all_varchar = true)",
        [str(folder / "yrbs2021.csv.gz")],
    )
    places = survey.execute("SELECT DISTINCT place, stratum FROM answers ORDER BY place").fetchall()
    index = {place: number for number, (place, _stratum) in enumerate(places)}
    strata = sorted({stratum for _place, stratum in places})
    stratum = np.array([strata.index(one) for _place, one in places])
    sums = ", ".join(
        f"COUNT(*) FILTER ({one} IN ('1', '2')) AS n_{one}, "
        f"COALESCE(SUM(CAST(weight AS DOUBLE)) FILTER ({one} IN ('1', '2')), 0) AS w_{one}, "
        f"COALESCE(SUM(CAST(weight AS DOUBLE)) FILTER ({one} = '1'), 0) AS y_{one}"
        for one in variables
    )
    columns = {"all": "''", "sex": "q2", "grade": "q3"}
    totals = {
        name: survey.execute(f"SELECT {column} AS level, place, {sums} FROM answers GROUP BY ALL").fetchnumpy()
        for name, column in columns.items()
    }

    for row in expected:
        name, table = row["var"], totals[row["group"]]
        level = str(int(float(row["level"]))) if row["level"] else ""
        rows = np.flatnonzero(np.asarray(table["level"] == level))
        at = [index[place] for place in table["place"][rows]]

        def spread(
            kind: str, table: Table = table, rows: Indices = rows, at: list[int] = at, name: str = name
        ) -> Floats:
            values = np.zeros(len(places))
            values[at] = table[f"{kind}_{name}"][rows]
            return values

        found = estimated(
            ClusterTotals(stratum=stratum, n=spread("n"), weight=spread("w"), value=spread("y"), square=spread("y"))
        )
        low, high = logit_interval(found) or (math.nan, math.nan)
        assert (int(row["n_valid"]), int(row["df"])) == (found.n, found.df), row
        assert np.allclose(
            [found.mean, found.se or math.nan, low, high],
            [float(row[name]) for name in ("p", "se", "ci_logit_lo", "ci_logit_hi")],
            rtol=0,
            atol=1e-9,
        ), row
        # The reference gives design effects to six decimals.
        assert pytest.approx(float(row["deff_srs"]), abs=1e-6) == found.design_effect, row
    assert 910 == len(expected)


def simulated(rng: np.random.Generator, *, classes: int, pupils: int, share: float, icc: float) -> ClusterTotals:
    """Draw a district whose true share and intra-class correlation are known: beta-binomial classes."""
    spread = (1 - icc) / icc
    truths = rng.beta(share * spread, (1 - share) * spread, size=classes)
    sizes = rng.integers(pupils // 2, pupils * 3 // 2, size=classes, endpoint=True).astype(float)
    yes = rng.binomial(sizes.astype(int), truths).astype(float)
    return clusters(*((0, n, one) for n, one in zip(sizes, yes, strict=True)))


@pytest.mark.parametrize(("classes", "share"), [(60, 0.2), (60, 0.5), (24, 0.3)])
def test_ninety_five_of_a_hundred_intervals_hold_the_truth(classes: int, share: float) -> None:
    rng = np.random.default_rng(20261123)

    held = 0
    for _ in range(500):
        interval = logit_interval(estimated(simulated(rng, classes=classes, pupils=20, share=share, icc=0.06)))
        assert interval is not None
        held += interval[0] <= share <= interval[1]

    assert 0.93 <= held / 500 <= 0.97


def test_in_few_classes_students_t_holds_where_the_normal_would_not() -> None:
    rng = np.random.default_rng(7)
    runs, by_t, by_normal = 500, 0, 0

    for _ in range(runs):
        found = estimated(simulated(rng, classes=5, pupils=25, share=0.3, icc=0.06))
        interval = logit_interval(found)
        assert interval is not None
        assert found.se is not None
        half = float(stdtrit(1e9, 0.975)) * found.se
        by_t += interval[0] <= 0.3 <= interval[1]
        by_normal += abs(found.mean - 0.3) <= half

    assert by_t / runs >= 0.92
    assert by_normal / runs < 0.90


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_few_classes_of_very_unequal_size_keep_their_promise(share: float) -> None:
    rng = np.random.default_rng(20261127)
    sizes = (5, 5, 6, 7, 8, 10, 12, 15, 20, 30, 45, 60)
    runs, plain, satterthwaite = 500, 0, 0

    for _ in range(runs):
        yes = rng.binomial(sizes, rng.beta(share * 9, (1 - share) * 9, size=len(sizes)))
        totals = clusters(*((0, n, one) for n, one in zip(sizes, yes, strict=True)))
        low, high = logit_interval(estimated(totals)) or (1, 0)
        plain += low <= share <= high
        low, high = logit_interval(with_few_clusters(estimated(totals), totals)) or (1, 0)
        satterthwaite += low <= share <= high

    assert 0.93 <= satterthwaite / runs <= 0.975
    assert plain / runs < satterthwaite / runs - 0.01


def test_equal_classes_keep_their_degrees_of_freedom() -> None:
    totals = clusters((0, 20, 4), (0, 20, 6), (0, 20, 8), (1, 20, 9), (1, 20, 2), (1, 20, 5))

    assert pytest.approx(4) == with_few_clusters(estimated(totals), totals).df


def test_many_classes_are_left_as_they_are() -> None:
    totals = clusters(*((0, 10 + number, number % 9) for number in range(40)))

    assert estimated(totals) == with_few_clusters(estimated(totals), totals)


def test_a_census_of_clusters_has_no_sampling_error_and_half_of_them_half_of_the_variance() -> None:
    totals = clusters((0, 10, 3), (0, 10, 5), (1, 8, 2), (1, 12, 6))
    whole = estimated(totals)

    census = estimate_mean(totals, fraction=np.array([1.0, 1.0]))
    half = estimate_mean(totals, fraction=np.array([0.5, 0.5]))

    assert census is not None
    assert half is not None
    assert whole.se is not None
    assert (0, pytest.approx(whole.se / math.sqrt(2))) == (census.se, half.se)


def test_ignoring_classes_would_promise_too_much() -> None:
    rng = np.random.default_rng(11)

    effects = [
        found.design_effect or 0
        for _ in range(100)
        for found in [estimated(simulated(rng, classes=60, pupils=20, share=0.2, icc=0.06))]
    ]

    assert 1.9 < float(np.mean(effects)) < 2.5, (
        "1 + (m - 1) * icc, with m a little above 20 for classes of unequal size"
    )

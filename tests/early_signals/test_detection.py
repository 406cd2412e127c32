"""A rise is told from chance: false alarms at most as documented, outbreaks found within two weeks; seeded years."""

import numpy as np
import pytest

from prevention.early_signals import detection
from prevention.early_signals.detection import Floats

SERIES = 3_000
CHRISTMAS, EASTER = (16, 17, 18), (30, 31)


def school_weeks(years: int) -> Floats:
    """Give a Lombard year: from the middle of September to the first days of June, holidays in between."""
    exposure = np.zeros((years, detection.WEEKS))
    exposure[:, 1:41] = 1.0
    for week, share in {1: 0.6, 9: 0.8, 16: 0.4, 17: 0.0, 18: 0.2, 24: 0.6, 30: 0.4, 31: 0.6, 40: 0.2}.items():
        exposure[:, week] = share
    return exposure


def quiet_years(
    rng: np.random.Generator, *, years: int, rate: float, phi: float = 1.0, growth: float = 1.0, season: float = 0.0
) -> tuple[Floats, Floats]:
    """Simulate series in which nothing happens: a rate per school week, a season, more use from year to year."""
    exposure = school_weeks(years)
    wave = 1 + season * np.sin(2 * np.pi * np.arange(detection.WEEKS) / 40)
    mean = rate * exposure * wave * growth ** np.arange(years)[:, None]
    mean = np.broadcast_to(mean, (SERIES, *mean.shape))
    if phi > 1:
        # Gamma-mixed Poisson counts whose variance is phi times their mean.
        mean = rng.gamma(np.maximum(mean, 1e-12) / (phi - 1), phi - 1)
    return rng.poisson(mean).astype(float), exposure


def rises(counts: Floats, exposure: Floats, week: int) -> np.ndarray:
    """Say which series raise an alert in a week of the last year."""
    found = [
        detection.is_rise(detection.compare_week(counts, exposure, week=week, window=window))
        for window in detection.WINDOWS
    ]
    return found[0] | found[1]


@pytest.mark.parametrize(
    "years",
    [
        {"years": 1, "rate": 0.1},
        {"years": 1, "rate": 0.5},
        {"years": 1, "rate": 0.3, "phi": 1.5},
        {"years": 1, "rate": 1.0, "phi": 1.5},
        {"years": 2, "rate": 0.5, "season": 0.5},
        {"years": 3, "rate": 1.0, "season": 0.5},
        {"years": 6, "rate": 0.3, "season": 0.5},
        {"years": 6, "rate": 1.0, "season": 0.5},
        {"years": 6, "rate": 3.0, "season": 0.5},
        {"years": 6, "rate": 1.0, "season": 0.5, "growth": 1.4},
        {"years": 6, "rate": 1.0, "season": 0.5, "phi": 1.5},
    ],
    ids=str,
)
def test_quiet_years_raise_at_most_the_documented_rate_of_false_alarms(years: dict[str, float]) -> None:
    counts, exposure = quiet_years(np.random.default_rng(20261127), **years)  # type: ignore[arg-type]  # by name
    weeks = np.flatnonzero(exposure[-1] > 0)

    false_alarms = sum(int(rises(counts, exposure, int(week)).sum()) for week in weeks)

    assert false_alarms / (SERIES * len(weeks)) <= detection.FALSE_ALARMS


@pytest.mark.parametrize(("rate", "years"), [(0.1, 1), (0.3, 1), (0.3, 6), (0.5, 3)])
def test_an_outbreak_is_found_within_two_weeks_of_data(rate: float, years: int) -> None:
    rng = np.random.default_rng(7)
    counts, exposure = quiet_years(rng, years=years, rate=rate)
    counts[:, -1, [20, 21]] += rng.poisson(8, (SERIES, 2))

    found = rises(counts, exposure, 20) | rises(counts, exposure, 21)

    assert found.mean() >= 0.95


def test_the_same_outbreak_is_found_across_the_christmas_holidays() -> None:
    rng = np.random.default_rng(8)
    counts, exposure = quiet_years(rng, years=6, rate=0.3)
    counts[:, -1, [16, 19]] += rng.poisson(8, (SERIES, 2))

    found = rises(counts, exposure, 18) | rises(counts, exposure, 19)

    assert found.mean() >= 0.95


def test_what_comes_back_every_spring_is_no_rise() -> None:
    rng = np.random.default_rng(9)
    counts, exposure = quiet_years(rng, years=6, rate=0.3)
    counts[:, :, 26:30] += rng.poisson(4, (SERIES, 6, 4))

    alarms = np.mean([rises(counts, exposure, week) for week in range(26, 30)])

    assert alarms <= detection.FALSE_ALARMS


def test_the_season_alone_would_take_more_use_of_the_register_for_rises() -> None:
    """Both baselines are needed: the register is used four times as much this year as ever before."""
    rng = np.random.default_rng(10)
    counts, exposure = quiet_years(rng, years=6, rate=0.5)
    counts[:, -1] = rng.poisson(2.0 * exposure[-1], (SERIES, detection.WEEKS))

    alarms = np.mean([rises(counts, exposure, week) for week in range(22, 30)])

    assert alarms <= detection.FALSE_ALARMS


def test_a_count_in_the_holidays_goes_to_the_next_school_week() -> None:
    exposure = school_weeks(1)
    counts = np.zeros((1, 1, detection.WEEKS))
    counts[0, 0, 17], counts[0, 0, 50] = 2, 3

    moved = detection.carried(counts, exposure)

    assert (0, 2, 3, 5) == (moved[0, 0, 17], moved[0, 0, 18], moved[0, 0, 40], moved.sum())


def test_nothing_is_said_while_there_is_too_little_to_compare_with() -> None:
    exposure = school_weeks(1)
    counts = np.zeros((1, 1, detection.WEEKS))
    counts[0, 0, 6] = 30

    compared = detection.compare_week(counts, exposure, week=6, window=1)

    assert ([1.0], [False]) == (compared.p.tolist(), detection.is_rise(compared).tolist())


def test_a_hand_computed_tail() -> None:
    """After nothing in twelve weeks three in one: (1/13)^3 at dispersion 1; the assumed dispersion makes it larger."""
    exposure = school_weeks(1)
    exposure[0, 1:41] = 1.0
    counts = np.zeros((1, 1, detection.WEEKS))
    counts[0, 0, 20] = 3

    compared = detection.compare_week(counts, exposure, week=20, window=1)

    phi = 20 * 1.5 / (11 + 20)
    assert compared.p[0] == pytest.approx((1 / 13) ** (3 / max(phi, 1.0)))
    assert compared.expected[0] == 0

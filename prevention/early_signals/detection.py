"""Tells a rise of weekly counts from chance, school-year week by school-year week. Pure.

A series counts, week by week, the schools that signalled one kind of matter in one area. The method, with its parts
from the literature of outbreak detection:

* The count of the last one and of the last two school weeks is compared with two baselines, and only a rise above BOTH
  raises an alert. *Recent*: the twelve school weeks that end two before it (baseline and guard band as in EARS C2:
  Hutwagner et al., "The bioterrorism preparedness and response Early Aberration Reporting System", J Urban Health 80
  (2003), i89-i96; there seven days and two). It follows slow change: more schools use the register each year.
  *Season*: the same week and the three before and after in up to five earlier years (Farrington et al., "A statistical
  algorithm for the early detection of outbreaks of infectious disease", J R Stat Soc A 159 (1996), 547-563, §3.2). It
  knows that some things come back every spring. Without earlier years the recent one decides alone.
* Weeks count by the share of their days on which there is school; a count in a week without school goes to the next
  school week. So holidays are neither a fall nor their end a rise.
* The test is exact for small counts, where normal limits fail (see the figures of EARS C2 below): given S signals in
  baseline weeks of length E, the chance of at least x in weeks of length e is I(e / (E + e); x, S + 1), the conditional
  test of two Poisson means (Przyborowski and Wilenski, Biometrika 31 (1940), 313-323), which is the upper tail of a
  negative binomial distribution: the unknown rate is allowed for.
* Counts that scatter more than Poisson's (Pearson's dispersion phi of the baselines above 1) are divided by phi before
  the test, as Farrington's quasi-Poisson limits are widened (Noufaily et al., "An improved algorithm for outbreak
  detection in multiple surveillance systems", Stat Med 32 (2013), 1206-1222). The dispersion between years counts
  too: a register that is used more from year to year is not a rise.
* A rise also needs `SCHOOLS_LEAST` different schools: no alert speaks of one or two. Without earlier years nothing is
  said before `RECENT_LEAST` weeks of baseline.

False alarms: at most `FALSE_ALARMS` per series and school week, both windows together; a test holds it on simulated
quiet years. Nine kinds in three areas and in the whole district (36 series) of 36 school weeks thus raise at most 1.3
false alarms a year. The test itself works at `LEVEL`, because the dispersion is only estimated. Measured, in false
alarms per series and week (EARS C2's limit, mean + 3 s of the same twelve weeks, in brackets): constant rates of 0.1 to
3 schools a week, with and without a season 0.00000-0.00004 (0.0001-0.037); use growing by 40 % each year for six years
0.0002 (0.061); phi of 1.5 without earlier years 0.0008 (0.010-0.026), with six years 0.0004 (0.039); phi of 2 0.0008
(0.044). Without the dispersion between years the growing register gave 0.007. Found by the end of the second week when
so many schools more signal in each of two weeks: six more over 0.3 in 86 to 91 % of outbreaks, eight more over 1 in 88.
Each week is judged again while late signals come in; counts only grow then, so this is no second chance for chance.

A matter that really came back every year at the same weeks raises no alert: it is no news, and on the page of groups.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Documented: false alarms per series and school week.
FALSE_ALARMS = 0.001
# Tested at, both windows together.
LEVEL = 0.0006
SCHOOLS_LEAST = 3
RECENT_WEEKS = 12
RECENT_LEAST = 6
GUARD_WEEKS = 2
YEARS_BACK = 5
HALF_SEASON = 3
WINDOWS = (1, 2)
# Dispersion that a series is taken to have until so many more weeks say otherwise.
PHI_USUAL = 1.5
PHI_WEIGHT = 20
# With fewer years the scatter between them cannot be told.
YEARS_LEAST = 3
# School-year weeks begin on the Monday of the week of 1 September.
WEEKS = 53

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What a week looks like, window by window; each array has one value per series.

    `p` is the larger of the two baselines' tail probabilities, 1 where there is no baseline or no school. `expected`
    is the larger of the two expected counts. `observed` is the count of the window.
    """

    p: Floats
    expected: Floats
    observed: Floats


def carried(counts: Floats, exposure: Floats) -> Floats:
    """Move counts of weeks without school to the next school week of the same year (at its end: the last one before).

    Args:
        counts: series x years x weeks.
        exposure: years x weeks, the share of school days.
    """
    moved = counts.astype(float).copy()
    for year in range(exposure.shape[0]):
        open_weeks = np.flatnonzero(exposure[year] > 0)
        if not len(open_weeks):
            continue
        for week in np.flatnonzero(exposure[year] <= 0):
            later = open_weeks[open_weeks > week]
            target = int(later[0]) if len(later) else int(open_weeks[-1])
            moved[:, year, target] += moved[:, year, week]
            moved[:, year, week] = 0.0
    return moved


def compare_week(counts: Floats, exposure: Floats, *, week: int, window: int) -> Comparison:
    """Compare the last `window` school weeks up to `week` of the last year with both baselines.

    Args:
        counts: series x years x weeks, years in order, the last one under way; see `carried`.
        exposure: years x weeks, 0 to 1.
        week: index of a school week in the last year.
        window: how many school weeks count together.
    """
    school = [(int(y), int(w)) for y, w in np.argwhere(exposure > 0)]
    here = school.index((exposure.shape[0] - 1, week))
    now = school[max(0, here - window + 1) : here + 1]
    before = school[: max(0, here - window + 1 - GUARD_WEEKS)]
    last = exposure.shape[0] - 1
    season = [
        (year, place)
        for year, place in before
        if last - YEARS_BACK <= year < last and min(abs(place - other) for _year, other in now) <= HALF_SEASON
    ]
    recent = before[-RECENT_WEEKS:]
    observed = _sum(counts, now)
    length = float(sum(exposure[place] for place in now))
    baselines = [recent, season] if season else [recent] if len(recent) >= RECENT_LEAST else []
    p, expected = np.zeros_like(observed) if baselines else np.ones_like(observed), np.zeros_like(observed)
    phi = _dispersion(counts, exposure, baselines)
    for baseline in baselines:
        total, whole = _sum(counts, baseline), float(sum(exposure[place] for place in baseline))
        p = np.maximum(p, _tail(observed / phi, length, total / phi, whole))
        expected = np.maximum(expected, total / whole * length)
    return Comparison(p=np.where(observed > 0, p, 1.0), expected=expected, observed=observed)


def is_rise(test: Comparison) -> NDArray[np.bool_]:
    """Say for which series the window is beyond chance: its half of `LEVEL`, and enough signals."""
    return (test.p <= LEVEL / len(WINDOWS)) & (test.observed >= SCHOOLS_LEAST)


def _sum(counts: Floats, places: list[tuple[int, int]]) -> Floats:
    years, weeks = zip(*places, strict=True)
    total: Floats = counts[:, list(years), list(weeks)].sum(axis=1)
    return total


def _tail(observed: Floats, length: float, total: Floats, whole: float) -> Floats:
    """Give the chance of at least `observed` in `length` weeks after `total` in `whole` weeks."""
    # Not at the top: the web process loads this module and never tests.
    from scipy.special import betainc

    return np.asarray(betainc(np.maximum(observed, 1e-9), total + 1, length / (whole + length)), dtype=np.float64)


def _dispersion(counts: Floats, exposure: Floats, baselines: list[list[tuple[int, int]]]) -> Floats:
    """Estimate each series' dispersion, at least 1: over all baseline weeks, and between years where there are some.

    That over the weeks leans towards `PHI_USUAL`, as if `PHI_WEIGHT` more weeks had shown it: twelve quiet weeks say
    little of how far a series can scatter.
    """
    phi = np.ones(counts.shape[0])
    squares, weeks = np.zeros(counts.shape[0]), 0
    for baseline in baselines:
        years, places = (list(part) for part in zip(*baseline, strict=True))
        squares += _pearson(counts[:, years, places], exposure[years, places])
        weeks += len(baseline) - 1
        if len(set(years)) >= YEARS_LEAST:
            rows = [[place for place in baseline if place[0] == year] for year in sorted(set(years))]
            totals = np.stack([_sum(counts, row) for row in rows], axis=1)
            lengths = np.array([sum(exposure[place] for place in row) for row in rows])
            phi = np.maximum(phi, _pearson(totals, lengths) / (len(rows) - 1))
    return np.maximum(phi, (squares + PHI_WEIGHT * PHI_USUAL) / (weeks + PHI_WEIGHT))


def _pearson(values: Floats, lengths: Floats) -> Floats:
    """Give Pearson's statistic of counts (series x stretches) in stretches of these lengths around one rate."""
    expected = np.outer(values.sum(axis=1) / lengths.sum(), lengths)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(expected > 0, (values - expected) ** 2 / expected, 0.0)
    statistic: Floats = parts.sum(axis=1)
    return statistic

"""Cell keys: noise that is the same wherever the same pupils are counted. Pure.

Each record of a sealed file has a random number that is drawn once (`seal.RECORD_KEYS`). The key of a cell is the sum
of the numbers of those counted in it, modulo how many there are, and a fixed table turns the key into noise: so the
same cell has the same noise in every table, and asking again averages nothing out; a cell that differs by one pupil has
a noise of its own, so a difference of two says little. (Fraser & Wooton, A proposed method for confidentialising
tabular output, UNECE 2005; the Office for National Statistics uses it for its census tables.)

The noise is a whole number between -`most` and `most` with mean nought and the variance of the policy: of all such
distributions the one of greatest entropy, p(d) proportional to exp(-b * d * d). Only counts of at least `most` from
either end are perturbed, so no result lies off the scale.
"""

import math
from bisect import bisect_right
from functools import cache
from itertools import accumulate

from prevention.indicators.policy import CubePolicy
from prevention.indicators.seal import RECORD_KEYS


def noise_of(key_sum: int, policy: CubePolicy) -> int:
    """Give the noise of a cell from the sum of the keys of those counted."""
    limits = _limits(policy.most, policy.variance)
    return bisect_right(limits, key_sum % RECORD_KEYS) - policy.most


@cache
def chances(most: int, variance: float) -> tuple[float, ...]:
    """Give the chance of each noise from -`most` to `most`.

    Raises:
        ValueError: no such distribution has this variance.
    """
    if not 0 < variance < most * (most + 1) / 3:
        raise ValueError(variance)
    low, high = 0.0, 50.0
    # The variance falls as b grows; so many halvings leave nothing to find.
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _variance(_spread(most, middle)) > variance else (low, middle)
    return _spread(most, high)


def _spread(most: int, b: float) -> tuple[float, ...]:
    weights = [math.exp(-b * distance * distance) for distance in range(-most, most + 1)]
    return tuple(weight / sum(weights) for weight in weights)


def _variance(spread: tuple[float, ...]) -> float:
    most = len(spread) // 2
    return sum(chance * (place - most) ** 2 for place, chance in enumerate(spread))


@cache
def _limits(most: int, variance: float) -> tuple[int, ...]:
    """Give the keys from which on each next noise begins; the table that keys are looked up in."""
    return tuple(round(share * RECORD_KEYS) for share in accumulate(chances(most, variance)))[:-1]

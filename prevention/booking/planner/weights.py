"""What a plan is worth, in points; more is better. The one place to argue about what counts how much.

A class that is served is worth more than all its ways could ever cost, so nothing is left out to save petrol.
"""

from dataclasses import dataclass

# A class that gets all its meetings.
PLACED = 10_000
# ... that never had a programme before.
NEVER_REACHED = 3_000
# Each thousandth of the smallest share of its requests that any school gets: from none to all is worth five classes.
FAIR_PER_MILLE = 50
# A minute of the way from a facilitator's base to a municipality, once per facilitator, day and municipality.
TRIP_MINUTE = 1
# Where a facilitator's base is not known.
TRIP_UNKNOWN_MIN = 30
# A request led by somebody else than the facilitator that the school asked for.
NOT_THE_PREFERRED = 150
# Each meeting that is not where the plan before had it: more than any trip it could save.
CHANGED = 500
PER_MILLE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A plan's worth and what it is made of."""

    total: int
    placed: int
    never_reached: int
    smallest_share_per_mille: int
    trip_minutes: int
    trips: int
    not_preferred: int
    changed: int

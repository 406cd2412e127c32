"""What of a before and after may be shown, and the values that leave this room. Pure.

Who sees it is the office; that is no reason to show what the policy hides from staff. One figure over all pupils of the
pair, never one of a class, a school or a sex. Rules, with the numbers of `policy.toml`:

* Each of the two groups has `answers_school` answers from `classes` classes, and neither almost nobody nor almost
  everybody said yes.
* Of the two waves nothing else is published (`sources.is_of_the_district`): there is no table to compare with.
* Those found again are a part of those who answered. What lies between is a group too: from the two shares together,
  the possible number of yes among those not found again must stay as open as any hidden number (`recovery`), unless
  they are a group of several classes that might be shown by itself. Else the figure is rounded to the coarse step, else
  hidden. The same holds in both waves.
* A share is rounded, its interval outwards; the difference is that of the rounded shares, and the ratio and the size
  are made of them too. What the middle of an interval tells beyond that is weighed with all else (`panel_links`).

A pair is computed once, when both of its waves are sealed, and stands as it is: a later correction of a wave does not
change it, because two results that differ by a few pupils tell those pupils' answers.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from prevention.core.i18n import Localised
from prevention.indicators.attrition import attrition_bounds
from prevention.indicators.catalogue import Better, Indicator
from prevention.indicators.effects import Comparison, Contrast, Group, Verdict, cohens_h, verdict
from prevention.indicators.estimates import Estimate, logit_interval, t_interval
from prevention.indicators.panel_bounds import ShownBounds, ShownFigures, shown_bounds
from prevention.indicators.panels import Outcome
from prevention.indicators.policy import Policy, nearest, nearest_count, outwards, revealed
from prevention.indicators.published import Measure, Reason
from prevention.indicators.trends import harm_of

# A change of a mean is a harm from here on, in Cohen's d: what he called small.
HARM_SIZE = 0.2
# What ratios and sizes are rounded to beside fine and coarse shares: never so that they say more than the difference.
_RATIO_STEPS = (0.1, 0.5)
_SIZE_STEPS = (0.1, 0.25)
# Floats that stand for whole numbers are a hair off.
_HAIR = 1e-9


class Saying(IntEnum):
    """How much a figure says, from all it may to nothing: `WITHOUT_LOST` leaves out how those not found differed."""

    EVERYTHING = 0
    WITHOUT_LOST = 1
    COARSELY = 2
    NOTHING = 3


class Who(StrEnum):
    """Whom a figure of a pair is about: all who answered, or those who were found again."""

    ALL = "all"
    FOUND = "found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A group's figure on its scale, with its interval; `n` answers, to the nearest ten."""

    n: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelFigure:
    """One indicator of a pair.

    Attributes:
        before, after: None when hidden, and then so is all the rest.
        difference, ratio, size: the after against the before; `se` is None.
        verdict: what the difference means for the wished direction.
        not_found, found: what those not found again and those found had said before, as far as it may be shown.
        lost: found less not found.
        bounds: of those found again, how far the change of all who answered before is known (`panel_bounds`).
        step: what both shares are rounded to, on the scale; None when hidden, or released before it was written down.
        reason: why it is hidden.
    """

    who: Who
    indicator_id: str
    name: Localised
    definition: Localised
    measure: Measure
    scale: tuple[float, float]
    better: Better
    before: Side | None = None
    after: Side | None = None
    clusters: int | None = None
    difference: Contrast | None = None
    ratio: Contrast | None = None
    size: Contrast | None = None
    verdict: Verdict | None = None
    not_found: Side | None = None
    found: Side | None = None
    lost: Contrast | None = None
    bounds: ShownBounds | None = None
    step: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """The released result of a pair. `answers` before and after, `found` again of them, all to the nearest ten."""

    pair_id: UUID
    name: str
    school_year: int
    is_linked: bool
    answers: tuple[int, int]
    found: int | None
    figures: tuple[PanelFigure, ...]
    policy: str
    published_on: date

    def to_json(self) -> str:
        """Write it as JSON, always the same bytes for the same result."""
        values = asdict(self) | {"pair_id": str(self.pair_id), "published_on": self.published_on.isoformat()}
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Panel":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(
            **{
                **values,
                "pair_id": UUID(values["pair_id"]),
                "answers": tuple(values["answers"]),
                "figures": tuple(_figure(one) for one in values["figures"]),
                "published_on": date.fromisoformat(values["published_on"]),
            }
        )


def let_out(
    outcome: Outcome,
    *,
    who: Who,
    policy: Policy,
    everybody: Outcome | None = None,
    saying: Saying = Saying.EVERYTHING,
) -> PanelFigure:
    """Decide what of one outcome may be shown, by itself; all of a pair together are `panel_links`.

    Args:
        outcome: what was found.
        who: whom it is about.
        policy: the rules in force.
        everybody: of those found again, the outcome of all who answered.
        saying: no more than this.
    """
    one = outcome.indicator
    plain = PanelFigure(
        who=who,
        indicator_id=one.id,
        name=one.name,
        definition=one.definition,
        measure=one.measure,
        scale=one.scale,
        better=one.better,
    )
    found = outcome.comparison
    reason = _why_hidden(outcome, policy)
    if found is None or reason is not None:
        return replace(plain, reason=reason or Reason.FEW_ANSWERS)
    step = None if saying is Saying.NOTHING else _step(outcome, everybody, policy, is_coarse=saying is Saying.COARSELY)
    if step is None:
        return replace(plain, reason=Reason.COMPLEMENTARY)
    sides = [_side(one, estimate, step, policy) for estimate in (found.first, found.second)]
    shown = replace(
        plain,
        before=sides[0],
        after=sides[1],
        clusters=found.clusters,
        difference=_difference(one, found.difference, sides, step),
        ratio=_ratio(found, sides, is_coarse=step >= policy.step(one.measure, one.scale).coarse),
        size=_size(one, found, sides, is_coarse=step >= policy.step(one.measure, one.scale).coarse),
        verdict=_verdict(one, found),
        step=step * (one.scale[1] - one.scale[0]),
    )
    if saying is Saying.EVERYTHING:
        shown = _with_lost(shown, outcome, everybody, step, policy)
    return replace(shown, bounds=_bounds(outcome, everybody, step, policy))


def _bounds(outcome: Outcome, everybody: Outcome | None, step: float, policy: Policy) -> ShownBounds | None:
    """Bound the change of all who answered before, where both of what it is made of are shown."""
    one, found = outcome.indicator, outcome.comparison
    if everybody is None or everybody.comparison is None or outcome.before is None or found is None:
        return None
    step_all = None if _why_hidden(everybody, policy) else _step(everybody, None, policy)
    exact = attrition_bounds(
        before=outcome.before, found_before=outcome.first, found_after=outcome.second, scale=one.scale
    )
    if step_all is None or exact is None:
        return None
    shown = ShownFigures(
        all_before=nearest(_normalised(everybody.comparison.first.mean, one), step_all),
        found_before=nearest(_normalised(found.first.mean, one), step),
        found_after=nearest(_normalised(found.second.mean, one), step),
        n_all=nearest_count(everybody.comparison.first.n, policy.count_step),
        n_found=nearest_count(found.second.n, policy.count_step),
        step_all=step_all,
        step_found=step,
        count_step=policy.count_step,
    )
    return shown_bounds(exact, shown, span=one.scale[1] - one.scale[0])


def _why_hidden(outcome: Outcome, policy: Policy) -> Reason | None:
    for group in (outcome.first, outcome.second):
        reason = _too_small(outcome.indicator, group, policy)
        if reason is not None:
            return reason
    return None


def _too_small(one: Indicator, group: Group, policy: Policy) -> Reason | None:
    n = float(group.totals.n.sum())
    if n < policy.answers_school:
        return Reason.FEW_ANSWERS
    if int((group.totals.n > 0).sum()) < policy.classes:
        return Reason.ONE_CLASS
    yes = float(group.totals.value.sum())
    if one.measure is Measure.PERCENT and (yes < policy.small_number or n - yes < policy.small_number):
        return Reason.SMALL_NUMBER
    return None


def _step(outcome: Outcome, everybody: Outcome | None, policy: Policy, *, is_coarse: bool = False) -> float | None:
    """Give the step, normalised, that both figures may be shown with; None when they may not be shown."""
    one = outcome.indicator
    steps = policy.step(one.measure, one.scale)
    groups = (outcome.first, outcome.second)
    is_small = is_coarse or min(_n(group) for group in groups) < policy.small_group
    for step in (steps.coarse,) if is_small else (steps.fine, steps.coarse):
        if everybody is None or all(_rest_is_open(outcome, everybody, wave, step, policy) for wave in (0, 1)):
            return step
    return None


def _rest_is_open(part: Outcome, whole: Outcome, wave: int, step: float, policy: Policy) -> bool:
    """Say whether the number of yes among those who are in the whole and not in the part stays open enough."""
    one = part.indicator
    of_part, of_whole = (_group_of(outcome, wave) for outcome in (part, whole))
    steps = policy.step(one.measure, one.scale)
    whole_step = steps.coarse if _n(of_whole) < policy.small_group else steps.fine
    within = _known(one, of_part, _interval_of(part, wave), step)
    without = _known(one, of_whole, _interval_of(whole, wave), whole_step)
    left = round(_n(of_whole) - _n(of_part))
    yes = float(of_whole.totals.value.sum() - of_part.totals.value.sum())
    rest = part.came if wave else part.lost_groups[0] if part.lost_groups else None
    if left >= policy.answers and _might_be_shown(one, rest, (yes, left - yes), policy):
        return True
    return _is_open(left, [(without[0] - within[1], without[1] - within[0])], policy)


def _might_be_shown(one: Indicator, rest: Group | None, split: tuple[float, float], policy: Policy) -> bool:
    """Say whether those who are in the whole and not in the part are a group that might be shown by itself."""
    if one.measure is not Measure.PERCENT or rest is None:
        return False
    return int((rest.totals.n > 0).sum()) >= policy.classes and min(split) >= policy.small_number


def _is_open(left: int, ranges: Sequence[tuple[float, float]], policy: Policy) -> bool:
    low = max(0.0, *(one[0] for one in ranges))
    high = min(float(left), *(one[1] for one in ranges))
    return left <= 0 or high - low >= min(policy.recovery_values - 1, left) - _HAIR


def _group_of(outcome: Outcome, wave: int) -> Group:
    return outcome.second if wave else outcome.first


def _interval_of(outcome: Outcome, wave: int) -> tuple[float, float] | None:
    found = outcome.comparison
    return None if found is None else _interval(outcome.indicator, found.second if wave else found.first)


def _n(group: Group) -> float:
    return float(group.totals.n.sum())


def _known(one: Indicator, group: Group, interval: tuple[float, float] | None, step: float) -> tuple[float, float]:
    """Give the lowest and highest total, normalised, that a rounded figure and its rounded interval allow."""
    n = _n(group)
    if n <= 0:
        return 0.0, 0.0
    total = _normalised(float(group.totals.value.sum()) / n, one) * n
    return revealed(n=round(n), total=total, interval=interval, step=step, is_logit=one.measure is Measure.PERCENT)


def _interval(one: Indicator, estimate: Estimate) -> tuple[float, float] | None:
    """Give the interval of one figure, normalised."""
    if one.measure is Measure.PERCENT:
        return logit_interval(estimate)
    found = t_interval(estimate)
    if found is None:
        return None
    low, high = (min(max(_normalised(end, one), 0.0), 1.0) for end in found)
    return low, high


def _side(one: Indicator, estimate: Estimate, step: float, policy: Policy) -> Side:
    interval = _interval(one, estimate)
    ends: tuple[float | None, float | None] = (None, None)
    if interval is not None:
        rounded = outwards(*interval, step)
        ends = (_on_scale(rounded[0], one), _on_scale(rounded[1], one))
    return Side(
        n=nearest_count(estimate.n, policy.count_step),
        value=_on_scale(nearest(_normalised(estimate.mean, one), step), one),
        low=ends[0],
        high=ends[1],
    )


def _difference(one: Indicator, exact: Contrast, sides: Sequence[Side], step: float) -> Contrast:
    grain = step * (one.scale[1] - one.scale[0])
    return _rounded(exact, round(sides[1].value - sides[0].value, 4), grain)


def _ratio(found: Comparison, sides: Sequence[Side], *, is_coarse: bool) -> Contrast | None:
    if found.ratio is None or sides[0].value <= 0 or sides[1].value <= 0:
        return None
    return _rounded(found.ratio, round(sides[1].value / sides[0].value, 2), _RATIO_STEPS[is_coarse])


def _size(one: Indicator, found: Comparison, sides: Sequence[Side], *, is_coarse: bool) -> Contrast | None:
    step = _SIZE_STEPS[is_coarse]
    if found.size is None:
        return None
    if one.measure is Measure.PERCENT:
        shares = [min(max(side.value, 0.0), 1.0) for side in sides]
        return _rounded(found.size, round(cohens_h(shares[0], shares[1]), 2), step)
    return _rounded(found.size, round(nearest(found.size.value, step), 2), step)


def _rounded(exact: Contrast, value: float, grain: float) -> Contrast:
    """Round an interval outwards, so that it holds the value that is shown, too."""
    if exact.low is None or exact.high is None:
        return Contrast(value=value, se=None, low=None, high=None)
    low = min(math.floor(exact.low / grain + _HAIR) * grain, value)
    high = max(math.ceil(exact.high / grain - _HAIR) * grain, value)
    return Contrast(value=value, se=None, low=round(low, 4), high=round(high, 4))


def _verdict(one: Indicator, found: Comparison) -> Verdict:
    lower = one.better is Better.LOWER
    if one.measure is Measure.SCALE and found.size is not None:
        return verdict(found.size, lower_is_better=lower, harm=HARM_SIZE)
    return verdict(found.difference, lower_is_better=lower, harm=harm_of(one.measure, one.scale))


def _with_lost(
    shown: PanelFigure, outcome: Outcome, everybody: Outcome | None, step: float, policy: Policy
) -> PanelFigure:
    """Show how those not found again differed, where both groups are large enough and give nobody away.

    Those found who left the question empty in the after are between the figure and this one: few, or one.
    """
    one, found = outcome.indicator, outcome.lost
    if found is None or outcome.lost_groups is None or everybody is None:
        return shown
    if any(_too_small(one, group, policy) is not None for group in outcome.lost_groups):
        return shown
    coarse, fine = policy.step(one.measure, one.scale).coarse, policy.step(one.measure, one.scale).fine
    estimates = (found.first, found.second)
    known = [
        _known(one, group, _interval(one, estimate), coarse)
        for group, estimate in zip(outcome.lost_groups, estimates, strict=True)
    ]
    both = _known(one, outcome.first, _interval_of(outcome, 0), step)
    whole = _known(one, everybody.first, _interval_of(everybody, 0), fine)
    left = round(_n(outcome.lost_groups[1]) - _n(outcome.first))
    ranges = [
        (known[1][0] - both[1], known[1][1] - both[0]),
        (whole[0] - known[0][1] - both[1], whole[1] - known[0][0] - both[0]),
    ]
    if not _is_open(left, ranges, policy):
        return shown
    sides = [_side(one, estimate, coarse, policy) for estimate in estimates]
    return replace(shown, not_found=sides[0], found=sides[1], lost=_difference(one, found.difference, sides, coarse))


def ratio_step(figure: PanelFigure, step: float, policy: Policy) -> float:
    """Say what a figure's ratio is rounded to, its shares being rounded to `step`, normalised."""
    return _RATIO_STEPS[step >= policy.step(figure.measure, figure.scale).coarse]


def normalised_total(one: Indicator, group: Group) -> float:
    """Give the sum of a group's answers, each between 0 and 1."""
    return (float(group.totals.value.sum()) - one.scale[0] * _n(group)) / (one.scale[1] - one.scale[0])


def _normalised(value: float, one: Indicator) -> float:
    low, high = one.scale
    return (value - low) / (high - low)


def _on_scale(value: float, one: Indicator) -> float:
    low, high = one.scale
    return round(low + value * (high - low), 4)


def _figure(values: Mapping[str, Any]) -> PanelFigure:
    def contrast(name: str) -> Contrast | None:
        return Contrast(**values[name]) if values[name] else None

    def side(name: str) -> Side | None:
        return Side(**values[name]) if values[name] else None

    return PanelFigure(
        **{
            **values,
            "who": Who(values["who"]),
            "name": Localised(values["name"]),
            "definition": Localised(values["definition"]),
            "measure": Measure(values["measure"]),
            "scale": tuple(values["scale"]),
            "better": Better(values["better"]),
            "before": side("before"),
            "after": side("after"),
            "difference": contrast("difference"),
            "ratio": contrast("ratio"),
            "size": contrast("size"),
            "verdict": Verdict(values["verdict"]) if values["verdict"] else None,
            "not_found": side("not_found"),
            "found": side("found"),
            "lost": contrast("lost"),
            # Results that were released before bounds were made have none.
            "bounds": ShownBounds.from_json(values.get("bounds")),
            "reason": Reason(values["reason"]) if values["reason"] else None,
        }
    )

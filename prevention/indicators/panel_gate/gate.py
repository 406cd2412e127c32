"""What of one outcome may be shown, by itself. Pure."""

from dataclasses import replace

from prevention.indicators.attrition import attrition_bounds
from prevention.indicators.catalogue import Indicator
from prevention.indicators.effects import Group
from prevention.indicators.panel_bounds import ShownBounds, ShownFigures, shown_bounds
from prevention.indicators.panel_gate.openness import interval_in, is_open, known_total, rest_is_open
from prevention.indicators.panel_gate.rounding import difference_of, ratio_of, side_of, size_of, verdict_of
from prevention.indicators.panel_gate.scale import interval_of, n_of, normalised
from prevention.indicators.panel_gate.values import PanelFigure, Saying, Who
from prevention.indicators.panels import Outcome
from prevention.indicators.policy import Policy, nearest, nearest_count
from prevention.indicators.published import Measure, Reason


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
    sides = [side_of(one, estimate, step, policy) for estimate in (found.first, found.second)]
    shown = replace(
        plain,
        before=sides[0],
        after=sides[1],
        clusters=found.clusters,
        difference=difference_of(one, found.difference, sides, step),
        ratio=ratio_of(found, sides, is_coarse=step >= policy.step(one.measure, one.scale).coarse),
        size=size_of(one, found, sides, is_coarse=step >= policy.step(one.measure, one.scale).coarse),
        verdict=verdict_of(one, found),
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
        all_before=nearest(normalised(everybody.comparison.first.mean, one), step_all),
        found_before=nearest(normalised(found.first.mean, one), step),
        found_after=nearest(normalised(found.second.mean, one), step),
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
    is_small = is_coarse or min(n_of(group) for group in groups) < policy.small_group
    for step in (steps.coarse,) if is_small else (steps.fine, steps.coarse):
        if everybody is None or all(rest_is_open(outcome, everybody, wave, step, policy) for wave in (0, 1)):
            return step
    return None


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
        known_total(one, group, interval_of(one, estimate), coarse)
        for group, estimate in zip(outcome.lost_groups, estimates, strict=True)
    ]
    both = known_total(one, outcome.first, interval_in(outcome, 0), step)
    whole = known_total(one, everybody.first, interval_in(everybody, 0), fine)
    left = round(n_of(outcome.lost_groups[1]) - n_of(outcome.first))
    ranges = [
        (known[1][0] - both[1], known[1][1] - both[0]),
        (whole[0] - known[0][1] - both[1], whole[1] - known[0][0] - both[0]),
    ]
    if not is_open(left, ranges, policy):
        return shown
    sides = [side_of(one, estimate, coarse, policy) for estimate in estimates]
    return replace(shown, not_found=sides[0], found=sides[1], lost=difference_of(one, found.difference, sides, coarse))

"""How a change between two published figures is said. No word of it speaks of a cause, or says "significant"."""

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.indicators.effects import Contrast, Verdict
from prevention.indicators.panel_bounds import ShownBounds
from prevention.indicators.published import Measure, Movement
from prevention.indicators.trends import Change


def change_words(change: Change, measure: Measure) -> str:
    """Say how far two figures lie apart, e.g. "higher, by 2 to 9 points"."""
    low, high = ends_of(change.difference)
    if change.movement is Movement.UP:
        return _("higher, by %(span)s", span=span(low, high, measure))
    if change.movement is Movement.DOWN:
        return _("lower, by %(span)s", span=span(-high, -low, measure))
    if change.is_possible and change.difference.value > 0:
        return _("perhaps higher, by %(span)s", span=span(low, high, measure))
    if change.is_possible:
        return _("perhaps lower, by %(span)s", span=span(-high, -low, measure))
    return _("no clear difference (%(span)s)", span=signed_span(low, high, measure))


def verdict_words(verdict: Verdict | None) -> str | None:
    """Say what a change means for the wished direction; None where it says nothing."""
    if verdict is None:
        return None
    return {
        Verdict.BETTER: _("in the wished direction"),
        Verdict.WORSE: _("in the wrong direction"),
        Verdict.MAYBE_WORSE: _("a change for the worse that would matter is not ruled out"),
        Verdict.UNCLEAR: None,
    }[verdict]


def bounds_words(bounds: ShownBounds, measure: Measure) -> tuple[str, ...]:
    """Say what those not found again leave open: the widest bounds, then what it would take to undo the change."""
    found = _(
        "%(found)s of 100 were found again. Whatever the others would have said, the change of all lies between "
        "%(low)s and %(high)s.",
        found=bounds.found,
        low=_change(bounds.low, measure),
        high=_change(bounds.high, measure),
    )
    ends = _("With the margin of error: %(span)s.", span=signed_span(bounds.low_end, bounds.high_end, measure))
    steady = _("Had they not changed, all would have changed by %(change)s.", change=_change(bounds.steady, measure))
    if bounds.tipping is None:
        return found, ends, steady
    if not bounds.can_tip:
        return found, ends, steady, _("Nothing they could have said makes that change vanish.")
    tip = _("It vanishes if they changed by %(change)s.", change=_change(bounds.tipping, measure))
    return found, ends, steady, tip


def _change(value: float, measure: Measure) -> str:
    text = signed(value, measure)
    return text if measure is Measure.SCALE else _("%(value)s points", value=text)


def ends_of(contrast: Contrast) -> tuple[float, float]:
    """Give the interval of a comparison that has one."""
    return contrast.low or 0.0, contrast.high or 0.0


def span(low: float, high: float, measure: Measure) -> str:
    """Write an interval without signs: "2 to 9 points", or a mean's "0.1 to 0.4"."""
    ends = {"low": plain(low, measure), "high": plain(high, measure)}
    return _("%(low)s to %(high)s", **ends) if measure is Measure.SCALE else _("%(low)s to %(high)s points", **ends)


def signed_span(low: float, high: float, measure: Measure) -> str:
    """Write an interval with signs: "-3 to +5 points" with a true minus."""
    ends = {"low": signed(low, measure), "high": signed(high, measure)}
    return _("%(low)s to %(high)s", **ends) if measure is Measure.SCALE else _("%(low)s to %(high)s points", **ends)


def signed(value: float, measure: Measure) -> str:
    """Write a difference with its sign; U+2212, because a hyphen before a number is read as a dash."""
    text = plain(abs(value), measure)
    if not any(digit in text for digit in "123456789"):
        return text
    return f"+{text}" if value > 0 else f"\u2212{text}"


def plain(value: float, measure: Measure) -> str:
    """Write a number in the unit of a measure: hundredths, or the points of a scale."""
    return number(round(value, 2)) if measure is Measure.SCALE else number(round(value * 100))

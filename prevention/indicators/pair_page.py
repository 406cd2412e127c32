"""How a before and after reads: the released figures in, sentences out. No query, no request."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.indicators.catalogue import Better
from prevention.indicators.change_words import bounds_words, plain, signed_span, span, verdict_words
from prevention.indicators.effects import Contrast, Verdict, verdict
from prevention.indicators.panel_gate import Panel, PanelFigure, Side, Who
from prevention.indicators.published import Measure, Reason
from prevention.indicators.table_words import reason_words
from prevention.indicators.trends import harm_of, recovered


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRow:
    """One indicator in words.

    Attributes:
        why: the reason when it is hidden, and then all the rest is None.
        change: the after against the before. ratio, size: the same as a ratio, and as Cohen's h or d.
        verdict: what it means for the wished direction; `is_worse` when it is harm.
        beyond: the change less that of those who waited; `beyond_verdict` as above.
        lost: how those not found again differed before.
        bounds: what they leave open, in sentences.
    """

    name: str
    definition: str
    why: str | None
    before: str | None = None
    after: str | None = None
    change: str | None = None
    ratio: str | None = None
    size: str | None = None
    verdict: str | None = None
    is_worse: bool = False
    beyond: str | None = None
    beyond_verdict: str | None = None
    lost: str | None = None
    is_lost_clear: bool = False
    bounds: tuple[str, ...] = ()


def rows_of(panel: Panel, who: Who, *, waiting: Panel | None = None) -> tuple[PairRow, ...]:
    """Give the rows of a pair, harms first, beside another pair of classes that waited."""
    others = {one.indicator_id: one for one in waiting.figures if one.who is who} if waiting else {}
    rows = [_row(one, others.get(one.indicator_id)) for one in panel.figures if one.who is who]
    return tuple(sorted(rows, key=lambda row: (not row.is_worse, row.why is not None)))


def _row(one: PanelFigure, other: PanelFigure | None) -> PairRow:
    row = PairRow(
        name=one.name.text(),
        definition=one.definition.text(),
        why=reason_words(one.reason or Reason.FEW_ANSWERS),
    )
    if one.before is None or one.after is None or one.difference is None:
        return row
    beyond = _beyond(one, other)
    return replace(
        row,
        why=None,
        before=side_words(one.before, one.measure),
        after=side_words(one.after, one.measure),
        change=difference_words(one.difference, one.measure),
        ratio=_interval_words(one.ratio),
        size=_interval_words(one.size),
        verdict=verdict_words(one.verdict),
        is_worse=one.verdict is Verdict.WORSE,
        beyond=None if beyond is None else difference_words(beyond, one.measure),
        beyond_verdict=None if beyond is None else verdict_words(_verdict(one, beyond)),
        lost=None if one.lost is None else difference_words(one.lost, one.measure),
        is_lost_clear=one.lost is not None and ((one.lost.low or 0) > 0 or (one.lost.high or 0) < 0),
        bounds=() if one.bounds is None else bounds_words(one.bounds, one.measure),
    )


def _beyond(one: PanelFigure, other: PanelFigure | None) -> Contrast | None:
    """Give the change less that of those who waited, from the two released intervals."""
    if one.difference is None or other is None or other.difference is None:
        return None
    own, theirs = _ends(one.difference), _ends(other.difference)
    return None if own is None or theirs is None else recovered(theirs, own)


def _ends(contrast: Contrast) -> tuple[float, float, float] | None:
    if contrast.low is None or contrast.high is None:
        return None
    return contrast.low, contrast.value, contrast.high


def _verdict(one: PanelFigure, difference: Contrast) -> Verdict:
    return verdict(difference, lower_is_better=one.better is Better.LOWER, harm=harm_of(one.measure, one.scale))


def side_words(side: Side, measure: Measure) -> str:
    """Say a group's figure: "48 in 100 (41 to 55)"."""
    value = plain(side.value, measure)
    words = _("%(value)s in 100", value=value) if measure is Measure.PERCENT else value
    if side.low is None or side.high is None:
        return words
    return _(
        "%(words)s (%(low)s to %(high)s)", words=words, low=plain(side.low, measure), high=plain(side.high, measure)
    )


def difference_words(difference: Contrast, measure: Measure) -> str:
    """Say a difference by its interval."""
    if difference.low is None or difference.high is None:
        return _("cannot be told")
    if difference.low > 0:
        return _("higher, by %(span)s", span=span(difference.low, difference.high, measure))
    if difference.high < 0:
        return _("lower, by %(span)s", span=span(-difference.high, -difference.low, measure))
    return _("no clear difference (%(span)s)", span=signed_span(difference.low, difference.high, measure))


def _interval_words(contrast: Contrast | None) -> str | None:
    if contrast is None or contrast.low is None or contrast.high is None:
        return None
    return _(
        "%(words)s (%(low)s to %(high)s)",
        words=number(round(contrast.value, 2)),
        low=number(round(contrast.low, 2)),
        high=number(round(contrast.high, 2)),
    )

"""Before and after a programme: what changed, what could have been found at all, who was lost, and the watch for harm.

No sentence speaks of a cause: nobody was drawn by lot, and in the report nobody is compared with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.web import day, number, percent
from prevention.indicators.effects import POWER, Verdict
from prevention.indicators.estimates import WORKING_ICC
from prevention.indicators.foresight import SHARE
from prevention.indicators.pair_page import PairRow, rows_of, side_words
from prevention.indicators.panel_gate import Panel, PanelFigure, Side, Who
from prevention.indicators.panel_service import ReleasedPair
from prevention.indicators.published import Measure
from prevention.reports.charts import Estimate, IntervalRow, interval_chart
from prevention.reports.figures import YearFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class PairView:
    """One before and after. `found_again` is empty where nothing links the two. `harm` are sentences, harm first."""

    name: str
    facts: tuple[tuple[str, str], ...]
    attrition: str
    detectable: str
    harm: tuple[str, ...]
    has_harm: bool
    everybody: tuple[PairRow, ...]
    found_again: tuple[PairRow, ...]
    chart: Markup | None
    caption: str


def pairs(figures: YearFigures) -> tuple[PairView, ...]:
    """Arrange the released pairs of the year."""
    return tuple(_view(one) for one in (figures.chapters.pairs if figures.chapters is not None else ()))


def _view(one: ReleasedPair) -> PairView:
    panel = one.panel
    # Where pupils were found again, they are who was followed; else all who answered.
    followed = [each for each in panel.figures if each.who is (Who.FOUND if panel.is_linked else Who.ALL)]
    return PairView(
        name=panel.name,
        facts=tuple(_facts(one)),
        attrition=_attrition(panel),
        detectable=_detectable(one),
        harm=tuple(_harm(followed)),
        has_harm=any(each.verdict is Verdict.WORSE for each in followed),
        everybody=rows_of(panel, Who.ALL),
        found_again=rows_of(panel, Who.FOUND),
        chart=_chart(panel),
        caption=_("Before and after, all who answered: pupils in 100, with 95 percent intervals."),
    )


def _facts(one: ReleasedPair) -> Iterable[tuple[str, str]]:
    before, after = one.panel.answers
    yield _("Before"), _("from %(first)s to %(last)s", first=day(one.before_from), last=day(one.before_until))
    yield _("After"), _("from %(first)s to %(last)s", first=day(one.after_from), last=day(one.after_until))
    yield _("Classes"), number(one.classes)
    yield (
        _("Answers before, after"),
        _("about %(before)s, %(after)s", before=number(before), after=number(after)),
    )
    yield _("Questionnaires"), "; ".join(one.questionnaires)


def _attrition(panel: Panel) -> str:
    if panel.found is None:
        return _(
            "Nothing links the two surveys: pupils were not followed. Who left, who came, and how they differ is not "
            "known; a change may come from that alone."
        )
    before = panel.answers[0]
    return _(
        "By the code that pupils made themselves, about %(found)s of about %(before)s were found again (%(share)s). "
        "Those not found are often not like the others; the last column says how they had answered before.",
        found=number(panel.found),
        before=number(before),
        share=percent(panel.found / before) if before else _("not known"),
    )


def _detectable(one: ReleasedPair) -> str:
    if one.difference is None or one.size is None:
        return _("With fewer than two classes no change could have been told from chance.")
    return _(
        "With this many classes and answers one would find a change of %(points)s points in a share of %(share)s in "
        "100, or of d = %(size)s in a mean, with a chance of %(power)s (pupils of one class taken to be alike to "
        "%(icc)s). A smaller change may be there without showing: no clear difference does not mean no "
        "difference.",
        points=number(round(one.difference * 100)),
        share=number(round(SHARE * 100)),
        size=number(round(one.size, 2)),
        power=percent(POWER),
        icc=number(WORKING_ICC),
    )


def _harm(figures: Sequence[PanelFigure]) -> Iterable[str]:
    shown = [one for one in figures if one.before is not None]
    if not shown:
        yield _("No figure may be shown, so nothing can be said of harm either.")
        return
    worse, maybe, better = (
        "; ".join(one.name.text() for one in shown if one.verdict is verdict)
        for verdict in (Verdict.WORSE, Verdict.MAYBE_WORSE, Verdict.BETTER)
    )
    if worse:
        yield _(
            "In the wrong direction, beyond chance: %(names)s. Look at how the programme was delivered before it goes "
            "on.",
            names=worse,
        )
    else:
        yield _("No figure moved in the wrong direction beyond chance.")
    if maybe:
        yield _("A change for the worse that would matter is not ruled out for: %(names)s.", names=maybe)
    if better:
        yield _("In the wished direction, beyond chance: %(names)s.", names=better)


def _chart(panel: Panel) -> Markup | None:
    rows = [
        IntervalRow(
            label=one.name.text(),
            estimates=(_estimate(one.before), _estimate(one.after)),
            words=(_words(one.before), _words(one.after)),
        )
        for one in panel.figures
        if one.who is Who.ALL and one.measure is Measure.PERCENT and one.before is not None
    ]
    if not any(estimate is not None for row in rows for estimate in row.estimates):
        return None
    listed = "; ".join(
        _("%(name)s: before %(before)s, after %(after)s", name=row.label, before=row.words[0], after=row.words[1])
        for row in rows
    )
    return interval_chart(
        rows,
        series=[_("Before"), _("After")],
        sentence=_("%(name)s. %(figures)s.", name=panel.name, figures=listed),
        axis=_("pupils in 100, with 95 percent interval"),
    )


def _estimate(side: Side | None) -> Estimate | None:
    if side is None or side.low is None or side.high is None:
        return None
    return Estimate(share=side.value, low=side.low, high=side.high)


def _words(side: Side | None) -> str:
    return _("not shown") if side is None else side_words(side, Measure.PERCENT)

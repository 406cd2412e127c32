"""What was done and who was reached, as the papers show it: counts of a year in, rows, charts and sentences out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from prevention.core.web import number, percent
from prevention.delivery.coverage import ActivityTotals, EquityGap, MunicipalityCoverage, SchoolCoverage
from prevention.reports.chapters.plan import hours_held, municipalities_before, municipalities_reached
from prevention.reports.charts import BarRow, bar_chart, bar_height
from prevention.reports.figures import YearFigures
from prevention.reports.names import labels
from prevention.reports.printed import rate_words, whole_hours

# A chart taller than this would not fit below its heading on an A4 page.
TALLEST_CHART_PX = 620


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One line of "compared with last year"."""

    label: str
    now: str
    before: str
    difference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A drawing with its caption; the caption says which part of a long list it shows."""

    svg: Markup
    caption: str


def comparisons(figures: YearFigures) -> tuple[Comparison, ...]:
    """Set this year's totals beside last year's; empty when nothing was recorded last year."""
    if figures.before is None:
        return ()
    now, before = figures.activity.totals, figures.before.totals
    counts = (
        (_("Programmes"), now.programmes, before.programmes),
        (_("Schools reached"), now.sites_reached, before.sites_reached),
        *_places(figures),
        (_("Classes reached"), now.classes_reached, before.classes_reached),
        (_("Classes that had a whole programme"), now.classes_completed, before.classes_completed),
        (_("Meetings held"), now.meetings_held, before.meetings_held),
        (_("Hours held"), hours_held(now), hours_held(before)),
        (_("Pupils reached (estimate)"), now.pupils_reached, before.pupils_reached),
        (_("Pupil-hours"), whole_hours(now.pupil_hours), whole_hours(before.pupil_hours)),
    )
    shares = (
        (_("Activities done in full"), now.fidelity, before.fidelity),
        (_("Pupils present, of those expected"), now.attendance, before.attendance),
        (_("Hours in programmes with rated evidence"), now.rated_share, before.rated_share),
    )
    return tuple(_counted(*row) for row in counts) + tuple(_shared(*row) for row in shares)


def _places(figures: YearFigures) -> tuple[tuple[str, int, int], ...]:
    before = municipalities_before(figures)
    if before is None:
        return ()
    return ((_("Municipalities reached"), municipalities_reached(figures), before),)


def _counted(label: str, now: int, before: int) -> Comparison:
    return Comparison(label=label, now=number(now), before=number(before), difference=_signed(now - before))


def _shared(label: str, now: float | None, before: float | None) -> Comparison:
    unknown = _("not known")
    if now is None or before is None:
        difference = _("cannot be compared")
    else:
        points = round(now * 100) - round(before * 100)
        difference = (
            ngettext("%(points)s point", "%(points)s points", abs(points), points=_signed(points))
            if points
            else _("the same")
        )
    return Comparison(
        label=label,
        now=unknown if now is None else percent(now),
        before=unknown if before is None else percent(before),
        difference=difference,
    )


def _signed(difference: int) -> str:
    if not difference:
        return _("the same")
    # U+2212, because a hyphen is read as a dash.
    return f"+{number(difference)}" if difference > 0 else f"\u2212{number(-difference)}"


def done_sentences(totals: ActivityTotals) -> tuple[str, ...]:
    """Say in plain words what was done; a year without a booking is said in words too."""
    if not totals.meetings_planned:
        return (_("No meeting was booked in this school year."),)
    said = [
        _(
            "Of %(planned)s meetings booked, %(held)s were held.",
            planned=number(totals.meetings_planned),
            held=number(totals.meetings_held),
        )
    ]
    ahead = totals.meetings_planned - totals.meetings_due
    if ahead:
        said.append(
            ngettext(
                "%(count)s meeting is still to come.",
                "%(count)s meetings are still to come.",
                ahead,
                count=number(ahead),
            )
        )
    if totals.registers_missing:
        missing = totals.registers_missing
        said.append(
            ngettext(
                "For %(count)s meeting whose day has passed the register is missing: it is not known whether it took "
                "place, and it is not counted.",
                "For %(count)s meetings whose day has passed the register is missing: it is not known whether they "
                "took place, and they are not counted.",
                missing,
                count=number(missing),
            )
        )
    if totals.meetings_not_held:
        count = totals.meetings_not_held
        said.append(
            ngettext("%(count)s meeting was not held.", "%(count)s meetings were not held.", count, count=number(count))
        )
    return tuple(said)


def reach_sentences(totals: ActivityTotals) -> tuple[str, ...]:
    """Say in plain words who was reached, and how sure that is; nothing when no school is known."""
    if not totals.sites:
        return ()
    said = [
        ngettext(
            "At least one meeting was held in %(reached)s of %(sites)s lower or upper secondary school.",
            "At least one meeting was held in %(reached)s of %(sites)s lower and upper secondary schools.",
            totals.sites,
            reached=number(totals.sites_reached),
            sites=number(totals.sites),
        )
    ]
    if totals.pupils_reached:
        said.append(
            _(
                "About %(pupils)s pupils took part. This is an estimate: nobody is named, so for each class the "
                "largest number present at one of its meetings is counted.",
                pupils=number(totals.pupils_reached),
            )
        )
    if totals.hours_per_pupil is not None:
        said.append(
            _(
                "That makes %(hours)s hours for each pupil enrolled, counting the schools whose number of pupils is "
                "known.",
                hours=rate_words(totals.hours_per_pupil),
            )
        )
    else:
        said.append(_("The number of pupils enrolled is not known, so hours per pupil cannot be given."))
    return tuple(said)


def equity_sentence(gap: EquityGap) -> str:
    """Say how far apart the best and the least served groups are."""
    values = {"lowest": rate_words(gap.lowest), "highest": rate_words(gap.highest)}
    if gap.dimension == "site":
        return _("Between schools, hours per pupil go from %(lowest)s to %(highest)s.", **values)
    if gap.dimension == "municipality":
        return _("Between municipalities, hours per pupil go from %(lowest)s to %(highest)s.", **values)
    return _(
        "Between kinds of upper secondary school (liceo, technical, vocational), hours per pupil go from %(lowest)s "
        "to %(highest)s.",
        **values,
    )


def school_charts(schools: Sequence[SchoolCoverage]) -> tuple[Chart, ...]:
    """Draw the pupil-hours of the schools reached, most first, in as many charts as pages need."""
    named = labels(schools)
    reached = sorted((school for school in schools if school.is_reached), key=lambda one: (-one.pupil_hours, one.name))
    rows = [
        BarRow(label=named[school.code], value=float(school.pupil_hours), words=number(whole_hours(school.pupil_hours)))
        for school in reached
    ]
    return _charts(rows, _("Pupil-hours by school"))


def municipality_charts(municipalities: Sequence[MunicipalityCoverage]) -> tuple[Chart, ...]:
    """Draw hours per enrolled pupil for the municipalities where both are known, most first."""
    known = [(one.name, one.hours_per_pupil) for one in municipalities if one.hours_per_pupil]
    rows = [
        BarRow(label=name, value=float(hours), words=rate_words(hours))
        for name, hours in sorted(known, key=lambda one: (-one[1], one[0]))
    ]
    return _charts(rows, _("Hours per enrolled pupil, by municipality"))


def _charts(rows: Sequence[BarRow], heading: str) -> tuple[Chart, ...]:
    if len(rows) < 2:  # one bar is as long as itself: the table says it
        return ()
    charts = []
    first = 1
    longest = max((row.value for row in rows), default=0)
    for part in _in_pages(rows):
        last = first + len(part) - 1
        is_all = len(part) == len(rows)
        caption = (
            heading if is_all else _("%(heading)s (%(first)s to %(last)s)", heading=heading, first=first, last=last)
        )
        listed = "; ".join(f"{row.label} {row.words}" for row in part)
        charts.append(Chart(svg=bar_chart(part, longest=longest, sentence=f"{caption}: {listed}."), caption=caption))
        first = last + 1
    return tuple(charts)


def _in_pages(rows: Sequence[BarRow]) -> Iterator[list[BarRow]]:
    part: list[BarRow] = []
    tall = 0.0
    for row in rows:
        more = bar_height(row.label)
        if part and tall + more > TALLEST_CHART_PX:
            yield part
            part, tall = [], 0.0
        part.append(row)
        tall += more
    if part:
        yield part

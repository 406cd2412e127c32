"""What was planned and what was done, and the years side by side: rows of words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from prevention.core.web import number, percent
from prevention.delivery.coverage import ActivityTotals
from prevention.reports import printed
from prevention.reports.chapters.values import Chapters
from prevention.reports.figures import YearFigures
from prevention.reports.printed import whole_hours
from prevention.schools.rules import school_year_label


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRow:
    """One line of "planned and done"; `share` is empty where nothing was planned."""

    label: str
    planned: str
    done: str
    share: str


@dataclass(frozen=True, kw_only=True, slots=True)
class YearsTable:
    """What is counted, year by year, the latest first; every row has as many cells as there are years."""

    years: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def plan_rows(figures: YearFigures) -> tuple[PlanRow, ...]:
    """Set what was booked beside what took place; nothing without a booking."""
    chapters, totals = figures.chapters, figures.activity.totals
    if chapters is None or not totals.meetings_planned:
        return ()
    district = printed.of_district(totals)
    booked = [school for school in figures.activity.schools if school.classes_booked]
    reached = [school for school in booked if school.is_reached]
    hours = whole_hours(Decimal(sum(one.minutes_planned for one in chapters.details)) / 60)
    held = hours_held(totals)
    return (
        _row(_("Schools with a booking, and reached"), len(booked), len(reached)),
        _row(
            _("Municipalities with a booking, and reached"),
            len({school.istat_code for school in booked}),
            len({school.istat_code for school in reached}),
        ),
        _row(_("Classes booked, and reached"), totals.classes_booked, totals.classes_reached, district["classes"]),
        _row(_("Classes booked, and with a whole programme"), totals.classes_booked, totals.classes_completed),
        _row(_("Meetings booked, and held"), totals.meetings_planned, totals.meetings_held, district["meetings"]),
        _row(_("Hours that the manuals ask for, and held"), hours, held),
        _row(_("Pupils expected at the meetings held, and present"), totals.pupils_expected, totals.pupils_present),
        _row(_("Activities of the manuals, and done in full"), totals.activities_planned, totals.activities_full),
    )


def _row(label: str, planned: int, done: int, words: str | None = None) -> PlanRow:
    return PlanRow(
        label=label,
        planned=number(planned),
        done=number(done) if words is None else words,
        share=percent(done / planned) if planned else "",
    )


def hours_held(totals: ActivityTotals) -> int:
    """Give the hours of the meetings held, whole."""
    return whole_hours(Decimal(totals.minutes_held) / 60)


def municipalities_reached(figures: YearFigures) -> int:
    """Count the municipalities in which a meeting was held."""
    return sum(place.sites_reached > 0 for place in figures.activity.municipalities)


def municipalities_before(figures: YearFigures) -> int | None:
    """Count the municipalities in which a meeting was held last year; None where it is not known."""
    earlier = figures.chapters.earlier if figures.chapters is not None else ()
    return next(
        (one.municipalities_reached for one in earlier if one.school_year == figures.school_year - 1),
        None,
    )


def years_table(figures: YearFigures) -> YearsTable | None:
    """Set the years side by side; None with fewer than three, because two have a table with their difference."""
    chapters = figures.chapters
    if chapters is None or len(chapters.earlier) < 2:
        return None
    years = (figures.activity.totals, *(one.totals for one in chapters.earlier))
    places = (municipalities_reached(figures), *(one.municipalities_reached for one in chapters.earlier))
    counted: Sequence[tuple[str, Callable[[ActivityTotals], int]]] = (
        (_("Programmes"), lambda one: one.programmes),
        (_("Schools reached"), lambda one: one.sites_reached),
        (_("Classes reached"), lambda one: one.classes_reached),
        (_("Classes that had a whole programme"), lambda one: one.classes_completed),
        (_("Meetings held"), lambda one: one.meetings_held),
        (_("Hours held"), hours_held),
        (_("Pupils reached (estimate)"), lambda one: one.pupils_reached),
        (_("Pupil-hours"), lambda one: whole_hours(one.pupil_hours)),
    )
    shared: Sequence[tuple[str, Callable[[ActivityTotals], float | None]]] = (
        (_("Activities done in full"), lambda one: one.fidelity),
        (_("Pupils present, of those expected"), lambda one: one.attendance),
        (_("Hours in programmes with rated evidence"), lambda one: one.rated_share),
    )
    rows = [(label, tuple(number(count(one)) for one in years)) for label, count in counted]
    rows.insert(2, (_("Municipalities reached"), tuple(number(count) for count in places)))
    rows += [(label, tuple(share_words(share(one)) for one in years)) for label, share in shared]
    return YearsTable(years=year_labels(figures.school_year, chapters), rows=tuple(rows))


def year_labels(school_year: int, chapters: Chapters) -> tuple[str, ...]:
    """Name the year and the years before it, as they stand side by side."""
    return tuple(school_year_label(year) for year in (school_year, *(one.school_year for one in chapters.earlier)))


def share_words(share: float | None) -> str:
    """Write a share, or that it is not known."""
    return _("not known") if share is None else percent(share)

"""How the programmes were delivered: as the manual asks, by whom, with what changes, and what fell out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.delivery.coverage import ProgrammeActivity, ProgrammeDetails
from prevention.delivery.rules import LedBy, Reason
from prevention.delivery.wording import ITEMS, LED_BY, REASONS
from prevention.reports.chapters.plan import share_words, year_labels
from prevention.reports.chapters.values import Chapters, Seen
from prevention.reports.figures import YearFigures
from prevention.reports.printed import Figure, fidelity_of, part_of


@dataclass(frozen=True, kw_only=True, slots=True)
class FidelityRow:
    """One programme: activities of the manual in full, in part and not done; meetings with a change; all words."""

    name: str
    whole: str
    planned: str
    full: str
    part: str
    not_done: str
    share: Figure
    adapted: str
    missing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CountTable:
    """A name and counts in a fixed number of columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FidelityView:
    """What the chapter shows; a table is None where nothing is known of it."""

    rows: tuple[FidelityRow, ...]
    over_years: CountTable | None
    led_by: CountTable | None
    reasons: tuple[tuple[str, str], ...]
    seen: CountTable | None


def fidelity(figures: YearFigures) -> FidelityView | None:
    """Arrange the chapter; None for figures that were frozen without it, and without any programme."""
    chapters = figures.chapters
    if chapters is None or not figures.activity.programmes:
        return None
    details = {one.slug: one for one in chapters.details}
    ordered = sorted(figures.activity.programmes, key=lambda one: (-one.meetings_planned, one.slug))
    return FidelityView(
        rows=tuple(_row(one, details[one.slug]) for one in ordered if one.slug in details),
        over_years=_over_years(figures, chapters),
        led_by=_led_by(ordered, details),
        reasons=tuple(_reasons(chapters)),
        seen=_seen(chapters.seen),
    )


def _row(one: ProgrammeActivity, details: ProgrammeDetails) -> FidelityRow:
    # Activities of meetings that were not held are among those planned, and were not done.
    not_done = max(one.activities_planned - one.activities_full - details.activities_part, 0)
    return FidelityRow(
        name=one.programme.text(),
        whole=part_of(one.classes_completed, one.classes),
        planned=number(one.activities_planned),
        full=number(one.activities_full),
        part=number(details.activities_part),
        not_done=number(not_done),
        share=fidelity_of(one),
        adapted=part_of(details.meetings_adapted, one.meetings_held),
        missing=number(one.registers_missing),
    )


def _over_years(figures: YearFigures, chapters: Chapters) -> CountTable | None:
    if not chapters.earlier:
        return None
    years = [figures.activity.programmes, *(one.programmes for one in chapters.earlier)]
    by_year = [{one.slug: one for one in some} for some in years]
    names = {one.slug: one.programme for some in reversed(years) for one in some}
    rows = tuple(
        (name.text(), tuple(_in_year(some.get(slug), is_now=not place) for place, some in enumerate(by_year)))
        for slug, name in sorted(names.items())
    )
    return CountTable(columns=year_labels(figures.school_year, chapters), rows=rows)


def _in_year(one: ProgrammeActivity | None, *, is_now: bool) -> str:
    if one is None:
        return _("not offered")
    return fidelity_of(one) if is_now else share_words(one.fidelity)


def _led_by(ordered: list[ProgrammeActivity], details: Mapping[str, ProgrammeDetails]) -> CountTable | None:
    used = [one for one in LedBy if any(count.led_by is one for row in details.values() for count in row.led_by)]
    if not used:
        return None
    rows = []
    for one in ordered:
        counts = {count.led_by: count.meetings for count in details[one.slug].led_by} if one.slug in details else {}
        rows.append((one.programme.text(), tuple(number(counts.get(kind, 0)) for kind in used)))
    return CountTable(columns=tuple(str(LED_BY[kind]) for kind in used), rows=tuple(rows))


def _reasons(chapters: Chapters) -> Iterator[tuple[str, str]]:
    counts: Counter[Reason] = Counter()
    for row in chapters.details:
        for count in row.not_held:
            counts[count.reason] += count.meetings
    for reason, meetings in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield str(REASONS[reason]), number(meetings)


def _seen(seen: tuple[Seen, ...]) -> CountTable | None:
    if not seen:
        return None
    items = seen[0].items
    return CountTable(
        columns=(_("Meetings observed"), *(str(ITEMS[item]) for item in items)),
        rows=tuple(
            (one.programme.text(), (number(one.observed), *(part_of(count, one.observed) for count in one.good)))
            for one in seen
        ),
    )

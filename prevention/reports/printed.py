"""How a figure that stands in more than one paper is named and printed; nothing else writes one.

A name is for machines ("school.CRIC81000X.rate"). It travels into the page as ``data-figure``, so that `consistency`
can hold all papers of a year to one text for one name.
"""

from decimal import ROUND_HALF_UP, Decimal

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import escape

from prevention.core.web import number, percent
from prevention.delivery.coverage import (
    ActivityTotals,
    GroupCoverage,
    HoursPerPupil,
    MunicipalityCoverage,
    ProgrammeActivity,
    SchoolCoverage,
)
from prevention.network.areas import area_code


class Figure(str):
    """The text of a figure, with its name; `is_known` false marks words in the place of a number."""

    __slots__ = ("is_known", "name")

    name: str
    is_known: bool

    def __new__(cls, words: str, *, name: str, is_known: bool = True) -> "Figure":
        """Name a text."""
        made = super().__new__(cls, words)
        made.name, made.is_known = name, is_known
        return made

    def __html__(self) -> str:
        """Write it with its name, so that papers can be compared; a range in brackets is not broken over lines."""
        words, bracket, rest = str(self).partition("(")
        text = f'{escape(words)}<span class="range">({escape(rest)}</span>' if bracket else escape(words)
        if not self.name:
            return text
        absent = "" if self.is_known else ' class="absent"'
        return f'<span data-figure="{escape(self.name)}"{absent}>{text}</span>'


def of_school(school: SchoolCoverage) -> dict[str, Figure]:
    """Print the figures of one school, by their last name: classes, pupils, pupil_hours, rate."""
    return _of_place(f"school.{school.code}", school, classes=part_of(school.classes_reached, school.classes))


def of_municipality(place: MunicipalityCoverage) -> dict[str, Figure]:
    """Print the figures of one municipality: those of a school, and schools."""
    name = f"municipality.{place.istat_code}"
    return _of_place(name, place, classes=number(place.classes_reached)) | {
        "schools": Figure(part_of(place.sites_reached, place.sites), name=f"{name}.schools")
    }


def of_area(area: GroupCoverage) -> dict[str, Figure]:
    """Print the figures of one planning area: schools, classes, pupils, pupil_hours, rate."""
    name = f"area.{area_code(area.key)}"
    printed = {
        "schools": part_of(area.sites_reached, area.sites),
        "classes": part_of(area.classes_reached, area.classes),
        "pupils": part_of(area.pupils_reached, area.pupils_enrolled),
        "pupil_hours": number(whole_hours(area.pupil_hours)),
        "rate": range_words(area.hours_per_pupil),
    }
    is_known = area.hours_per_pupil is not None
    return {
        key: Figure(words, name=f"{name}.{key}", is_known=key != "rate" or is_known) for key, words in printed.items()
    }


def range_words(rate: HoursPerPupil | None) -> str:
    """Write hours per pupil that may lie between two numbers."""
    if rate is None:
        return _("not known")
    if rate.is_exact:
        return rate_words(rate.least)
    return _("%(low)s to %(high)s", low=rate_words(rate.least), high=rate_words(rate.most))


def of_district(totals: ActivityTotals) -> dict[str, Figure]:
    """Print the figures of the whole district: those of a municipality, meetings, programmes and pupils_alone."""
    counts = {"meetings": totals.meetings_held, "programmes": totals.programmes, "pupils_alone": totals.pupils_reached}
    return _of_place("district", totals, classes=number(totals.classes_reached)) | {
        "schools": Figure(part_of(totals.sites_reached, totals.sites), name="district.schools"),
        **{name: Figure(number(count), name=f"district.{name}") for name, count in counts.items()},
    }


def of_programme(programme: ProgrammeActivity) -> dict[str, Figure]:
    """Print what one programme did: classes, meetings, hours, pupil_hours, attendance."""
    attendance = programme.attendance
    printed = {
        "classes": part_of(programme.classes_reached, programme.classes),
        "meetings": part_of(programme.meetings_held, programme.meetings_planned),
        "hours": number(whole_hours(Decimal(programme.minutes_held) / 60)),
        "pupil_hours": number(whole_hours(programme.pupil_hours)),
        "attendance": _("not known") if attendance is None else percent(attendance),
    }
    return {
        key: Figure(
            words, name=f"programme.{programme.slug}.{key}", is_known=key != "attendance" or attendance is not None
        )
        for key, words in printed.items()
    }


def fidelity_of(programme: ProgrammeActivity) -> Figure:
    """Print the share of a programme's activities that were done in full."""
    share = programme.fidelity
    words = _("not known") if share is None else percent(share)
    return Figure(words, name=f"programme.{programme.slug}.fidelity", is_known=share is not None)


def _of_place(
    name: str, place: SchoolCoverage | MunicipalityCoverage | ActivityTotals, *, classes: str
) -> dict[str, Figure]:
    rate = place.hours_per_pupil
    printed = {
        "classes": classes,
        "pupils": part_of(place.pupils_reached, place.pupils_enrolled),
        "pupil_hours": number(whole_hours(place.pupil_hours)),
        "rate": _("not known") if rate is None else rate_words(rate),
    }
    return {
        key: Figure(words, name=f"{name}.{key}", is_known=key != "rate" or rate is not None)
        for key, words in printed.items()
    }


def part_of(part: int, whole: int | None) -> str:
    """Write "12 of 20"; the part alone where the whole is not known."""
    if whole is None:
        return _("%(part)s (enrolled: not known)", part=number(part))
    return _("%(part)s of %(whole)s", part=number(part), whole=number(whole))


def rate_words(hours: Decimal) -> str:
    """Write hours per pupil, always with two decimals, so that a column can be compared at a glance."""
    return format_decimal(hours, "#,##0.00")


def whole_hours(hours: Decimal) -> int:
    """Round hours to whole hours, halves up."""
    return int(hours.quantize(Decimal(1), ROUND_HALF_UP))

"""What `year_activity` gives: frozen counts, with their definitions. Nothing here reads a row or the clock.

Common words:

* A *meeting* is a planned meeting of a confirmed booking. It is *due* once its day (in Rome) is over, or it has a
  register. *Moved* is one that has not got its new date yet; once it has, it is a planned meeting again.
* *Pupils reached* is an estimate, because nobody is named: for each class the highest number present at one of its
  meetings, added up. A class in two programmes counts once.
* *Pupil-hours* are minutes held times pupils present, in hours.
* *Enrolled* is None where it is unknown: the ministry has no figure for the site, or only "<=3".
* *Hours per pupil* (P02) divides by the enrolled; in a sum, only sites with a known figure count on both sides.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prevention.core.i18n import Localised
from prevention.programmes.rules import EvidenceClass
from prevention.schools.rules import Level, Track


def share_of(part: int | Decimal, whole: int | Decimal | None) -> float | None:
    """Give `part` as a share of `whole`, 0 to 1; None when there is nothing to divide by."""
    return float(part) / float(whole) if whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeActivity:
    """What one programme did in the year.

    `activities_planned` are those of the meetings that were held or not held; what became of the others is unknown,
    and they are left out. `activities_recorded` are those of held meetings.
    """

    programme: Localised
    slug: str
    evidence_class: EvidenceClass
    classes: int
    classes_reached: int
    classes_completed: int
    meetings_planned: int
    meetings_due: int
    meetings_held: int
    meetings_not_held: int
    meetings_moved: int
    registers_missing: int
    minutes_held: int
    pupils_present: int
    pupils_expected: int
    pupil_hours: Decimal
    activities_planned: int
    activities_recorded: int
    activities_full: int

    @property
    def fidelity(self) -> float | None:
        """Activities done in full, as a share of those planned (P04)."""
        return share_of(self.activities_full, self.activities_planned)

    @property
    def attendance(self) -> float | None:
        """Pupils present, as a share of those expected, over the meetings held."""
        return share_of(self.pupils_present, self.pupils_expected)


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolCoverage:
    """What one site got in the year.

    `classes` are those that the school entered; `classes_booked` of them have a booking, `classes_reached` at least
    one meeting held, `classes_completed` at least one whole programme (P01).
    """

    code: str
    name: str
    institute: str
    level: Level
    track: Track | None
    municipality: str
    istat_code: str
    classes: int
    classes_booked: int
    classes_reached: int
    classes_completed: int
    pupils_enrolled: int | None
    is_enrolment_low: bool
    pupils_reached: int
    pupil_hours: Decimal
    hours_per_pupil: Decimal | None

    @property
    def is_reached(self) -> bool:
        """Say whether at least one meeting was held here."""
        return self.classes_reached > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MunicipalityCoverage:
    """What the sites of one municipality got. `sites_unknown` of its sites have no known number of enrolled pupils."""

    istat_code: str
    name: str
    sites: int
    sites_reached: int
    sites_unknown: int
    classes_reached: int
    pupils_enrolled: int | None
    pupils_reached: int
    pupil_hours: Decimal
    hours_per_pupil: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EquityGap:
    """How unequal the hours per pupil are (P10): the gap between the best and the least served of one dimension.

    `dimension` is "site", "municipality" or "track"; groups without a known number of pupils are left out.
    """

    dimension: str
    groups: int
    lowest: Decimal
    highest: Decimal

    @property
    def gap(self) -> Decimal:
        """Highest minus lowest, in hours per pupil."""
        return self.highest - self.lowest


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityTotals:
    """The whole district in the year; the sum of its programmes, and of its schools.

    `sites_low` sites have "<=3" pupils, `sites_unknown` no figure at all; neither is in `pupils_enrolled`.
    `pupil_hours_rated` were given by programmes that a registry rates at least possibly beneficial.
    """

    programmes: int
    sites: int
    sites_reached: int
    sites_low: int
    sites_unknown: int
    classes: int
    classes_booked: int
    classes_reached: int
    classes_completed: int
    meetings_planned: int
    meetings_due: int
    meetings_held: int
    meetings_not_held: int
    meetings_moved: int
    registers_missing: int
    minutes_held: int
    pupils_present: int
    pupils_expected: int
    pupils_enrolled: int | None
    pupils_reached: int
    pupil_hours: Decimal
    pupil_hours_rated: Decimal
    hours_per_pupil: Decimal | None
    activities_planned: int
    activities_recorded: int
    activities_full: int

    @property
    def class_coverage(self) -> float | None:
        """Classes with a whole programme, as a share of the classes entered (P01)."""
        return share_of(self.classes_completed, self.classes)

    @property
    def rated_share(self) -> float | None:
        """Pupil-hours in programmes with rated evidence, as a share of all (P03)."""
        return share_of(self.pupil_hours_rated, self.pupil_hours)

    @property
    def fidelity(self) -> float | None:
        """Activities done in full, as a share of those planned (P04)."""
        return share_of(self.activities_full, self.activities_planned)

    @property
    def attendance(self) -> float | None:
        """Pupils present, as a share of those expected, over the meetings held."""
        return share_of(self.pupils_present, self.pupils_expected)


@dataclass(frozen=True, kw_only=True, slots=True)
class YearActivity:
    """One school year as it stood on `as_of`.

    `enrolment_year` is the school year whose enrolments are the denominators: the latest one published that is not
    later than the school year; None when there is none. `never_reached` are the schools without a held meeting.
    """

    school_year: int
    as_of: date
    enrolment_year: int | None
    programmes: tuple[ProgrammeActivity, ...]
    schools: tuple[SchoolCoverage, ...]
    municipalities: tuple[MunicipalityCoverage, ...]
    equity: tuple[EquityGap, ...]
    totals: ActivityTotals

    @property
    def never_reached(self) -> tuple[SchoolCoverage, ...]:
        """Schools where no meeting was held, those with most pupils first; unknown sizes last."""
        missed = [school for school in self.schools if not school.is_reached]
        return tuple(sorted(missed, key=lambda school: (-(school.pupils_enrolled or 0), school.name)))

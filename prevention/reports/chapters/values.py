"""What the longer chapters of the report say beside `YearFigures`, as frozen values. Read by `reading`.

Kept apart so that a year that was frozen before a chapter existed is still read: it has no chapters at all, its papers
leave them out, and its identifier stays what it was.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from prevention.core.i18n import Localised
from prevention.delivery.continuity.rules import BreakKind
from prevention.delivery.coverage import ActivityTotals, GroupCoverage, ProgrammeActivity, ProgrammeDetails
from prevention.indicators.benchmarks import Benchmark
from prevention.indicators.catalogue import Better
from prevention.indicators.history import History
from prevention.indicators.ledger import WaveFacts
from prevention.indicators.panel_service import ReleasedPair
from prevention.indicators.published import Dimension
from prevention.network.governance_rules import ActKind
from prevention.network.rules import OrganisationKind
from prevention.programmes.quality_rules import Stage, StageState

# So many school years stand side by side, the one of the report included.
YEARS_BESIDE = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierYear:
    """A school year before the one of the report, in which something was booked."""

    school_year: int
    totals: ActivityTotals
    municipalities_reached: int
    programmes: tuple[ProgrammeActivity, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenOff:
    """Something that had classes in the two school years before and has none, or fewer than half.

    `name` is a school's, a programme's or a provider's; of a grade it is its key ("secondo_grado-2"). `place` is a
    school's municipality. `before` are the classes of the years before, the latest first.
    """

    kind: BreakKind
    name: Localised
    place: str
    before: tuple[int, ...]
    now: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What teachers saw of one programme's meetings: how many were observed, and in how many it was quite or very so.

    `good` has a number for each of `items`.
    """

    programme: Localised
    observed: int
    items: tuple[str, ...]
    good: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StageAt:
    """Where a programme stands at one stage of the EDPQS; `evidence` are the documents, `owner` who sees to it."""

    stage: Stage
    state: StageState
    done: str
    gap: str
    owner: str
    reviewed_on: date | None
    evidence: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeStages:
    """All stages of one programme, in their order; those that nobody wrote about are open."""

    slug: str
    programme: Localised
    stages: tuple[StageAt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Funding:
    """What one organisation pays in a school year, in cents; `slug` is empty where it is for all programmes."""

    school_year: int
    payer: str
    payer_kind: OrganisationKind
    slug: str
    programme: Localised
    amount_cents: int
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActInForce:
    """A version of an act of data protection that was in force on at least one day between two."""

    kind: ActKind
    title: str
    version: int
    starts_on: date
    ends_on: date | None
    controller: str
    partner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """The direction in which everybody would like an indicator to move."""

    indicator_id: str
    better: Better


@dataclass(frozen=True, kw_only=True, slots=True)
class BesideOthers:
    """A group of one survey, and the figures of other surveys of the same age band and the same definition."""

    wave_id: UUID
    indicator_id: str
    dimension: Dimension
    domain: str
    band_name: Localised
    benchmarks: tuple[Benchmark, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyFacts:
    """The numbers of a version of the disclosure policy that a reader may want to know; see `policy.toml`."""

    version: str
    answers: int
    answers_school: int
    classes: int
    small_number: int
    small_group: int
    recovery_values: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapters:
    """Everything of the chapters that came after `YearFigures`.

    `details` are those of the year's programmes. `groups` put the year together by kind of upper secondary school,
    grade and planning area. `earlier` are the years before, the latest first. `histories` hold the tables that each of
    the year's surveys has in the years before, over all pupils. `funding` is of this year and the one before.
    """

    details: tuple[ProgrammeDetails, ...] = ()
    groups: tuple[GroupCoverage, ...] = ()
    earlier: tuple[EarlierYear, ...] = ()
    breaks: tuple[BrokenOff, ...] = ()
    seen: tuple[Seen, ...] = ()
    stages: tuple[ProgrammeStages, ...] = ()
    funding: tuple[Funding, ...] = ()
    waves: tuple[WaveFacts, ...] = ()
    acts: tuple[ActInForce, ...] = ()
    histories: tuple[History, ...] = ()
    wishes: tuple[Wish, ...] = ()
    beside: tuple[BesideOthers, ...] = ()
    pairs: tuple[ReleasedPair, ...] = ()
    policy: PolicyFacts | None = None

"""Tables that somebody wishes for besides the usual ones: another part of the district, tested and then published.

The usual tables of a wave come out with its seal. The office may ask for one more: an indicator, along one dimension,
in part of the district. It is tested against everything that was ever published of the wave and either enters the
ledger, for everybody, or is refused with the reason. There is no looking first: nobody sees a number that is not
published. Whether a table would be refused can be asked beforehand; each test is written down, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.indicators import ledger, seal
from prevention.indicators.catalogue import Indicator, catalogue
from prevention.indicators.disclosure import Show, Verdict, decide
from prevention.indicators.domains import Key
from prevention.indicators.engine import class_totals
from prevention.indicators.implication import components, nested_pairs
from prevention.indicators.memory import Memory
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.populations import Selection
from prevention.indicators.published import Dimension, PublishedTable
from prevention.indicators.rules import SomebodyReleased, TableRefused, WhyRefused
from prevention.indicators.sources import engine_address, is_of_the_district, source_of
from prevention.indicators.tables import Counted, Source, count, sheet_of, tables_of, within_of
from prevention.roles import Role

# Along a school nothing is published for the district.
OFFERED = tuple(dimension for dimension in Dimension if dimension not in (Dimension.SCHOOL, Dimension.CUBE))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A table to make: which indicator, along what, in which part of the district."""

    indicator_id: str
    dimension: Dimension
    selection: Selection


@dataclass(frozen=True, kw_only=True, slots=True)
class TestedTable:
    """A table that may come out, tested when `seen` releases of the wave were out, and not in the ledger yet."""

    wish: Wish
    seal_id: UUID
    root_id: UUID
    seen: int
    table: PublishedTable


def release_table(actor: Actor, found: SealedWave, wish: Wish, *, today: date) -> PublishedTable:
    """Test a table against all that was published of the wave, and enter it into the ledger. Flushes.

    Raises:
        NotYours, TableRefused, SealBroken: see `tested_table`.
        SomebodyReleased: see `enter_table`.
    """
    return enter_table(actor, tested_table(actor, found, wish, today=today), today=today)


def tested_table(actor: Actor, found: SealedWave, wish: Wish, *, today: date) -> TestedTable:
    """Test a table against all that was ever published of the wave. Writes nothing, holds no lock.

    Raises:
        NotYours: the person is not of the office.
        TableRefused: it may not come out, or cannot be made.
        SealBroken: the sealed file is gone, or not what was sealed.
    """
    if not actor.has(Role.OFFICE):
        raise NotYours
    if not is_of_the_district(found.wave_id):
        # What comes out of a before and after is the result of the pair.
        raise TableRefused(WhyRefused.NOTHING_TO_SHOW)
    root = ledger.root_of(found.wave_id)
    seen = root.releases
    table = _tested(found, root, wish, today=today)
    return TestedTable(wish=wish, seal_id=found.id, root_id=root.id, seen=seen, table=table)


def enter_table(actor: Actor, tested: TestedTable, *, today: date) -> PublishedTable:
    """Enter a tested table into the ledger, for everybody. Flushes.

    Raises:
        SomebodyReleased: something of the wave came out meanwhile; nothing is written.
    """
    if not ledger.claim_release(tested.root_id, seen=tested.seen):
        raise SomebodyReleased
    ledger.enter(tested.seal_id, [tested.table], published_on=today)
    audit.record(actor, "indicators.table_released", tested.table.wave_id, **_facts(tested.wish))
    return tested.table


def note_test(actor: Actor, wave_id: UUID, wish: Wish, refusal: TableRefused | None = None) -> None:
    """Write down that a table was tested, and why it was refused if it was: many tests tell something too."""
    action = "indicators.table_tested" if refusal is None else "indicators.table_refused"
    audit.record(actor, action, wave_id, **_facts(wish), **({} if refusal is None else {"why": str(refusal.why)}))


def _facts(wish: Wish) -> dict[str, str]:
    return {
        "indicator": wish.indicator_id,
        "dimension": str(wish.dimension),
        "selection": wish.selection.to_text(),
    }


def _tested(found: SealedWave, root: SealedWave, wish: Wish, *, today: date) -> PublishedTable:
    if ledger.is_corrected(found.id):
        raise TableRefused(WhyRefused.CORRECTED)
    releases = ledger.releases_of(found.wave_id)
    population = replace(ledger.population_of(found), selection=wish.selection)
    if any(
        release.population == population
        and any((one.indicator_id, one.dimension) == (wish.indicator_id, wish.dimension) for one in release.tables)
        for release in releases
    ):
        raise TableRefused(WhyRefused.ALREADY_PUBLISHED)
    linked = _linked(wish, found)
    totals = class_totals(
        seal.checked(root.file_name, sha256=root.sha256),
        linked,
        zero_if=catalogue().zero_if,
        address=engine_address(),
        with_discarded=True,
    )
    memory = Memory(totals, new=population, releases=releases, policy=policy(), is_strict=True)
    return weighed_table(wish, linked, memory, source=source_of(found, today=today))


def weighed_table(wish: Wish, linked: Sequence[Indicator], memory: Memory, *, source: Source) -> PublishedTable:
    """Make a table beside all that is out already. Pure.

    Args:
        wish: the table.
        linked: the indicator and those that it lies within, or that lie within it.
        memory: what is out, strict, and the wished selection.
        source: what stands in the table besides figures.

    Raises:
        TableRefused: it may not come out, or nobody is in it.
    """
    place = [one.id for one in linked].index(wish.indicator_id)
    counted = count(linked[place], memory)
    if counted is None or wish.dimension not in {key[0] for key in counted.groups}:
        raise TableRefused(WhyRefused.NOBODY)
    # One school alone stays one school alone, also where nothing but it was wished for.
    schools = len({facts.site_code for facts in memory.totals.classes})
    counted = _narrowed(counted, wish.dimension, schools=schools)
    verdicts = _judged(counted, place, linked, memory)
    [table] = tables_of(counted, verdicts, memory.totals, source=source, policy=memory.policy)
    if not any(cell.shown for cell in table.cells):
        raise TableRefused(WhyRefused.NOTHING_TO_SHOW)
    return replace(table, selection=wish.selection.to_text())


def _linked(wish: Wish, found: SealedWave) -> list[Indicator]:
    """Give the indicators that the wished one lies within, or that lie within it."""
    indicators = catalogue().answerable(frozenset(found.manifest["wordings"]))
    places = [one.id for one in indicators]
    if wish.indicator_id not in places:
        raise TableRefused(WhyRefused.NOBODY)
    groups = components(len(indicators), nested_pairs(indicators, zero_if=catalogue().zero_if))
    [mine] = [group for group in groups if places.index(wish.indicator_id) in group]
    return [indicators[place] for place in mine]


def _narrowed(counted: Counted, dimension: Dimension, *, schools: int) -> Counted:
    """Keep the groups of one dimension: nothing else comes out."""
    tree = tuple(domain for domain in counted.tree if domain.key[0] is dimension)
    keys = [domain.key for domain in tree]
    kept = {key: replace(counted.groups[key], parent=None) for key in keys}
    return replace(
        counted, tree=tree, groups=kept, sheet=replace(counted.sheet, groups=tuple(kept.values()), schools=schools)
    )


def _judged(counted: Counted, place: int, linked: Sequence[Indicator], memory: Memory) -> dict[Key, Verdict]:
    """Judge the table beside what is out; refuse it where that makes any cell say less than it would alone."""
    sheets = [counted.sheet if number == place else sheet_of(one, (), memory) for number, one in enumerate(linked)]
    within = [within_of(sheets, inner, outer) for inner, outer in nested_pairs(linked, zero_if=catalogue().zero_if)]
    past = memory.past_of(linked, [sheet.groups for sheet in sheets])
    if memory.between:
        raise TableRefused(WhyRefused.DIFFERS_TOO_LITTLE, earlier=tuple(one.table for one in memory.between))
    beside = decide(sheets, policy=memory.policy, within=within, past=past)[place]
    alone = decide(sheets, policy=memory.policy, within=within)[place]
    if any(beside[key].show is Show.NOTHING and alone[key].show is not Show.NOTHING for key in alone):
        raise TableRefused(WhyRefused.GIVES_AWAY)
    return beside

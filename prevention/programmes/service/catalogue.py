"""The catalogue: this year's offers as a reader filters and sorts them, and what there is to filter by.

Tens of programmes at most, so they are loaded whole and filtered by the pure rules; what rooms above know (places,
months, the year before) is asked once for all of them. The number of statements does not depend on how many bookings
there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from prevention.programmes import rules, signals
from prevention.programmes.models import Programme
from prevention.programmes.rules import BookingMode, CatalogueFilter, CatalogueOrder, Facts, OfferFacts
from prevention.programmes.service.reading import Offer, facts_of, is_open, offers_of_year

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """The offers found, and what the whole year's offers can be filtered by.

    `providers` maps ids to names; `months` are (year, month) pairs with bookable dates, in order; `languages` codes.
    """

    offers: list[Offer]
    providers: dict[str, str]
    months: list[tuple[int, int]]
    languages: list[str]


def catalogue(
    wanted: CatalogueFilter,
    *,
    school_year: int,
    now: datetime,
    order: CatalogueOrder = CatalogueOrder.OFFERED,
    with_inactive: bool = False,
) -> Catalogue:
    """Give the offers of a school year that answer `wanted`. A fixed number of queries."""
    offers = _with_months(offers_of_year(school_year=school_year, now=now, with_inactive=with_inactive), now=now)
    facts = {offer.programme.slug: _facts(offer) for offer in offers}
    found = [offer for offer in offers if rules.matches(facts[offer.programme.slug], wanted)]
    before = signals.ask_past_year(school_year - 1)
    by_slug = {offer.programme.slug: offer.programme for offer in offers}
    complete = [
        replace(
            offer,
            before=before.get(offer.programme.id),
            better=_better(facts[offer.programme.slug], facts.values(), wanted, by_slug),
        )
        for offer in found
    ]
    opened = [offer.edition for offer in offers if offer.edition is not None and is_open(offer.edition)]
    return Catalogue(
        offers=sorted(complete, key=_KEYS[order]),
        providers=dict(
            sorted(
                {str(each.organisation_id): each.organisation.name for each in opened}.items(), key=lambda pair: pair[1]
            )
        ),
        months=sorted({month for offer in offers for month in offer.months}),
        languages=sorted({language for each in opened for language in each.languages}),
    )


def _with_months(offers: list[Offer], *, now: datetime) -> list[Offer]:
    opened = frozenset(offer.edition.id for offer in offers if offer.edition is not None and is_open(offer.edition))
    months = signals.ask_months(opened, now=now)
    return [
        replace(offer, months=months.get(offer.edition.id, frozenset())) if offer.edition is not None else offer
        for offer in offers
    ]


def _facts(offer: Offer) -> Facts:
    edition = offer.edition
    free = offer.places.free if offer.places is not None else 0
    facts = facts_of(offer.programme, is_bookable=is_open(edition) and free > 0)
    if edition is None or not is_open(edition):
        return facts
    return replace(
        facts,
        searchable=f"{facts.searchable} {edition.organisation.name}",
        offer=OfferFacts(
            provider=str(edition.organisation_id),
            venue=edition.venue,
            languages=frozenset(edition.languages),
            takes_requests=edition.booking_mode is not BookingMode.DATES,
            free=free,
            months=offer.months,
        ),
    )


def _better(
    facts: Facts, others: Iterable[Facts], wanted: CatalogueFilter, by_slug: dict[str, Programme]
) -> Programme | None:
    if not rules.is_weak_choice(facts):
        return None
    level = wanted.level or by_slug[facts.slug].levels[0]
    best = rules.nearest_better(facts, others, level=level, grade=wanted.grade)
    return by_slug[best.slug] if best is not None else None


def _name(offer: Offer) -> str:
    return offer.programme.name.text("it").casefold()


def _next_start(offer: Offer) -> datetime:
    return offer.places.next_start if offer.places is not None and offer.places.next_start is not None else _LAST


_KEYS: dict[CatalogueOrder, Callable[[Offer], tuple[Any, ...]]] = {
    CatalogueOrder.OFFERED: lambda offer: (not is_open(offer.edition), _name(offer)),
    CatalogueOrder.EVIDENCE: lambda offer: (rules.evidence_rank(offer.programme.evidence_class), _name(offer)),
    CatalogueOrder.SOONEST: lambda offer: (_next_start(offer), _name(offer)),
    CatalogueOrder.SHORTEST: lambda offer: (offer.programme.minutes, _name(offer)),
}

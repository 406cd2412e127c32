"""Who pays what, and what a class and a pupil cost where it is known."""

from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.network.governance_wording import ORGANISATION_KINDS
from prevention.programmes.quality_rules import cost_per
from prevention.programmes.quality_wording import money as euros
from prevention.reports.chapters.values import Funding
from prevention.reports.figures import YearFigures
from prevention.reports.printed import Figure, of_programme


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRow:
    """One line of funding, in words."""

    payer: str
    kind: str
    programme: str
    purpose: str
    amount: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CostRow:
    """What one programme cost; words for "not known" where nothing is written down. `is_known` tells the two apart."""

    programme: str
    amount: str
    classes: str
    per_class: str
    pupils: str
    per_pupil: str
    is_known: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyView:
    """The chapter: `total` and `before` are words, empty where nothing is known of the year."""

    payments: tuple[PaymentRow, ...]
    costs: tuple[CostRow, ...]
    total: Figure
    before: str
    shared: str
    per_pupil: str
    unknown: tuple[str, ...]


def money(figures: YearFigures) -> MoneyView | None:
    """Arrange the chapter; None for figures that were frozen without it."""
    chapters = figures.chapters
    if chapters is None:
        return None
    now = [one for one in chapters.funding if one.school_year == figures.school_year]
    last = [one for one in chapters.funding if one.school_year != figures.school_year]
    total = sum(one.amount_cents for one in now)
    shared = sum(one.amount_cents for one in now if not one.slug)
    costs = _costs(figures, now)
    reached = figures.activity.totals.pupils_reached
    per_pupil = cost_per(total, reached) if now else None
    return MoneyView(
        payments=tuple(_payment(one) for one in now),
        costs=costs,
        total=Figure(euros(total), name="money.total") if now else Figure("", name=""),
        before=euros(sum(one.amount_cents for one in last)) if last else "",
        shared=euros(shared) if shared else "",
        per_pupil="" if per_pupil is None else euros(per_pupil),
        unknown=tuple(row.programme for row in costs if not row.is_known),
    )


def _payment(one: Funding) -> PaymentRow:
    return PaymentRow(
        payer=one.payer,
        kind=str(ORGANISATION_KINDS[one.payer_kind]),
        programme=one.programme.text() if one.slug else _("all programmes together"),
        purpose=one.purpose or _("not said"),
        amount=euros(one.amount_cents),
    )


def _costs(figures: YearFigures, funding: list[Funding]) -> tuple[CostRow, ...]:
    details = {one.slug: one for one in figures.chapters.details} if figures.chapters is not None else {}
    amounts: dict[str, int] = {}
    for one in funding:
        amounts[one.slug] = amounts.get(one.slug, 0) + one.amount_cents
    rows = []
    for programme in sorted(figures.activity.programmes, key=lambda one: one.programme.text().casefold()):
        amount = amounts.get(programme.slug)
        pupils = details[programme.slug].pupils_reached if programme.slug in details else 0
        rows.append(
            CostRow(
                programme=programme.programme.text(),
                amount=_("not known") if amount is None else euros(amount),
                classes=of_programme(programme)["classes"],
                per_class=_each(amount, programme.classes_reached),
                pupils=number(pupils),
                per_pupil=_each(amount, pupils),
                is_known=amount is not None,
            )
        )
    return tuple(rows)


def _each(amount: int | None, reached: int) -> str:
    if amount is None:
        return _("not known")
    cents = cost_per(amount, reached)
    return _("nobody reached") if cents is None else euros(cents)

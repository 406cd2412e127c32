"""The list of lines of funding."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from prevention.core.lists import Column, Filter, FilterKind, Listing
from prevention.network.models import Organisation
from prevention.programmes.quality_models import FundingLine
from prevention.schools.rules import school_year_label

WIDE = 40


def funding() -> Listing[FundingLine]:
    """Declare the list of lines of funding, newest year first; amounts in euros."""
    return Listing(
        name="finanziamenti",
        columns=(
            Column(
                key="year", words=_l("School year"), value=lambda row: school_year_label(row.school_year),
                sort=(FundingLine.school_year,),
            ),
            Column(key="payer", words=_l("Who pays"), value=lambda row: row.payer.name, width=WIDE),
            Column(
                key="programme", words=_l("For"), width=WIDE,
                value=lambda row: row.programme.name.text() if row.programme else _l("all programmes"),
            ),
            Column(key="purpose", words=_l("What it is for"), value=lambda row: row.purpose, width=WIDE),
            Column(
                key="amount", words=_l("Amount in euros"), value=lambda row: row.amount_cents / 100,
                sort=(FundingLine.amount_cents,), is_number=True,
            ),
            Column(key="remove", words="", in_files=False),
        ),
        tie=FundingLine.id,
        sort="year",
        is_descending=True,
        filters=(Filter(name="payer", words=_l("Who pays"), kind=FilterKind.TEXT, apply=_paid_by),),
    )  # fmt: skip


def _paid_by(query: Select[Any], text: str) -> Select[Any]:
    return query.where(FundingLine.payer.has(Organisation.name.icontains(text, autoescape=True)))

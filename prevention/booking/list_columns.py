"""Columns, keys to sort by and filters that several lists of booking share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Select, SQLColumnExpression, select, type_coerce

from prevention.booking.models import Booking
from prevention.booking.service.agenda import names_contain
from prevention.core.i18n import current_language
from prevention.core.lists import Cell, Column, Filter, FilterKind
from prevention.programmes.models import Edition, Programme
from prevention.schools.models import Institute, SchoolClass, Site

WIDE = 32
NARROW = 10

Keys = tuple[SQLColumnExpression[Any], ...]


class _Begins(Protocol):
    @property
    def starts_at(self) -> datetime: ...


def class_columns(school_class: Callable[[Any], SchoolClass], *, sort: Keys = ()) -> tuple[Column[Any], ...]:
    """Give the class, which the table shows with its school below it, and what only files say of it."""
    return (
        Column(key="class", words=_l("Class"), value=lambda row: school_class(row).label, sort=sort),
        Column(
            key="site",
            words=_l("School"),
            value=lambda row: school_class(row).site.display_name,
            in_table=False,
            width=WIDE,
        ),
        Column(
            key="institute",
            words=_l("Institute"),
            value=lambda row: school_class(row).site.institute.display_name,
            in_table=False,
            width=WIDE,
        ),
        Column(
            key="municipality",
            words=_l("Municipality"),
            value=lambda row: school_class(row).site.municipality.name,
            in_table=False,
        ),
    )


def programme_column(edition: Callable[[Any], Edition], *, sort: Keys = ()) -> Column[Any]:
    """Give the name of the programme."""
    return Column(
        key="programme",
        words=_l("Programme"),
        value=lambda row: edition(row).programme.name.text(),
        sort=sort,
        width=WIDE,
    )


def provider_column(edition: Callable[[Any], Edition]) -> Column[Any]:
    """Give who provides the programme; for files."""
    return Column(
        key="provider",
        words=_l("Provider"),
        value=lambda row: edition(row).organisation.name,
        in_table=False,
        width=WIDE,
    )


def number_column(
    key: str, words: LazyString, value: Callable[[Any], int | None], *, sort: Keys = (), in_table: bool = True
) -> Column[Any]:
    """Give a narrow column of numbers."""
    return Column(key=key, words=words, value=value, sort=sort, in_table=in_table, is_number=True, width=NARROW)


def buttons() -> Column[Any]:
    """Give the last column of a table, which holds what can be done."""
    return Column(key="open", words="", in_files=False)


def name_filter(apply: Callable[[Select[Any], str], Select[Any]]) -> Filter:
    """Give the filter that looks for words in the names of classes and schools; `apply` adds one word's condition."""

    def by_words(query: Select[Any], text: str) -> Select[Any]:
        for word in text.split():
            query = apply(query, word)
        return query

    return Filter(name="text", words=_l("Class or school"), apply=by_words, kind=FilterKind.TEXT)


def by_names_of_booking(query: Select[Any], word: str) -> Select[Any]:
    """Keep rows whose booking's class, site or institute has a word in its name; joins nothing."""
    return query.where(names_contain(word))


def by_names_of_class(query: Select[Any], word: str) -> Select[Any]:
    """Keep rows whose class or site, both joined, has a word in its name."""
    return query.where(SchoolClass.label.icontains(word, autoescape=True) | Site.name.icontains(word, autoescape=True))


def first_start(meetings: Callable[[Any], list[Any]]) -> Callable[[Any], Cell]:
    """Give the value "beginning of the first date", None without dates."""

    def value(row: Any) -> Cell:
        dates: list[_Begins] = meetings(row)
        return min((date.starts_at for date in dates), default=None)

    return value


def keys_of_class() -> Keys:
    """Give what sorts bookings, or rows joined to one, by school, grade and section."""
    return (_of_class(Site.name), _of_class(SchoolClass.grade), _of_class(SchoolClass.section))


def key_of_programme(edition_id: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """Give what sorts rows by the programme's name as read: in the reader's language."""
    name = type_coerce(Programme.name, JSON)
    return (
        select(name[current_language()].as_string())
        .join(Edition, Edition.programme_id == Programme.id)
        .where(Edition.id == edition_id)
        .scalar_subquery()
    )


def _of_class(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    return (
        select(column)
        .select_from(SchoolClass)
        .join(Site)
        .join(Institute)
        .where(SchoolClass.id == Booking.school_class_id)
        .correlate(Booking)
        .scalar_subquery()
    )

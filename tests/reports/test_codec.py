"""Frozen values travel through JSON unchanged, and nothing but values does."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.core.i18n import Localised
from prevention.reports import codec


class Colour(StrEnum):
    """Any enum."""

    RED = "red"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    """A value inside a value."""

    hours: Decimal
    share: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    """A value with every kind of field that figures have."""

    id: uuid.UUID
    name: Localised
    on: date
    colour: Colour
    count: int
    is_known: bool
    inner: tuple[Inner, ...]
    range: tuple[float, float]
    maybe: Inner | None


def make_outer(**changes: object) -> Outer:
    """Give a value with something in every field."""
    values: dict[str, object] = {
        "id": uuid.UUID(int=1),
        "name": Localised({"it": "Città", "en": "Town"}),
        "on": date(2026, 9, 1),
        "colour": Colour.RED,
        "count": 3,
        "is_known": True,
        "inner": (Inner(hours=Decimal("1.50"), share=0.1),),
        "range": (0.0, 1.0),
        "maybe": None,
    }
    return Outer(**(values | changes))  # type: ignore[arg-type]  # fields of the dataclass


@given(
    hours=st.decimals(allow_nan=False, allow_infinity=False),
    share=st.none() | st.floats(0, 1),
    count=st.integers(),
    text=st.text(),
)
def test_a_value_comes_back_as_it_went(hours: Decimal, share: float | None, count: int, text: str) -> None:
    value = make_outer(
        count=count,
        name=Localised({"it": text}),
        inner=(Inner(hours=hours, share=share),) * 2,
        maybe=Inner(hours=hours, share=share),
    )

    assert value == codec.from_plain(Outer, json.loads(json.dumps(codec.to_plain(value))))


def test_a_whole_number_becomes_a_float_again_where_one_is_meant() -> None:
    """JSON of other writers says 1 for 1.0."""
    built = codec.from_plain(Inner, {"hours": "1", "share": 1})

    assert isinstance(built.share, float)


@pytest.mark.parametrize("alien", [object(), datetime(2026, 9, 1, tzinfo=UTC), [1], {1, 2}, b"x"])
def test_what_is_no_plain_value_is_refused(alien: object) -> None:
    """A row, a session or a moment must never slip into the figures."""
    with pytest.raises(TypeError):
        codec.to_plain(make_outer(maybe=alien))


@pytest.mark.parametrize("change", [{"count": "3"}, {"is_known": "yes"}, {"colour": "blue"}, {"on": "soon"}])
def test_a_value_of_another_kind_is_refused(change: dict[str, object]) -> None:
    plain = codec.to_plain(make_outer()) | change

    with pytest.raises((TypeError, ValueError)):
        codec.from_plain(Outer, plain)


def test_a_field_with_its_default_is_neither_written_nor_missed() -> None:
    """What a later version adds changes nothing that was frozen before."""

    @dataclass(frozen=True, kw_only=True)
    class Later(Inner):
        came_later: tuple[str, ...] = ()

    inner = codec.to_plain(Inner(hours=Decimal(2), share=None))

    assert inner == codec.to_plain(Later(hours=Decimal(2), share=None))
    assert ["x"] == codec.to_plain(Later(hours=Decimal(2), share=None, came_later=("x",)))["came_later"]
    assert Later(hours=Decimal(2), share=None) == codec.from_plain(Later, inner)


def test_a_missing_field_is_refused() -> None:
    plain = codec.to_plain(make_outer())
    del plain["count"]

    with pytest.raises(KeyError):
        codec.from_plain(Outer, plain)

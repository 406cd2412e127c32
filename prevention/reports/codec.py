"""Frozen values to plain JSON and back, by their type hints.

Knows what figures are made of: dataclasses, tuples, optional values, texts by language, numbers, days, enums, ids.
Anything else is a mistake in the figures and raises. A `Decimal` travels as text, so that no digit is lost. A field
that has its default is not written: what comes to the figures in a later version of this program changes neither the
text nor the identifier of those that were frozen before.
"""

import dataclasses
import types
import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from prevention.core.i18n import Localised

Value = TypeVar("Value")

_AS_THEY_ARE = (str, int, float, bool)
_AS_TEXT = (Decimal, uuid.UUID)
# Built by calling them; JSON of other writers says 1 where 1.0 is meant.
_CONVERTED = (*_AS_TEXT, Localised, float)


def to_plain(value: object) -> Any:
    """Turn a value into what JSON can hold.

    Raises:
        TypeError: it holds something that figures are not made of, e.g. a row.
    """
    if value is None:
        return None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, _AS_TEXT):
        return str(value)
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: to_plain(held) for field, held in kept if held != field.default}
    raise TypeError(f"figures are plain values, not {type(value).__qualname__}")


def from_plain(kind: type[Value], plain: Any) -> Value:
    """Build a value of dataclass `kind` from what `to_plain` gave; a field that came later has its default.

    Raises:
        TypeError, KeyError, ValueError: the plain value was not written from this kind.
    """
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable
    built = {
        field.name: _built(hints[field.name], plain[field.name])
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]  # a dataclass
        if field.name in plain or field.default is dataclasses.MISSING
    }
    return kind(**built)


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _built(hint: Any, plain: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (option for option in get_args(hint) if option is not types.NoneType)
        return None if plain is None else _built(inner, plain)
    if origin is tuple:
        return tuple(_built(get_args(hint)[0], item) for item in plain)
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, plain)  # type: ignore[arg-type]  # a class, not an instance
    return _simple(hint, plain)


def _simple(hint: Any, plain: Any) -> Any:
    if hint is date:
        return date.fromisoformat(plain)
    if hint in _CONVERTED or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint(plain)
    if hint in _AS_THEY_ARE and isinstance(plain, hint):
        return plain
    raise TypeError(f"{plain!r} is not {hint}")

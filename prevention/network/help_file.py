"""Reading of `help_services.toml`, the dated list of services that pupils and families are pointed to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from prevention.core.i18n import Localised
from prevention.network.rules import HelpServiceKind, HelpServiceScope, dialable


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpLine:
    """A help service, ready to be shown. `phone` is None where no number could be verified."""

    code: str
    name: Localised
    kind: HelpServiceKind
    scope: HelpServiceScope
    phone: str | None
    url: str | None
    hours: Localised
    reach: Localised
    position: int
    verified_on: date
    source: str
    languages: tuple[str, ...] = ("it",)

    @property
    def dial(self) -> str | None:
        """What a ``tel:`` link dials."""
        return dialable(self.phone) if self.phone else None


def read_help_services() -> tuple[HelpLine, ...]:
    """Read the file that comes with this package, in its order.

    Raises:
        KeyError, ValueError: the file is not well-formed; it is ours, so that is a bug.
    """
    text = files("prevention.network").joinpath("help_services.toml").read_text(encoding="utf-8")
    return tuple(_line(entry, position) for position, entry in enumerate(tomllib.loads(text)["service"], start=1))


def _line(entry: Mapping[str, Any], position: int) -> HelpLine:
    return HelpLine(
        code=entry["code"],
        name=Localised(entry["name"]),
        kind=HelpServiceKind(entry["kind"]),
        scope=HelpServiceScope(entry["scope"]),
        phone=entry.get("phone"),
        url=entry.get("url"),
        hours=Localised(entry["hours"]),
        reach=Localised(entry["reach"]),
        position=position,
        verified_on=entry["verified_on"],
        source=entry["source"],
        languages=tuple(entry.get("languages", ("it",))),
    )

"""The values of a before and after that leave this room. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import Better
from prevention.indicators.effects import Contrast, Verdict
from prevention.indicators.panel_bounds import ShownBounds
from prevention.indicators.published import Measure, Reason


class Saying(IntEnum):
    """How much a figure says, from all it may to nothing: `WITHOUT_LOST` leaves out how those not found differed."""

    EVERYTHING = 0
    WITHOUT_LOST = 1
    COARSELY = 2
    NOTHING = 3


class Who(StrEnum):
    """Whom a figure of a pair is about: all who answered, or those who were found again."""

    ALL = "all"
    FOUND = "found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A group's figure on its scale, with its interval; `n` answers, to the nearest ten."""

    n: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelFigure:
    """One indicator of a pair.

    Attributes:
        before, after: None when hidden, and then so is all the rest.
        difference, ratio, size: the after against the before; `se` is None.
        verdict: what the difference means for the wished direction.
        not_found, found: what those not found again and those found had said before, as far as it may be shown.
        lost: found less not found.
        bounds: of those found again, how far the change of all who answered before is known (`panel_bounds`).
        step: what both shares are rounded to, on the scale; None when hidden, or released before it was written down.
        reason: why it is hidden.
    """

    who: Who
    indicator_id: str
    name: Localised
    definition: Localised
    measure: Measure
    scale: tuple[float, float]
    better: Better
    before: Side | None = None
    after: Side | None = None
    clusters: int | None = None
    difference: Contrast | None = None
    ratio: Contrast | None = None
    size: Contrast | None = None
    verdict: Verdict | None = None
    not_found: Side | None = None
    found: Side | None = None
    lost: Contrast | None = None
    bounds: ShownBounds | None = None
    step: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """The released result of a pair. `answers` before and after, `found` again of them, all to the nearest ten."""

    pair_id: UUID
    name: str
    school_year: int
    is_linked: bool
    answers: tuple[int, int]
    found: int | None
    figures: tuple[PanelFigure, ...]
    policy: str
    published_on: date

    def to_json(self) -> str:
        """Write it as JSON, always the same bytes for the same result."""
        values = asdict(self) | {"pair_id": str(self.pair_id), "published_on": self.published_on.isoformat()}
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Panel":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(
            **{
                **values,
                "pair_id": UUID(values["pair_id"]),
                "answers": tuple(values["answers"]),
                "figures": tuple(_figure(one) for one in values["figures"]),
                "published_on": date.fromisoformat(values["published_on"]),
            }
        )


def _figure(values: Mapping[str, Any]) -> PanelFigure:
    def contrast(name: str) -> Contrast | None:
        return Contrast(**values[name]) if values[name] else None

    def side(name: str) -> Side | None:
        return Side(**values[name]) if values[name] else None

    return PanelFigure(
        **{
            **values,
            "who": Who(values["who"]),
            "name": Localised(values["name"]),
            "definition": Localised(values["definition"]),
            "measure": Measure(values["measure"]),
            "scale": tuple(values["scale"]),
            "better": Better(values["better"]),
            "before": side("before"),
            "after": side("after"),
            "difference": contrast("difference"),
            "ratio": contrast("ratio"),
            "size": contrast("size"),
            "verdict": Verdict(values["verdict"]) if values["verdict"] else None,
            "not_found": side("not_found"),
            "found": side("found"),
            "lost": contrast("lost"),
            # Results that were released before bounds were made have none.
            "bounds": ShownBounds.from_json(values.get("bounds")),
            "reason": Reason(values["reason"]) if values["reason"] else None,
        }
    )

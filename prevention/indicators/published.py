"""The values that leave this room: tables that passed disclosure control. Pure.

A table holds one indicator of one wave along one dimension. What a cell does not show is not in it: a hidden
cell carries no number, a masked one only the words that are true of every small number.
"""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from prevention.core.i18n import Localised


class Audience(StrEnum):
    """Whom a table is for. SCHOOL tables hold one cell per school: show a school its own cell only."""

    DISTRICT = "district"
    SCHOOL = "school"


class Dimension(StrEnum):
    """What the cells of a table tell apart."""

    ALL = "all"
    SEX = "sex"
    LEVEL = "level"
    GRADE = "grade"
    TRACK = "track"
    SCHOOL = "school"
    SEX_GRADE = "sex_grade"
    MUNICIPALITY = "municipality"
    # Crossings for open data, perturbed (`cube`); not among the usual tables.
    CUBE = "cube"


class Measure(StrEnum):
    """What the numbers of a table are.

    PERCENT: share of the valid answers, 0 to 1. POINTS: difference of two shares, -1 to 1. SCALE: mean of
    answers on the scale that the indicator names.
    """

    PERCENT = "percent"
    POINTS = "points"
    SCALE = "scale"


class Reason(StrEnum):
    """Why a cell is hidden or masked.

    FEW_ANSWERS, ONE_CLASS, ONE_SCHOOL: the group itself is too small. COMPLEMENTARY: it is large enough, but
    with it a smaller one could be worked out. SMALL_NUMBER: almost nobody, or almost everybody; the exact
    number is masked. DIFFERENCE: it differs by too few pupils from one that was published before.
    """

    FEW_ANSWERS = "few_answers"
    ONE_CLASS = "one_class"
    ONE_SCHOOL = "one_school"
    COMPLEMENTARY = "complementary"
    SMALL_NUMBER = "small_number"
    DIFFERENCE = "difference"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedCell:
    """One figure, as far as it may be shown.

    Attributes:
        domain: key of the group within the dimension: "all", "female", "secondo_grado-2", "liceo", a school's
        code. label: the group in words. n_valid: valid answers; None when the cell is hidden. To the nearest
        ten when `n_is_rounded`. share: the rounded estimate in the table's measure; None when hidden or
        masked. low, high: 95 % interval, rounded outwards; None when hidden, masked, or from fewer than two
        classes. shown: False when the cell is hidden. A masked cell is shown, with `text` instead of numbers.
        reason: why it is hidden or masked; None for an ordinary cell. text: stands for the number of a masked
        cell in percent: "<5", "<20", ">95". step: what the number was rounded to, in the table's measure; None when
        there is none, or in tables published before it was written down.
    """

    domain: str
    label: Localised
    n_valid: int | None
    share: float | None
    low: float | None
    high: float | None
    shown: bool
    reason: Reason | None = None
    text: str | None = None
    n_is_rounded: bool = False
    step: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedTable:
    """One indicator of one wave along one dimension, as published.

    Attributes:
        group: section of a report that the indicator belongs to, e.g. "alcohol".
        scale: lowest and highest value that the measure can take.
        classes, schools: how many took part in the wave among those whom the indicator is for.
        missing: share of them without a valid answer, to the whole percent; None when the whole is hidden.
        wording: fingerprint of the questions behind the figure; another one breaks the trend.
        policy: version of the disclosure policy that the table passed.
        selection: which part of the district it is about, as `populations.Selection` writes it; empty for all.
    """

    id: uuid.UUID
    wave_id: uuid.UUID
    indicator_id: str
    name: Localised
    definition: Localised
    group: str
    measure: Measure
    scale: tuple[float, float]
    school_year: int
    wave_name: str
    dimension: Dimension
    audience: Audience
    cells: tuple[PublishedCell, ...]
    classes: int
    schools: int
    missing: float | None
    wording: str
    policy: str
    sealed_on: date
    selection: str = ""

    def cell(self, domain: str) -> PublishedCell | None:
        """Give the cell of a group, or None when the table has no such group."""
        return next((cell for cell in self.cells if cell.domain == domain), None)

    def to_json(self) -> str:
        """Write the table as JSON, always the same bytes for the same table."""
        values = asdict(self)
        values["id"], values["wave_id"] = str(self.id), str(self.wave_id)
        values["sealed_on"] = self.sealed_on.isoformat()
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "PublishedTable":
        """Read a table that `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(
            **{
                **values,
                "id": uuid.UUID(values["id"]),
                "wave_id": uuid.UUID(values["wave_id"]),
                "name": Localised(values["name"]),
                "definition": Localised(values["definition"]),
                "measure": Measure(values["measure"]),
                "scale": tuple(values["scale"]),
                "dimension": Dimension(values["dimension"]),
                "audience": Audience(values["audience"]),
                "cells": tuple(_cell(cell) for cell in values["cells"]),
                "sealed_on": date.fromisoformat(values["sealed_on"]),
            }
        )


def _cell(values: dict[str, Any]) -> PublishedCell:
    reason = Reason(values["reason"]) if values["reason"] else None
    return PublishedCell(**{**values, "label": Localised(values["label"]), "reason": reason})


class Movement(StrEnum):
    """How a figure stands to last year's. UNCLEAR: the two intervals overlap, or one of them is not shown."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendPoint:
    """One group this year beside last year; `before` is None when last year has no such group."""

    now: PublishedCell
    before: PublishedCell | None
    movement: Movement


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """A table beside the one of the year before.

    When the wording changed, `is_broken` and no point is compared.
    """

    current: PublishedTable
    previous: PublishedTable
    is_broken: bool
    points: tuple[TrendPoint, ...]


def trend(current: PublishedTable, previous: PublishedTable) -> Trend:
    """Set this year's table beside last year's.

    A movement is named only when the two 95 % intervals do not overlap, which asks for more than a test at 5
    %: a report of many figures would else name chance every year.

    Raises:
        ValueError: the tables are not of the same indicator and dimension.
    """
    if (current.indicator_id, current.dimension) != (previous.indicator_id, previous.dimension):
        raise ValueError("a trend needs two tables of one indicator and one dimension")
    is_broken = current.wording != previous.wording or current.measure != previous.measure
    points = tuple(
        TrendPoint(now=cell, before=before, movement=Movement.UNCLEAR if is_broken else _movement(cell, before))
        for cell in current.cells
        for before in (previous.cell(cell.domain),)
    )
    return Trend(current=current, previous=previous, is_broken=is_broken, points=points)


def _movement(now: PublishedCell, before: PublishedCell | None) -> Movement:
    if before is None or now.low is None or now.high is None or before.low is None or before.high is None:
        return Movement.UNCLEAR
    if now.low > before.high:
        return Movement.UP
    if now.high < before.low:
        return Movement.DOWN
    return Movement.UNCLEAR

"""What may be shown of a group looked at by itself. Pure.

The numbers and their sources stand in `policy.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prevention.indicators.domains import Key
from prevention.indicators.policy import Policy
from prevention.indicators.published import Dimension, Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group of one indicator, as it is.

    Nothing rounded. Totals and intervals are normalised (`policy`). `atoms` are the finest groups that it is made of
    (`linked`); `parent` is the group that it is part of.
    """

    key: Key
    parent: Key | None
    n: int
    total: float
    classes: int
    schools: int
    atoms: tuple[int, ...]
    interval: tuple[float, float] | None = None


class Show(StrEnum):
    """How a group is shown: its number, "fewer than five", "all but fewer than five", or not at all."""

    NUMBER = "number"
    BOTTOM = "bottom"
    TOP = "top"
    NOTHING = "nothing"


def by_itself(group: Group, *, is_percent: bool, schools: int, policy: Policy) -> tuple[Show, Reason | None]:
    """Judge a group alone, and say why.

    Args:
        group: the group.
        is_percent: only of a share can a small number be masked instead of hidden.
        schools: how many schools all of the indicator has.
        policy: the rules in force.
    """
    stands_alone = group.key[0] in (Dimension.ALL, Dimension.SCHOOL) or group.schools == 1
    if group.n < (policy.answers_school if stands_alone else policy.answers):
        return Show.NOTHING, Reason.FEW_ANSWERS
    if group.classes < policy.classes:
        return Show.NOTHING, Reason.ONE_CLASS
    if group.schools == 1 and group.key[0] is not Dimension.SCHOOL and schools > 1:
        return Show.NOTHING, Reason.ONE_SCHOOL
    is_low, is_high = group.total < policy.small_number, group.n - group.total < policy.small_number
    if not (is_low or is_high):
        return Show.NUMBER, None
    if not is_percent:
        return Show.NOTHING, Reason.SMALL_NUMBER
    return (Show.BOTTOM if is_low else Show.TOP), Reason.SMALL_NUMBER


def joined(groups: Sequence[Group]) -> Group:
    """Give groups of one split as one group, which nobody names but subtraction lays bare."""
    cuts_classes = groups[0].key[0] in (Dimension.SEX, Dimension.SEX_GRADE)
    count = max if cuts_classes else sum
    return Group(
        key=groups[0].key,
        parent=groups[0].parent,
        n=sum(group.n for group in groups),
        total=sum(group.total for group in groups),
        classes=count(group.classes for group in groups),
        schools=count(group.schools for group in groups),
        atoms=tuple(atom for group in groups for atom in group.atoms),
    )

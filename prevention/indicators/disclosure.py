"""Disclosure control: what of each group of one indicator may be shown. Pure. The one gate.

First each group is judged by itself (too few answers, one class only, one school only, a small number). Then
all groups of the indicator are looked at together, as somebody would who holds every table and knows how many
pupils answered: what can be worked out about a hidden or masked number must stay wide (`audit`). Where it
does not, the split that gives it away is made coarser, or a second group in it is hidden, the one with the
fewest answers first; and what proves unnecessary at the end is given back.

Two readers are thought of. The public holds the tables of the district; staff may also hold those of the
schools. A school that is the only one of its track is kept from the public, not from staff.

What it is not: a check across indicators (who smoked in 30 days also smoked in life), across waves, or of
groups that happen to be the same classes under two names. Those need the ledger as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prevention.indicators.audit import Bounds
from prevention.indicators.domains import ROOT, Key
from prevention.indicators.policy import Policy, Step, revealed
from prevention.indicators.published import Dimension, Reason

_LIMIT = 1e9


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group of one indicator, as it is.

    Nothing rounded. Totals and intervals are normalised (`policy`).
    """

    key: Key
    parent: Key | None
    n: int
    total: float
    classes: int
    schools: int
    interval: tuple[float, float] | None = None


class Show(StrEnum):
    """How a group is shown: its number, "fewer than five", "all but fewer than five", or not at all."""

    NUMBER = "number"
    BOTTOM = "bottom"
    TOP = "top"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What may be shown of a group, and why not more. `rounds_count`: its n to the nearest ten only."""

    show: Show
    reason: Reason | None
    step: float
    rounds_count: bool


@dataclass(slots=True)
class _Split:
    whole: Key
    parts: list[Key]
    rounds_counts: bool = False
    is_coarse: bool = False


def decide(groups: Sequence[Group], *, step: Step, is_percent: bool, policy: Policy) -> dict[Key, Verdict]:
    """Decide what may be shown of each group of one indicator.

    Args:
        groups: the tree of groups, each after the one it is part of; every split complete.
        step: the grain of the measure.
        is_percent: a share of answers; only there can a small number be masked instead of hidden.
    """
    return _Gate(groups, step=step, is_percent=is_percent, policy=policy).decide() if groups else {}


class _Gate:
    def __init__(self, groups: Sequence[Group], *, step: Step, is_percent: bool, policy: Policy) -> None:
        self.groups = {group.key: group for group in groups}
        self.step = step
        self.is_percent = is_percent
        self.policy = policy
        self.splits = _splits(groups)
        self.split_of = {part: split for split in self.splits for part in split.parts}
        # What each group would be by itself: this is what must be protected, whatever is shown in the end.
        self.own = {group.key: self._by_itself(group) for group in groups}
        self.show = {key: show for key, (show, _reason) in self.own.items()}
        self.reason = {key: reason for key, (_show, reason) in self.own.items()}
        for group in groups:
            if group.parent is not None and self.show[group.parent] is Show.NOTHING:
                self._hide_below(group)

    def decide(self) -> dict[Key, Verdict]:
        while (weak := self._weak_split()) is not None:
            self._strengthen(*weak)
        self._give_back()
        return {
            key: Verdict(
                show=self.show[key],
                reason=self.reason[key],
                step=self._step_of(key),
                rounds_count=key in self.split_of and self.split_of[key].rounds_counts,
            )
            for key in self.groups
        }

    # ------------------------------------------------------------------------------------------ a group by it

    def _by_itself(self, group: Group) -> tuple[Show, Reason | None]:
        policy = self.policy
        stands_alone = group.key[0] in (Dimension.ALL, Dimension.SCHOOL) or group.schools == 1
        if group.n < (policy.answers_school if stands_alone else policy.answers):
            return Show.NOTHING, Reason.FEW_ANSWERS
        if group.classes < policy.classes:
            return Show.NOTHING, Reason.ONE_CLASS
        if group.schools == 1 and group.key[0] is not Dimension.SCHOOL and self.groups[ROOT].schools > 1:
            return Show.NOTHING, Reason.ONE_SCHOOL
        is_low, is_high = group.total < policy.small_number, group.n - group.total < policy.small_number
        if not (is_low or is_high):
            return Show.NUMBER, None
        if not self.is_percent:
            return Show.NOTHING, Reason.SMALL_NUMBER
        return (Show.BOTTOM if is_low else Show.TOP), Reason.SMALL_NUMBER

    def _hide_below(self, group: Group) -> None:
        """Hide a part of a hidden group, unless staff may see the school that the public may not."""
        for_staff = group.key[0] is Dimension.SCHOOL and self._hidden_from_public_only(group.parent)
        if self.show[group.key] is not Show.NOTHING and not for_staff:
            self.show[group.key], self.reason[group.key] = Show.NOTHING, Reason.COMPLEMENTARY

    def _hidden_from_public_only(self, key: Key | None) -> bool:
        return key is not None and self.reason[key] is Reason.ONE_SCHOOL

    # ------------------------------------------------------------------------------- all groups looked at tog

    def _weak_split(self) -> tuple[_Split, bool] | None:
        """Find a split that gives something away, and whether it gives away a count; None when none does."""
        for is_public in (True, False):
            splits = [split for split in self.splits if not (is_public and split.parts[0][0] is Dimension.SCHOOL)]
            tree = [(split.whole, split.parts) for split in splits]
            totals = Bounds({key: self._known_total(key) for key in self.groups}, tree)
            counts = Bounds({key: self._known_count(key) for key in self.groups}, tree)
            for split in splits:
                if any(self._is_known(totals.of(part), self.groups[part], is_public) for part in split.parts):
                    return split, False
                if any(self._count_is_known(counts.of(part), part) for part in split.parts):
                    return split, True
                union = self._hidden_union(split)
                if union is not None:
                    known = totals.of_some(split.whole, split.parts, self._hidden_parts(split))
                    if self._is_known(known, union, is_public):
                        return split, False
        return None

    def _is_known(self, known: tuple[float, float], group: Group, is_public: bool) -> bool:
        """Say whether the possible totals of a group are fewer than its own protection asks for."""
        show, reason = self._by_itself(group)
        if show is Show.NUMBER or (reason is Reason.ONE_SCHOOL and not is_public):
            return False
        low, high = known
        width = high - low
        if width < min(self.policy.recovery_values - 1, group.n):
            return True
        is_open_ended = low <= 0 or high >= group.n
        return show is Show.NOTHING and not is_open_ended and width < self.policy.recovery_share * group.n

    def _count_is_known(self, known: tuple[float, float], key: Key) -> bool:
        # How many pupils a grade or a school has is public anyway; how many told which sex is not.
        is_private = key[0] is Dimension.SEX and self.groups[key].n < self.policy.answers
        return is_private and known[1] - known[0] < self.policy.recovery_values - 1

    def _hidden_parts(self, split: _Split) -> list[Key]:
        return [part for part in split.parts if self.show[part] is Show.NOTHING]

    def _shown_parts(self, split: _Split) -> list[Key]:
        return [part for part in split.parts if self.show[part] is not Show.NOTHING]

    def _hidden_union(self, split: _Split) -> Group | None:
        """Give the hidden parts of a split as one group, which subtraction lays bare.

        None where there is nothing.
        """
        hidden = [self.groups[part] for part in self._hidden_parts(split)]
        if len(hidden) < 2 or len(hidden) == len(split.parts):
            return None
        is_sex = hidden[0].key[0] is Dimension.SEX
        return Group(
            key=hidden[0].key,
            parent=split.whole,
            n=sum(group.n for group in hidden),
            total=sum(group.total for group in hidden),
            classes=max(group.classes for group in hidden) if is_sex else sum(group.classes for group in hidden),
            schools=max(group.schools for group in hidden) if is_sex else sum(group.schools for group in hidden),
        )

    def _known_total(self, key: Key) -> tuple[float, float]:
        group, few = self.groups[key], self.policy.small_number - 1
        match self.show[key]:
            case Show.NOTHING:
                return 0, group.n
            case Show.BOTTOM:
                return 0, min(few, group.n)
            case Show.TOP:
                return max(group.n - few, 0), group.n
        return revealed(
            n=group.n,
            total=group.total,
            interval=group.interval,
            step=self._step_of(key),
            is_logit=self.is_percent,
        )

    def _known_count(self, key: Key) -> tuple[float, float]:
        n = self.groups[key].n
        if self.show[key] is not Show.NOTHING:
            half = self.policy.count_step // 2
            rounds = key in self.split_of and self.split_of[key].rounds_counts
            return (max(n - half, 0), n + half - 1) if rounds else (n, n)
        if self.reason[key] is Reason.FEW_ANSWERS and n < self.policy.answers:
            return 0, self.policy.answers - 1
        return (
            self.policy.answers if self.reason[key] is Reason.COMPLEMENTARY and n >= self.policy.answers else 0
        ), _LIMIT

    def _step_of(self, key: Key) -> float:
        is_coarse = key in self.split_of and self.split_of[key].is_coarse
        return self.step.coarse if is_coarse or self.groups[key].n < self.policy.small_group else self.step.fine

    # -------------------------------------------------------------------------------------------- making it h

    def _strengthen(self, split: _Split, gives_count: bool) -> None:
        shown = self._shown_parts(split)
        counts_can_be_rounded = all(self.groups[part].n >= self.policy.count_step_from for part in shown)
        if shown and gives_count and not split.rounds_counts and counts_can_be_rounded:
            split.rounds_counts = True
        elif not gives_count and not split.is_coarse and any(self._step_of(part) == self.step.fine for part in shown):
            split.is_coarse = True
        elif shown:
            split.rounds_counts = split.is_coarse = False
            self._hide(self._fewest(shown))
        else:
            self._hide_around(split.whole)

    def _hide_around(self, key: Key) -> None:
        """Hide what says most about a group whose parts are all hidden and still too well known.

        That is the group itself; when it is hidden too, what is shown of it under another name (the school that is all
        of a level), then what stands beside it, and so on upwards.
        """
        if self.show[key] is not Show.NOTHING:
            self._hide(key)
            return
        inside = [part for split in self.splits if split.whole == key for part in self._shown_parts(split)]
        beside = self._shown_parts(self.split_of[key]) if key in self.split_of else []
        parent = self.groups[key].parent
        if inside or beside:
            self._hide(self._fewest(inside or beside))
        elif parent is not None:
            self._hide_around(parent)
        else:
            raise AssertionError("nothing is shown, and yet something can be worked out")

    def _fewest(self, keys: list[Key]) -> Key:
        return min(keys, key=lambda key: (self.groups[key].n, key))

    def _hide(self, key: Key) -> None:
        self.show[key], self.reason[key] = Show.NOTHING, Reason.COMPLEMENTARY
        for group in self.groups.values():
            if group.parent is not None and self.show[group.parent] is Show.NOTHING:
                self._hide_below(group)

    def _give_back(self) -> None:
        """Show again, most answers first, what need not have been hidden or made coarse."""
        for split in self.splits:
            for flag in ("is_coarse", "rounds_counts"):
                if getattr(split, flag):
                    setattr(split, flag, False)
                    if self._weak_split() is not None:
                        setattr(split, flag, True)
        hidden = [key for key, reason in self.reason.items() if reason is Reason.COMPLEMENTARY]
        for key in sorted(hidden, key=lambda key: (-self.groups[key].n, key)):
            parent = self.groups[key].parent
            if self.own[key][0] is Show.NOTHING or parent is None or self.show[parent] is Show.NOTHING:
                continue
            self.show[key], self.reason[key] = self.own[key]
            if self._weak_split() is not None:
                self.show[key], self.reason[key] = Show.NOTHING, Reason.COMPLEMENTARY


def _splits(groups: Sequence[Group]) -> list[_Split]:
    found: dict[tuple[Key, Dimension], _Split] = {}
    for group in groups:
        if group.parent is not None:
            split = found.setdefault((group.parent, group.key[0]), _Split(whole=group.parent, parts=[]))
            split.parts.append(group.key)
    return list(found.values())

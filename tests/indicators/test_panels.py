"""A before and after: who is compared with whom, and what of it may be shown."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from prevention.indicators.attrition import attrition_bounds
from prevention.indicators.catalogue import Indicator
from prevention.indicators.effects import Group, Verdict
from prevention.indicators.estimates import ClusterTotals
from prevention.indicators.panel_gate import Panel, PanelFigure, Who, let_out
from prevention.indicators.panels import Outcome, all_who_answered, compare_found, found_again, mediators
from prevention.indicators.policy import policy
from prevention.indicators.published import Reason
from prevention.surveys.rules import Answers
from prevention.surveys.service import LINK, SurveyRow
from tests.indicators.records import record, sealed

MEANS_NOT_TO = mediators()[0]
YES, NO = "surely_not", "unsure"


def wave(folder: Path, *classes: tuple[str, int, int], linked: bool = False, schools: int | None = None) -> Path:
    """Seal classes of (name, pupils, of them yes, here and there); `linked`: each pupil of a class has a mark."""
    rows: list[SurveyRow] = []
    for place, (name, pupils, yes) in enumerate(classes):
        for pupil in range(pupils):
            answers: Answers = {"W1": YES if pupil * 7 % pupils < yes else NO}
            if linked:
                answers[LINK] = f"{name}{pupil}"
            site = f"S{place if schools is None else place % schools}"
            rows.append(record(answers, cluster=name, site_code=site))
    return sealed(folder, rows, items=["W1", LINK])


def all_of(before: Path, after: Path) -> Outcome:
    [found] = all_who_answered(before, after, [MEANS_NOT_TO])
    return found


def test_classes_of_many_grades_are_followed_and_their_likeness_cancels(tmp_path: Path) -> None:
    """Every class gains two of twenty, whatever it was before: there is no doubt about that change."""
    before = wave(tmp_path, *((f"c{n}", 20, 4 + n) for n in range(10)))
    after = wave(tmp_path, *((f"d{n}", 20, 6 + n) for n in range(10)))

    found = all_of(before, after).comparison

    assert found is not None
    assert (10, pytest.approx(0.1), pytest.approx(0.0, abs=1e-9)) == (
        found.clusters, found.difference.value, found.difference.se
    )  # fmt: skip


def test_classes_of_few_grades_are_taken_for_other_classes(tmp_path: Path) -> None:
    before = wave(tmp_path, *((f"c{n}", 20, 4 + n) for n in range(9)))
    after = wave(tmp_path, *((f"d{n}", 20, 6 + n) for n in range(9)))

    found = all_of(before, after).comparison

    assert found is not None
    assert 18 == found.clusters
    assert (found.difference.se or 0) > 0.03


def test_those_found_again_are_those_with_a_mark_in_both_and_an_answer_in_both(tmp_path: Path) -> None:
    before = wave(tmp_path, ("a", 20, 10), ("b", 20, 12), linked=True)
    after = wave(tmp_path, ("a", 15, 9), ("b", 20, 12), linked=True)

    [found] = found_again(before, after, [MEANS_NOT_TO])

    assert found.comparison is not None
    assert found.lost is not None
    assert (35, 35, 5, 35) == (
        found.comparison.first.n, found.comparison.second.n, found.lost.first.n, found.lost.second.n
    )  # fmt: skip
    gone = [pupil * 7 % 20 < 10 for pupil in range(15, 20)]
    assert pytest.approx((22 - sum(gone)) / 35) == found.comparison.first.mean
    assert pytest.approx(sum(gone) / 5) == found.lost.first.mean


# --------------------------------------------------------------------------------------------------- the gate


def group(*rows: tuple[float, float]) -> Group:
    n, yes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    totals = ClusterTotals(stratum=np.zeros(len(rows), dtype=np.int64), n=n, weight=n, value=yes, square=yes)
    return Group(cluster=np.arange(len(rows)), totals=totals)


def outcome(
    first: Group, second: Group, one: Indicator = MEANS_NOT_TO, *, lost: tuple[Group, Group] | None = None
) -> Outcome:
    from prevention.indicators.effects import compare

    return Outcome(
        indicator=one,
        first=first,
        second=second,
        comparison=compare(first, second),
        lost=compare(*lost) if lost else None,
        lost_groups=lost,
    )


def shown(first: Group, second: Group) -> PanelFigure:
    return let_out(outcome(first, second), who=Who.ALL, policy=policy())


BEFORE = group((25, 12), (25, 10), (25, 15), (25, 11))
AFTER = group((24, 15), (25, 14), (23, 16), (25, 12))


def test_a_figure_says_before_after_and_what_lies_between_rounded_outwards() -> None:
    found = shown(BEFORE, AFTER)

    assert found.before is not None
    assert found.after is not None
    assert found.difference is not None
    assert (0.48, 0.59, 0.11) == (found.before.value, found.after.value, pytest.approx(found.difference.value))
    assert found.difference.low is not None
    assert found.difference.low <= found.difference.value <= (found.difference.high or 0)
    assert Verdict.BETTER is found.verdict
    assert (100, 100) == (found.before.n, found.after.n)
    assert found.ratio is not None
    assert found.size is not None


def test_a_harm_is_said_by_the_rule_of_a_gain() -> None:
    assert Verdict.WORSE is shown(AFTER, BEFORE).verdict


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (group((9, 4), (10, 5)), Reason.FEW_ANSWERS),
        (group((40, 20)), Reason.ONE_CLASS),
        (group((20, 2), (20, 2)), Reason.SMALL_NUMBER),
        (group((20, 20), (20, 17)), Reason.SMALL_NUMBER),
    ],
)
def test_a_side_that_is_too_small_hides_the_whole_figure(first: Group, reason: Reason) -> None:
    for found in (shown(first, AFTER), shown(BEFORE, first)):
        assert reason is found.reason
        assert (None, None, None, None) == (found.before, found.after, found.difference, found.verdict)


def found_of(part: tuple[Group, Group], whole: tuple[Group, Group]) -> PanelFigure:
    return let_out(outcome(*part), who=Who.FOUND, policy=policy(), everybody=outcome(*whole))


def test_a_few_who_were_not_found_again_hide_those_who_were() -> None:
    """Three pupils less of sixty: with both shares to the percent, their answers could be worked out."""
    whole = group((30, 15), (30, 14))
    part = group((28, 14), (29, 14))

    assert Reason.COMPLEMENTARY is found_of((part, part), (whole, whole)).reason


def test_everybody_found_again_is_nobody_given_away() -> None:
    whole = group((30, 15), (30, 14))

    assert found_of((whole, whole), (whole, whole)).reason is None


def test_many_not_found_again_are_no_secret() -> None:
    whole = group(*((30, 15) for _ in range(20)))
    part = group(*((20, 10) for _ in range(20)))

    assert found_of((part, part), (whole, whole)).reason is None


def test_what_lies_between_is_never_known_closer_than_the_policy_allows() -> None:
    """Try every small remainder: whatever is let out leaves it as open as any hidden number."""
    rng = np.random.default_rng(7)
    for _ in range(150):
        sizes = rng.integers(15, 30, size=6)
        yes = rng.binomial(sizes, 0.5)
        gone = rng.integers(0, 3, size=6)
        gone_yes = np.minimum(rng.binomial(gone, 0.5), yes)
        whole = group(*zip(sizes, yes, strict=True))
        part = group(*zip(sizes - gone, yes - gone_yes, strict=True))
        found = found_of((part, part), (whole, whole))
        if found.reason is None and gone.sum():
            assert found.before is not None
            n, left = int(sizes.sum()), int(gone.sum())
            step = 0.05 if round(found.before.value * 100) % 5 == 0 else 0.01
            possible = {
                total - one
                for total in range(n + 1)
                for one in range(n - left + 1)
                if abs(total / n - yes.sum() / n) <= 0.011
                and abs(one / (n - left) - found.before.value) <= step / 2 + 1e-9
                and 0 <= total - one <= left
            }
            assert max(possible) - min(possible) >= min(4, left)


def test_those_not_found_again_are_compared_when_they_are_many(tmp_path: Path) -> None:
    before = wave(tmp_path, *((f"c{n}", 30, 15) for n in range(4)), linked=True)
    after = wave(tmp_path, *((f"c{n}", 18, 12) for n in range(4)), linked=True)
    [part] = found_again(before, after, [MEANS_NOT_TO])

    found = let_out(part, who=Who.FOUND, policy=policy(), everybody=all_of(before, after))

    assert found.reason is None
    assert found.lost is not None
    assert found.found is not None
    assert found.not_found is not None
    assert found.lost.value == pytest.approx(found.found.value - found.not_found.value)


def test_that_nobody_of_those_not_found_said_yes_does_not_get_out(tmp_path: Path) -> None:
    """Forty of them, all with one answer: not too few, and still said of each."""
    whole = group(*((30, 15) for _ in range(4)))
    part = group(*((20, 15) for _ in range(4)))

    assert Reason.COMPLEMENTARY is found_of((part, part), (whole, whole)).reason


def test_bounds_hold_whatever_those_not_found_again_would_have_said(tmp_path: Path) -> None:
    """Draw what they would have said a hundred times: the change of all is always within what is shown."""
    rng = np.random.default_rng(3)
    before = wave(tmp_path, *((f"c{n}", 30, 9 + n) for n in range(6)), linked=True)
    after = wave(tmp_path, *((f"c{n}", 18 + n, 7 + n) for n in range(6)), linked=True)
    [part], whole = found_again(before, after, [MEANS_NOT_TO]), all_of(before, after)

    found = let_out(part, who=Who.FOUND, policy=policy(), everybody=whole).bounds

    assert found is not None
    assert part.comparison is not None
    assert whole.comparison is not None
    n, n_found = whole.comparison.first.n, part.comparison.second.n
    yes, yes_found = whole.comparison.first.mean * n, part.comparison.second.mean * n_found
    changes = [(yes_found + rng.binomial(n - n_found, share) - yes) / n for share in np.linspace(0, 1, 100)]
    assert found.low_end < found.low <= min(changes) < found.steady < max(changes) <= found.high < found.high_end
    assert found.high - found.low < 0.45
    assert (65, True) == (found.found, found.can_tip)
    assert found.tipping is not None
    assert found.tipping < -found.steady


def test_where_everybody_is_found_again_the_bounds_are_the_change(tmp_path: Path) -> None:
    before, after = (
        wave(tmp_path, *((f"c{n}", 30, yes) for n in range(6)), linked=True) for yes in (12, 18)
    )  # fmt: skip
    [part] = found_again(before, after, [MEANS_NOT_TO])

    exact = attrition_bounds(
        before=part.before or part.first, found_before=part.first, found_after=part.second, scale=(0.0, 1.0)
    )  # fmt: skip

    assert exact is not None
    assert (1.0, None, False) == (exact.found, exact.tipping, exact.can_tip)
    assert pytest.approx((0.2, 0.2, 0.2)) == (exact.low, exact.high, exact.steady)


def test_a_result_that_was_released_before_bounds_were_made_is_read(tmp_path: Path) -> None:
    panel = a_panel(shown(BEFORE, AFTER))
    old = panel.to_json().replace('"bounds":null,', "")

    assert "bounds" not in old
    assert panel == Panel.from_json(old)


def a_panel(*figures: PanelFigure) -> Panel:
    return Panel(
        pair_id=uuid4(),
        name="Unplugged",
        school_year=2026,
        is_linked=False,
        answers=(100, 100),
        found=None,
        figures=figures,
        policy="1",
        published_on=date(2027, 5, 1),
    )


def test_a_pair_reads_back_what_was_written() -> None:
    panel = a_panel(shown(BEFORE, AFTER), shown(group((9, 4), (10, 5)), AFTER))

    assert panel == Panel.from_json(panel.to_json())
    assert panel.to_json() != replace(panel, answers=(100, 90)).to_json()


def test_nobody_with_a_mark_leaves_nothing_to_compare(tmp_path: Path) -> None:
    plain = wave(tmp_path, ("a", 20, 10), ("b", 20, 12))

    [found] = found_again(plain, plain, [MEANS_NOT_TO])

    assert found.comparison is None
    assert Reason.FEW_ANSWERS is let_out(found, who=Who.FOUND, policy=policy(), everybody=all_of(plain, plain)).reason
    empty = {name: np.array([]) for name in ("cluster", "n0", "s0", "q0", "t0", "r0")}
    split = {**empty, "found": np.array([])}
    assert compare_found(empty, split, empty, [MEANS_NOT_TO])[0].comparison is None

"""Survey results in words: nothing that is hidden comes out, nothing is called a change that may be chance."""

from dataclasses import replace

import pytest

from prevention.indicators.published import Dimension, Measure, PublishedCell, PublishedTable, Reason
from prevention.reports.figures import GroupName
from prevention.reports.printed import Figure
from prevention.reports.results import Breakdown, CellView, GroupView, cell_view, groups_of, in_100, plain_sentence
from tests.factories.reports import make_cell, make_table, make_tables, text

pytestmark = pytest.mark.usefixtures("english")

NAMES = (
    GroupName(key="tobacco", name=text("Tabacco", "Tobacco")),
    GroupName(key="alcohol", name=text("Alcol", "Alcohol")),
)


def view(table: PublishedTable, *before: PublishedTable) -> GroupView:
    """Give the one heading that a table makes."""
    (made,) = groups_of([table], before=before, names=NAMES)
    return made


def masked(words: str) -> PublishedCell:
    """Give a cell whose number is masked."""
    return replace(make_cell(), share=None, low=None, high=None, text=words, reason=Reason.SMALL_NUMBER)


@pytest.mark.parametrize(
    ("cell", "measure", "words"),
    [
        (make_cell(share=0.18, half=0.04), Measure.PERCENT, "18 (14–22)"),
        (make_cell(share=None), Measure.PERCENT, "not shown"),
        (masked("<5"), Measure.PERCENT, "fewer than 5"),
        (masked(">95"), Measure.PERCENT, "more than 95"),
        (masked("<20"), Measure.PERCENT, "fewer than 20"),
        (replace(make_cell(share=0.5), low=None, high=None), Measure.PERCENT, "50"),
        (replace(make_cell(), share=0.21, low=-0.02, high=0.44), Measure.POINTS, "+21 (\u22122 to +44)"),
        (replace(make_cell(), share=0.0, low=-0.1, high=0.1), Measure.POINTS, "0 (\u221210 to +10)"),
        (replace(make_cell(), share=3.456, low=3.2, high=3.7), Measure.SCALE, "3.46 (3.2–3.7)"),
    ],
)
def test_a_cell_in_words(cell: PublishedCell, measure: Measure, words: str) -> None:
    assert words == cell_view(make_table(measure=measure), cell).words


@pytest.mark.parametrize(
    ("share", "whole"), [(0.184, 18), (0.185, 19), (0.0, 0), (1.0, 100), (-0.185, -19), (-0.184, -18)]
)
def test_shares_are_rounded_halves_away_from_zero(share: float, whole: int) -> None:
    assert whole == in_100(share)


def test_a_hidden_cell_gives_no_number_anywhere() -> None:
    """Even if a number were left in it by mistake."""
    leaky = replace(make_cell(share=0.37), shown=False, reason=Reason.COMPLEMENTARY)

    made = view(make_table(cells=[leaky]))

    assert "37" not in f"{made.chart}{made.chart_sentence}{made.indicators[0].now.words}"
    assert plain_sentence(make_table(cells=[leaky])) is None


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (make_cell(share=0.30, half=0.02), make_cell(share=0.20, half=0.02), "higher"),
        (make_cell(share=0.20, half=0.02), make_cell(share=0.30, half=0.02), "lower"),
        (make_cell(share=0.24, half=0.02), make_cell(share=0.20, half=0.02), "no clear difference"),
        (make_cell(share=None), make_cell(share=0.20), "cannot be compared"),
        (make_cell(share=0.20), make_cell(share=None), "cannot be compared"),
        (masked("<5"), make_cell(share=0.20), "cannot be compared"),
    ],
)
def test_a_change_is_named_only_when_the_intervals_do_not_touch(
    now: PublishedCell, before: PublishedCell, words: str
) -> None:
    made = view(make_table(cells=[now]), make_table(cells=[before], school_year=2025))

    assert words == made.indicators[0].change


def test_last_year_in_other_words_is_not_set_beside_this_year() -> None:
    made = view(make_table(), make_table(wording="w0", cells=[make_cell(share=0.9)]))

    assert "asked in other words last year" == made.indicators[0].change
    assert made.indicators[0].before is None
    assert made.before_label is None
    assert "2025/26" not in str(made.chart)


def test_an_indicator_in_two_surveys_of_last_year_is_not_compared() -> None:
    made = view(make_table(), make_table(), make_table(wave_name="Un'altra"))

    assert "not asked last year" == made.indicators[0].change


def test_without_an_interval_of_this_year_there_is_no_chart() -> None:
    made = view(make_table(cells=[make_cell(share=None)]), make_table())

    assert made.chart is None


def test_the_chart_says_the_same_as_the_table() -> None:
    made = view(make_table(), make_table(school_year=2025, cells=[make_cell(share=0.21)]))

    assert made.chart is not None
    for words in ("18 (14–22)", "21 (17–25)"):
        assert words in made.chart
        assert words in made.chart_sentence
    assert f"<title>{made.chart_sentence}</title>" in made.chart


def test_points_and_scales_are_named_and_kept_off_the_axis_of_pupils() -> None:
    points = make_table("I37a", measure=Measure.POINTS, scale=(-1.0, 1.0), cells=[make_cell(share=0.2)])
    scale = make_table("I45", measure=Measure.SCALE, scale=(1.0, 5.0), cells=[make_cell(share=3.4)])

    (made,) = groups_of([points, scale], before=(), names=NAMES)

    assert ["points", "mean on a scale from 1 to 5"] == [view.name.partition(" (")[2][:-1] for view in made.indicators]
    assert made.chart is None


def test_headings_come_in_the_catalogue_s_order_and_unknown_ones_last() -> None:
    tables = [make_table(group="new"), make_table(group="alcohol"), make_table(group="tobacco")]

    made = groups_of(tables, before=(), names=NAMES)

    assert ["Tobacco", "Alcohol", "Other indicators"] == [one.title for one in made]


def test_a_breakdown_of_which_nothing_is_shown_is_named_in_one_line() -> None:
    hidden = [make_cell("female", share=None), make_cell("male", share=None)]

    (made,) = groups_of([make_table(), make_table(dimension=Dimension.SEX, cells=hidden)], before=(), names=NAMES)

    assert () == made.breakdowns
    assert ("By sex",) == made.withheld


def test_a_group_that_was_not_asked_is_said_to_be_so() -> None:
    """Only some indicators are asked of younger pupils."""
    both = make_table("I01", dimension=Dimension.SEX, cells=[make_cell("female"), make_cell("male")])
    girls = make_table("I02", dimension=Dimension.SEX, cells=[make_cell("female")])

    (made,) = groups_of([both, girls], before=(), names=NAMES)

    (breakdown,) = made.breakdowns
    assert ("Girls", "Boys") == breakdown.columns
    assert ["18 (14–22)", "not asked"] == [cell.words for cell in breakdown.rows[1][1]]


def test_breakdowns_keep_indicators_and_groups_together() -> None:
    made = groups_of(make_tables(), before=make_tables(is_last_year=True), names=NAMES)

    assert [["By sex", "By grade"]] * 2 == [[one.title for one in view.breakdowns] for view in made[:2]]


def test_a_sentence_for_anybody() -> None:
    definition = text("Ha fumato", "Smoked cigarettes in the last 30 days")

    sentence = plain_sentence(make_table(definition=definition))

    assert sentence == ("Smoked cigarettes in the last 30 days: between 14 and 22 pupils in 100 (best estimate: 18).")
    assert plain_sentence(make_table(definition=definition, cells=[masked("<5")])) == (
        "Smoked cigarettes in the last 30 days: fewer than 5 pupils in 100."
    )


@pytest.mark.parametrize(("columns", "is_crowded"), [(8, False), (9, True), (10, True)])
def test_cells_break_into_lines_before_their_table_leaves_the_page(columns: int, is_crowded: bool) -> None:
    cell = CellView(words=Figure("45 (35–55)", name=""), is_shown=True, n=40)
    table = Breakdown(title="By sex and year", columns=("Girls, year 1",) * columns, rows=(("a", (cell,) * columns),))

    assert is_crowded is table.is_crowded


@pytest.mark.parametrize(
    ("words", "columns", "is_packed"),
    [
        ("45 (35–55)", 10, False),
        ("85 (75–100)", 10, False),
        ("+20 (from +10 to +30)", 5, False),
        ("+20 (from +10 to +30)", 10, True),
    ],
)
def test_a_range_breaks_only_where_its_table_would_leave_the_page(words: str, columns: int, *, is_packed: bool) -> None:
    cell = CellView(words=Figure(words, name=""), is_shown=True, n=40)
    hidden = CellView(words=Figure("not shown", name=""), is_shown=False, n=None)
    rows = (("a", (cell, *(hidden,) * (columns - 1))),)

    assert is_packed is Breakdown(title="By sex and year", columns=("Girls, year 1",) * columns, rows=rows).is_packed

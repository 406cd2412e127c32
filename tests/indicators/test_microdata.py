"""The command that estimates from anybody's file: R's numbers, and a clear word for every bad input."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask import Flask

from prevention.indicators.commands import group
from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_each, estimate_file

HEAD = "use,sex,class,place,w\n"
ROWS = ["1,F,a,x,1", "2,F,a,x,1", "1,M,b,x,2", "2,M,b,x,2", "2,F,a,y,1", "1,M,a,y,3", "2,F,b,y,1", ",F,b,y,1"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(HEAD + "\n".join(ROWS) + "\n")
    return path


def asked(file: Path, of: str | None = "use == 1", **values: Any) -> tuple[Answer, ...]:
    return estimate_file(file, Question(of=of, **values))


def test_a_share_is_that_of_the_valid_records(file: Path) -> None:
    [answer] = asked(file)

    assert (7, pytest.approx(3 / 7), 7) == (answer.estimate.n, answer.estimate.mean, answer.estimate.clusters)


def test_weights_strata_and_clusters_are_taken_from_their_columns(file: Path) -> None:
    """Class numbers start again in each place: there are four classes, not two."""
    [answer] = asked(file, cluster="class", stratum="place", weight="w")

    assert (pytest.approx(6 / 11), 4, 2) == (answer.estimate.mean, answer.estimate.clusters, answer.estimate.df)


def test_groups_stand_in_order_and_a_group_without_answers_is_left_out(file: Path) -> None:
    answers = asked(file, by=("sex",), valid='sex == "M" and use in (1, 2)')

    assert [(("M",), 3)] == [(answer.group, answer.estimate.n) for answer in answers]


@pytest.mark.parametrize(
    ("of", "share"),
    [
        ("use == 1", 3 / 7),
        ("use != 1", 4 / 7),
        ("use < 1.5", 3 / 7),
        ("use >= 2", 4 / 7),
        ("use in (1, -3)", 3 / 7),
        ("use not in [1, 3]", 4 / 7),
        ('sex == "F"', 5 / 8),
        # The girl who gave no answer is no boy who uses, whatever she would have said.
        ('use == 1 and sex == "M"', 2 / 8),
        ('use == 1 or not sex == "F"', 4 / 7),
        ("use == 1.0", 3 / 7),
        ('use == "1"', 3 / 7),
        ("1 < use <= 2", 4 / 7),
        ("1 == use", 3 / 7),
        ("2 > use", 3 / 7),
        ("use is None", 1 / 8),
        # Who gave no answer is decided, too: it is not there.
        ("use is not None and not (use in (2, 3) or sex == 'X')", 3 / 8),
    ],
)
def test_conditions_mean_what_they_say(file: Path, of: str, share: float) -> None:
    assert pytest.approx(share) == asked(file, of)[0].estimate.mean


@pytest.mark.parametrize(
    "of",
    [
        "",
        "use",
        "1 == 1",
        "use == ",
        "use == sex",
        "use == True",
        "use in ()",
        "use in use",
        "1 < 2 < use",
        "1 < use < 3 < 4",
        "use is 1",
        "None is use",
        "use in (1, 'a')",
        "use + 1 == 2",
        "__import__('os').system('true')",
        "use == 1; drop table records",
        "(" * 300 + "use == 1" + ")" * 300,
    ],
)
def test_what_is_no_condition_is_refused(file: Path, of: str) -> None:
    with pytest.raises(BadMicrodata):
        asked(file, of)


def test_texts_and_names_cannot_break_out_of_the_question(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text('use,"we""ird"\n1,it\'s\n2,b\n')

    assert [0.5] == [answer.estimate.mean for answer in asked(path, "use == 1")]
    assert {("it's",), ("b",)} == {answer.group for answer in asked(path, by=('we"ird',))}
    assert 0 == asked(path, """use == "'; SELECT 1; --" """)[0].estimate.mean


@pytest.mark.parametrize(
    ("line", "values", "words"),
    [
        ("x,F,a,x,1", {}, "row 10, column use: 'x' is no number"),
        ("1,F,,x,1", {"cluster": "class"}, "row 10, column class: is empty"),
        ("1,F,a,x,", {"weight": "w"}, "row 10, column w: is empty"),
        ("1,F,a,x,many", {"weight": "w"}, "row 10, column w: 'many' is no number"),
        ("1,F,a,x,-1", {"weight": "w"}, "row 10, column w: '-1' is no weight"),
        ("1,F,a,x,inf", {"weight": "w"}, "row 10, column w: 'inf' is no weight"),
        ("1,F,a,z,1", {"cluster": "class", "stratum": "place"}, "stratum z: a single cluster"),
        ("1,F,a,x,1", {"by": ("school",)}, "no column 'school'"),
        ("1,F,a,x,1", {"of": "used == 1"}, "no column 'used' in the file; did you mean 'use'?"),
    ],
)
def test_bad_input_is_named_with_its_row_and_column(file: Path, line: str, values: dict[str, Any], words: str) -> None:
    file.write_text(file.read_text() + line + "\n")

    with pytest.raises(BadMicrodata, match=words):
        asked(file, **values)


def test_a_lonely_stratum_may_be_measured_from_the_mean_of_all(file: Path) -> None:
    file.write_text(file.read_text() + "1,F,a,z,1\n")

    [answer] = asked(file, cluster="class", stratum="place", lonely=LonelyStratum.ADJUST)

    assert answer.estimate.se is not None
    assert answer.interval is not None


def test_the_other_rules_for_a_lonely_stratum_lie_around_what_the_others_tell(file: Path) -> None:
    """Two strata speak: left alone the third adds nothing, or half of what they add together."""
    plain = asked(file, cluster="class", stratum="place")[0].estimate
    file.write_text(file.read_text() + ",F,a,z,1\n")

    rules = (LonelyStratum.CERTAINTY, LonelyStratum.AVERAGE)
    certain, average = (asked(file, cluster="class", stratum="place", lonely=rule)[0].estimate for rule in rules)

    assert plain.se == pytest.approx(certain.se)
    assert plain.se is not None
    assert plain.se * 1.5**0.5 == pytest.approx(average.se)


def test_a_census_has_no_sampling_error_and_its_lonely_strata_are_whole(file: Path) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0] + ",all", *(line + ",2" for line in lines[1:]), "1,F,a,z,1,1"]) + "\n")

    [answer] = asked(file, cluster="class", stratum="place", population="all")

    assert (0, None) == (
        answer.estimate.se,
        None if answer.interval is None else answer.interval[1] - answer.interval[0] or None,
    )


def test_half_of_all_clusters_leave_half_of_the_variance(file: Path) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0] + ",all", *(line + ",4" for line in lines[1:])]) + "\n")

    half = asked(file, cluster="class", stratum="place", population="all")[0].estimate.se
    full = asked(file, cluster="class", stratum="place")[0].estimate.se

    assert full is not None
    assert half == pytest.approx(full * 0.5**0.5)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (["1"] * 8, "stratum x, column all: more clusters than there are"),
        (["4"] * 7 + ["5"], "stratum y, column all: several numbers of clusters"),
        (["4"] * 7 + [""], "row 9, column all: is empty"),
        (["4"] * 7 + ["some"], "row 9, column all: 'some' is no number"),
        (["4"] * 7 + ["-4"], "row 9, column all: '-4' is no number of clusters"),
    ],
)
def test_a_number_of_clusters_that_cannot_be_is_refused(file: Path, numbers: list[str], words: str) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0] + ",all", *(f"{a},{b}" for a, b in zip(lines[1:], numbers, strict=True))]))

    with pytest.raises(BadMicrodata, match=words):
        asked(file, cluster="class", stratum="place", population="all")


@pytest.mark.parametrize("word", ["", "NA", ".", "NaN", "  ", '"NA"'])
def test_what_other_programs_write_for_no_value_is_missing(file: Path, word: str) -> None:
    file.write_text(file.read_text() + f"{word},F,a,x,1\n")

    assert 7 == asked(file)[0].estimate.n


def test_a_word_for_no_value_can_be_named(file: Path) -> None:
    file.write_text(file.read_text() + "-9,F,a,x,1\n")

    assert (8, 7) == (asked(file)[0].estimate.n, asked(file, missing=("-9",))[0].estimate.n)


def test_blanks_count_in_a_text_and_not_around_a_number(file: Path) -> None:
    """The public survey tells answers to one question apart by their column."""
    file.write_text(file.read_text() + '" 1"," F",a,x,1\n')

    assert 5 / 9 == asked(file, 'sex == "F"')[0].estimate.mean
    assert 4 / 8 == asked(file)[0].estimate.mean


def test_the_mean_of_a_column_has_a_symmetric_interval(file: Path) -> None:
    [answer] = asked(file, None, mean="use", cluster="class", stratum="place", weight="w")
    [share] = asked(file, "use == 2", cluster="class", stratum="place", weight="w")

    assert answer.interval is not None
    assert 1 + share.estimate.mean == pytest.approx(answer.estimate.mean)
    assert share.estimate.se == pytest.approx(answer.estimate.se)
    assert sum(answer.interval) / 2 == pytest.approx(answer.estimate.mean)


@pytest.mark.parametrize("values", [{"of": None}, {"mean": "use"}])
def test_one_of_share_and_mean_is_asked(file: Path, values: dict[str, Any]) -> None:
    with pytest.raises(BadMicrodata, match="one of the two"):
        asked(file, **values)


def test_several_columns_cross_their_groups(file: Path) -> None:
    answers = asked(file, by=("sex", "place"))

    assert [(("F", "x"), 2), (("F", "y"), 2), (("M", "x"), 2), (("M", "y"), 1)] == [
        (answer.group, answer.estimate.n) for answer in answers
    ]


def test_few_unequal_clusters_have_fewer_degrees_of_freedom(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    sizes = (5, 5, 6, 60)
    path.write_text("use,class\n" + "".join(f"{i % 3},{c}\n" for c, n in enumerate(sizes) for i in range(n)))

    plain = asked(path, cluster="class")[0].estimate.df
    few = asked(path, cluster="class", few_clusters=True)[0].estimate.df

    assert 3 == plain
    assert 1 < few < 2


def test_a_parquet_file_says_what_the_same_table_says_as_text(file: Path) -> None:
    parquet = file.with_suffix(".parquet")
    duckdb.sql(f"SELECT * FROM read_csv('{file}')").write_parquet(str(parquet))

    assert asked(file, cluster="class", by=("place",)) == asked(parquet, cluster="class", by=("place",))


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:12])

    with pytest.raises(BadMicrodata):
        asked(path)


def test_a_row_with_a_value_too_many_is_refused(file: Path) -> None:
    file.write_text(file.read_text() + "1,F,a,x,1,9,9\n")

    with pytest.raises(BadMicrodata):
        asked(file)


def test_many_questions_to_a_file_are_answered_as_each_by_itself(file: Path) -> None:
    questions = [Question(of="use == 1", by=("sex",)), Question(mean="use", weight="w"), Question(of='place == "x"')]

    assert [estimate_file(file, question) for question in questions] == estimate_each(file, questions)
    assert [] == estimate_each(file, [])


def test_one_cluster_in_all_has_an_estimate_and_no_interval(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("use,class\n1,a\n2,a\n")

    [answer] = asked(path, cluster="class")

    assert (0.5, None, None) == (answer.estimate.mean, answer.estimate.se, answer.interval)


def test_the_command_writes_json_that_a_program_can_read(app: Flask, file: Path) -> None:
    arguments = ["estimate", str(file), "--of", "use == 1", "--cluster", "class", "--stratum", "place", "--by", "sex"]

    result = app.test_cli_runner().invoke(group, [*arguments, "--json"])

    figures = json.loads(result.output)
    assert (0, ["F", "M"]) == (result.exit_code, [figure["group"] for figure in figures])
    assert {"group", "n", "clusters", "estimate", "se", "design_effect", "df", "low", "high"} == set(figures[0])


def test_the_command_writes_lines_for_people_and_errors_in_words(app: Flask, file: Path) -> None:
    runner = app.test_cli_runner()

    good = runner.invoke(group, ["estimate", str(file), "--of", "use == 1"])
    bad = runner.invoke(group, ["estimate", str(file), "--of", "nothing == 1"])

    assert good.output.startswith("all ")
    assert "n = 7" in good.output
    assert (1, "Error: no column 'nothing' in the file, which has: use, sex, class, place, w\n") == (
        bad.exit_code,
        bad.output,
    )


def test_a_group_without_a_name_is_not_taken_for_the_whole(app: Flask, file: Path) -> None:
    file.write_text(file.read_text() + "1,,a,x,1\n")

    result = app.test_cli_runner().invoke(group, ["estimate", str(file), "--of", "use == 1", "--by", "sex"])

    assert ["F", "M", "(empty)"] == [line.split()[0] for line in result.output.splitlines()]


def test_a_whole_public_survey_gives_what_r_gives_through_the_command_too(shared_data: Path) -> None:
    folder = shared_data / "yrbs2021"
    with (folder / "reference_R_survey_2021.csv").open() as lines:
        expected = {
            str(int(float(row["level"]))): row
            for row in csv.DictReader(lines)
            if (row["var"], row["group"]) == ("qn45", "sex")
        }

    answers = asked(
        folder / "yrbs2021.csv.gz",
        "qn45 == 1",
        valid="qn45 in (1, 2)",
        cluster="psu",
        stratum="stratum",
        weight="weight",
        by=("q2",),
    )

    found = {str(answer.group[0]): answer for answer in answers if answer.group[0]}
    assert set(expected) == set(found)
    for level, row in expected.items():
        figure, interval = found[level].estimate, found[level].interval
        assert interval is not None
        assert [pytest.approx(float(row[name]), abs=1e-9) for name in ("p", "se", "ci_logit_lo", "ci_logit_hi")] == [
            figure.mean, figure.se, *interval
        ]  # fmt: skip


def test_a_whole_public_survey_gives_its_published_percentages(shared_data: Path) -> None:
    """All rows of the users' guide that have a percentage ("missing" has none), but those of Q5.

    Its answers are letters in columns (" B", "  C", "A C"), and the guide prints some letters twice, without columns.
    """
    folder = shared_data / "yrbs2021"
    with (folder / "golden_codebook_2021.csv").open() as lines:
        published = [row for row in csv.DictReader(lines) if row["weighted_pct"] and row["var"] != "Q5"]
    places = [(row["var"], row["code"]) for row in published]

    found = estimate_each(
        folder / "yrbs2021.csv.gz",
        [
            Question(of=f'{variable.lower()} == "{code}"', weight="weight", cluster="psu", stratum="stratum")
            for variable, code in places
        ],
    )

    shares = {place: answer.estimate.mean for place, [answer] in zip(places, found, strict=True)}

    assert len(published) > 790
    assert {(row["var"], row["code"]): f"{float(row['weighted_pct']):.1f}" for row in published} == {
        place: f"{100 * share:.1f}" for place, share in shares.items()
    }

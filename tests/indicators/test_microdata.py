"""The command that estimates from anybody's file: R's numbers, and a clear word for every bad input."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from flask import Flask

from prevention.indicators.commands import group
from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_file

HEAD = "use,sex,class,place,w\n"
ROWS = ["1,F,a,x,1", "2,F,a,x,1", "1,M,b,x,2", "2,M,b,x,2", "2,F,a,y,1", "1,M,a,y,3", "2,F,b,y,1", ",F,b,y,1"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(HEAD + "\n".join(ROWS) + "\n")
    return path


def asked(file: Path, of: str = "use == 1", **values: str | LonelyStratum | None) -> tuple[Answer, ...]:
    return estimate_file(file, Question(of=of, **values))  # type: ignore[arg-type]  # names of the question's own


def test_a_share_is_that_of_the_valid_records(file: Path) -> None:
    [answer] = asked(file)

    assert (7, pytest.approx(3 / 7), 7) == (answer.estimate.n, answer.estimate.mean, answer.estimate.clusters)


def test_weights_strata_and_clusters_are_taken_from_their_columns(file: Path) -> None:
    """Class numbers start again in each place: there are four classes, not two."""
    [answer] = asked(file, cluster="class", stratum="place", weight="w")

    assert (pytest.approx(6 / 11), 4, 2) == (answer.estimate.mean, answer.estimate.clusters, answer.estimate.df)


def test_groups_stand_in_order_and_a_group_without_answers_is_left_out(file: Path) -> None:
    answers = asked(file, by="sex", valid='sex == "M" and use in (1, 2)')

    assert [("M", 3)] == [(answer.group, answer.estimate.n) for answer in answers]


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
        "use is 1",
        "1 < use < 3",
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
    assert {"it's", "b"} == {answer.group for answer in asked(path, by='we"ird')}
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
        ("1,F,a,x,1", {"by": "school"}, "no column 'school'"),
        ("1,F,a,x,1", {"of": "used == 1"}, "no column 'used'"),
    ],
)
def test_bad_input_is_named_with_its_row_and_column(file: Path, line: str, values: dict[str, str], words: str) -> None:
    file.write_text(file.read_text() + line + "\n")

    with pytest.raises(BadMicrodata, match=words):
        asked(file, **values)


def test_a_lonely_stratum_may_be_measured_from_the_mean_of_all(file: Path) -> None:
    file.write_text(file.read_text() + "1,F,a,z,1\n")

    [answer] = asked(file, cluster="class", stratum="place", lonely=LonelyStratum.ADJUST)

    assert answer.estimate.se is not None
    assert answer.interval is not None


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:12])

    with pytest.raises(BadMicrodata):
        asked(path)


def test_a_row_with_a_value_too_many_is_refused(file: Path) -> None:
    file.write_text(file.read_text() + "1,F,a,x,1,9,9\n")

    with pytest.raises(BadMicrodata):
        asked(file)


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
    assert (1, "Error: no column 'nothing' in the file\n") == (bad.exit_code, bad.output)


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
        by="q2",
    )

    found = {answer.group: answer for answer in answers if answer.group}
    assert set(expected) == set(found)
    for level, row in expected.items():
        figure, interval = found[level].estimate, found[level].interval
        assert interval is not None
        assert [pytest.approx(float(row[name]), abs=1e-9) for name in ("p", "se", "ci_logit_lo", "ci_logit_hi")] == [
            figure.mean, figure.se, *interval
        ]  # fmt: skip

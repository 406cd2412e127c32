"""Microdata as strangers write it: the same table in many dresses is one figure; what is not it gets a clear word."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyreadstat
import pytest
import svy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_file

# Two strata; cluster numbers start again in the second.
TABLE = (
    "use,sex,psu,str,w\n1,1,1,10,1.5\n2,2,1,10,1\n1,1,2,10,1\n2,2,2,10,2\n"
    "1,1,1,20,1\n2,1,1,20,1\n2,2,2,20,1\n1,2,2,20,1\n"
)
DESIGN: dict[str, Any] = {"cluster": "psu", "stratum": "str", "weight": "w"}


SAS_MARK = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")


def estimated(folder: Path, data: bytes, *, name: str = "data.csv", **values: Any) -> tuple[Answer, ...]:
    path = folder / name
    path.write_bytes(data)
    return estimate_file(path, Question(**{"of": "use == 1", **DESIGN, **values}))


def quoted(text: str) -> str:
    return "".join(",".join(f'"{one}"' for one in line.split(",")) + "\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("name", "dress"),
    [
        ("crlf.csv", lambda text: text.replace("\n", "\r\n").encode()),
        ("cr.csv", lambda text: text.replace("\n", "\r").encode()),
        ("mark.csv", lambda text: b"\xef\xbb\xbf" + text.encode()),
        ("utf16.csv", lambda text: text.encode("utf-16")),
        ("quoted.csv", lambda text: quoted(text).encode()),
        ("quoted-mark-crlf.csv", lambda text: b"\xef\xbb\xbf" + quoted(text).replace("\n", "\r\n").encode()),
        ("semicolons.csv", lambda text: text.replace(",", ";").encode()),
        ("tabs.tsv", lambda text: text.replace(",", "\t").encode()),
        ("bars.txt", lambda text: text.replace(",", "|").encode()),
        ("data.csv.gz", lambda text: gzip.compress(text.encode())),
        ("packed", lambda text: gzip.compress(text.encode())),
        ("no-ending", lambda text: text.encode()),
        ("latin.csv", lambda text: text.replace("sex", "sesso e età").encode("latin-1")),
        ("blank rows.csv", lambda text: f"{text}\n\n".encode()),
        ("no last newline.csv", lambda text: text.rstrip().encode()),
        ("blanks.csv", lambda text: text.replace(",", ", ").encode()),
        ("a note.csv", lambda text: f"# from the archive\n{text}".encode()),
        ("decimals.csv", lambda text: text.replace("\n1,", "\n1.0,").replace("\n2,", "\n2.00,").encode()),
        # The same stratum, once as a whole number and once as R or pandas writes a column that has a gap.
        ("stratum.csv", lambda text: text.replace(",10,", ",10.0,", 1).encode()),
        ("missing.csv", lambda text: f"{text}NA,1,1,20,1\n.,1,1,20,1\n,1,2,20,1\nNaN,1,1,10,1\n".encode()),
        ("weightless.csv", lambda text: f"{text}1,1,2,20,0\n".encode()),
        ("new lines in texts.csv", lambda text: f'{text}NA,"a\nb",2,20,1\n'.encode()),
        ("late.csv", lambda text: text.replace("\n", "\n" + "NA,1,1,10,1\n" * 30_000, 1).encode()),
    ],
)
def test_the_same_table_in_another_dress_is_the_same_figure(
    tmp_path: Path, name: str, dress: Callable[[str], bytes]
) -> None:
    plain, dressed = (estimated(tmp_path, data, name=name) for data in (TABLE.encode(), dress(TABLE)))

    assert plain == dressed


def frame() -> pl.DataFrame:
    return pl.read_csv(io.StringIO(f"{TABLE}NA,1,1,20,1\n"), null_values="NA").rename({"str": "stratum"})


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("survey.sav", lambda path: pyreadstat.write_sav(frame(), path)),
        ("survey.zsav", lambda path: pyreadstat.write_sav(frame(), path, compress=True)),
        ("survey.dta", lambda path: pyreadstat.write_dta(frame(), path)),
        ("survey.xpt", lambda path: pyreadstat.write_xport(frame(), path, file_format_version=5)),
        # What SPSS marks as missing is missing, though a number stands there.
        ("user.sav", lambda path: pyreadstat.write_sav(frame().fill_null(9), path, missing_ranges={"use": [9]})),
        ("texts.sav", lambda path: pyreadstat.write_sav(frame().cast({"stratum": pl.String, "psu": pl.String}), path)),
    ],
)
def test_a_statistical_programs_file_says_what_its_table_says(
    tmp_path: Path, name: str, write: Callable[[str], None]
) -> None:
    write(str(tmp_path / name))
    plain = estimated(tmp_path, TABLE.encode(), by=("sex",))

    found = estimate_file(
        tmp_path / name, Question(**{**DESIGN, "of": "use == 1", "stratum": "stratum", "by": ("sex",)})
    )

    assert plain == found


def test_a_statistical_programs_file_that_is_broken_is_named(tmp_path: Path) -> None:
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(frame(), str(path))
    path.write_bytes(path.read_bytes()[:150])

    with pytest.raises(BadMicrodata, match=r"survey[.]sav cannot be read"):
        estimate_file(path, Question(of="use == 1"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), strata=st.integers(1, 4), kind=st.sampled_from(["share", "mean"]))
def test_any_design_gives_what_an_independent_library_gives(tmp_path: Path, seed: int, strata: int, kind: str) -> None:
    """Random strata, clusters of unequal size, weights, missing values and a domain: against `svy`."""
    rng = np.random.default_rng(seed)
    rows = []
    for stratum in range(strata):
        for cluster in range(rng.integers(2, 6)):
            level = rng.normal(0, 0.7)
            for _ in range(rng.integers(2, 12)):
                share = float(rng.random() < 1 / (1 + np.exp(-level)))
                row = {"stratum": f"s{stratum}", "psu": f"{stratum}-{cluster}", "sex": str(rng.choice(["F", "M"]))}
                weight = float(rng.choice([0.5, 1.0, 1.75, 3.0]))
                rows += [{**row, "w": weight, "y": share if kind == "share" else float(rng.normal(level))}]
    path = tmp_path / "design.csv"
    pl.DataFrame(rows).write_csv(path)
    what = {"of": "y == 1"} if kind == "share" else {"mean": "y"}
    question: dict[str, Any] = {**what, **DESIGN, "stratum": "stratum", "by": ("sex",)}

    answers = estimate_file(path, Question(**question))

    sample = svy.Sample(data=pl.DataFrame(rows), design=svy.Design(stratum="stratum", psu="psu", wgt="w"))
    theirs = {one.by_level: one for one in sample.estimation.mean("y", by="sex").estimates}
    assert theirs.keys() == {answer.group for answer in answers}
    for answer in answers:
        other = theirs[answer.group]
        # It counts the degrees of freedom of the domain, we those of the design.
        ours = (answer.estimate.mean, answer.estimate.se, answer.estimate.n)
        assert pytest.approx((other.est, other.se, other.n), rel=1e-9, abs=1e-12) == ours


def test_clusters_are_those_of_their_stratum_however_they_are_numbered(tmp_path: Path) -> None:
    """Long numbers are names: read as numbers these two would be one."""
    lines = [line.split(",") for line in TABLE.splitlines()]
    for line in lines[1:]:
        line[2] = "1234567890123456789012345" if line[2] == "1" else "1234567890123456789012346"

    [plain], [long] = (
        estimated(tmp_path, text.encode()) for text in (TABLE, "\n".join(",".join(line) for line in lines))
    )

    assert (4, 2) == (plain.estimate.clusters, plain.estimate.df)
    assert plain == long


def test_a_cluster_of_weightless_records_stays_in_its_stratum_and_gives_no_degree_of_freedom(tmp_path: Path) -> None:
    [plain], [more] = (estimated(tmp_path, f"{TABLE}{line}".encode()) for line in ("", "1,1,3,20,0\n"))

    assert (plain.estimate.n, plain.estimate.mean, plain.estimate.df) == (
        more.estimate.n, more.estimate.mean, more.estimate.df
    )  # fmt: skip
    assert more.estimate.se != plain.estimate.se


def test_an_empty_stratum_belongs_to_the_design_and_adds_nothing(tmp_path: Path) -> None:
    [plain], [more] = (estimated(tmp_path, f"{TABLE}{lines}".encode()) for lines in ("", "NA,1,1,30,1\nNA,1,2,30,1\n"))

    assert (plain.estimate.mean, plain.estimate.se) == (more.estimate.mean, more.estimate.se)
    assert (2, 3) == (plain.estimate.df, more.estimate.df)


@pytest.mark.parametrize(
    ("data", "values", "words"),
    [
        (TABLE.replace("use,sex", "use,use"), {}, "column 'use' stands in the file more than once"),
        (TABLE.replace("use,sex", "use,USE"), {}, "column 'use' stands in the file more than once"),
        (TABLE.replace("use", "USE"), {}, "did you mean 'USE'"),
        (TABLE, {"cluster": "school"}, "no column 'school' in the file, which has: use, sex, psu, str, w"),
        (TABLE.replace(",", " "), {}, "which has: use sex psu str w"),
        (f"{TABLE}1,1,2\n", {}, "data.csv, row 10: 3 values where 5 columns are named"),
        (f"{TABLE}1,1,2,20,1,9\n", {}, "data.csv, row 10: 6 values where 5 columns are named"),
        (f"{TABLE}1,1,2,20,-1\n", {}, "row 10, column w: '-1' is no weight"),
        (f'{TABLE}1,1,2,20,"1,000"\n', {}, "row 10, column w: '1,000' is no number"),
        (TABLE.replace(",", ";").replace(".", ","), {}, "row 2, column w: '1,5' is no number"),
        (f"{TABLE}1,1,NA,20,1\n", {}, "row 10, column psu: is empty"),
        (f"{TABLE}1,1,2,.,1\n", {}, "row 10, column str: is empty"),
        (f"{TABLE}1,1,2,20,NA\n", {}, "row 10, column w: is empty"),
        (f"{TABLE}yes,1,2,20,1\n", {}, "row 10, column use: 'yes' is no number"),
        (f"{TABLE}1,1,1,30,1\n", {}, "stratum 30: a single cluster"),
        (f"{TABLE}1,1,1,30,1\n", {"by": ("sex",)}, "stratum 30: a single cluster"),
        (TABLE, {"stratum": "psu"}, "stratum 1, 2: a single cluster"),
        ("", {}, "data.csv has no row of names"),
        ("\n\n", {}, "data.csv has no row of names"),
        (TABLE.splitlines()[0], {}, "no record has a valid answer"),
        (TABLE, {"valid": "use == 9"}, "no record has a valid answer"),
        (TABLE.replace(",1\n", ",0\n").replace(",2\n", ",0\n").replace(",1.5\n", ",0\n"), {}, "no record has a valid"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(tmp_path: Path, data: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(BadMicrodata, match=words):
        estimated(tmp_path, data.encode(), **values)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(40), "a ZIP archive or a spreadsheet"),
        (gzip.compress(TABLE.encode())[:-12], "not whole"),
        (bytes(range(256)) * 20, "no text"),
        (b"PAR1" + bytes(40), "data.csv"),
        (b"1120101.5\n2210101.0\n1120201.0\n", "fixed width or no row of names: save it as one of CSV .*sas7bdat"),
        (b"  1 12 010\n  2 21 010\n", "fixed width or no row of names"),
        (SAS_MARK + bytes(200), "data.csv cannot be read"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BadMicrodata, match=words):
        estimated(tmp_path, data)


def test_a_lonely_stratum_is_measured_only_by_a_rule_that_was_named(tmp_path: Path) -> None:
    data = f"{TABLE}1,1,1,30,1\n".encode()
    found = {rule: estimated(tmp_path, data, lonely=rule)[0].estimate.se for rule in LonelyStratum if rule != "refuse"}

    assert all(found.values())
    assert (found[LonelyStratum.CERTAINTY] or 0) < (found[LonelyStratum.AVERAGE] or 0)

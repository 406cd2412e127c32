"""Record-level files: who may have one, and that nobody stands out in it."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db
from prevention.core.models import AuditEntry
from prevention.indicators import corrections, ledger
from prevention.indicators.corrections import Wanted
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.research import (
    ClassRecords,
    Values,
    layout_of,
    rare_values,
    research_records,
    strata_of,
    tells_apart,
    units_of,
)
from prevention.indicators.research_service import HANDED_OUT
from prevention.indicators.seal_desk import places_in
from prevention.indicators.tasks import correct_next_seal, seal_next_closed_wave
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.indicators import few_questions, make_closed_wave
from tests.support.http import Client

ADDRESS = "/research/"
RULES = policy().research
PURPOSE = "Does the age of the first cigarette go with the year? For a thesis."
SIZES = st.integers(0, 30)


@st.composite
def waves(draw: st.DrawFn) -> tuple[list[ClassRecords], list[tuple[int, Values]]]:
    """Draw the classes of a wave and what is known of each of their pupils."""
    classes, records = [], []
    for cluster in range(1, draw(st.integers(1, 24)) + 1):
        school, level = draw(st.integers(0, 5)), draw(st.sampled_from(["primo_grado", "secondo_grado"]))
        size = draw(SIZES)
        classes.append(
            ClassRecords(
                cluster=cluster,
                site_code=f"S{school}",
                level=level,
                grade=draw(st.integers(1, 5)),
                track=draw(st.sampled_from(["", "liceo", "tecnico"])),
                records=size,
            )
        )
        for _ in range(size):
            sex = draw(st.sampled_from(["female", "male", "female", "male", "other", None]))
            records.append((cluster, {"A1": sex, "A2": draw(st.sampled_from(["2009", "2010", "2011", None]))}))
    return classes, records


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(wave=waves())
def test_nobody_stands_out_by_where_they_are_or_by_what_others_know(
    wave: tuple[list[ClassRecords], list[tuple[int, Values]]],
) -> None:
    classes, records = wave

    layout = layout_of(classes, first=classes, key="secret", policy=RULES)
    made = research_records(records, layout, policy=RULES)
    strata = layout.strata

    assert len(made) in (0, len(records))
    by_cluster = {one.cluster: one for one in classes}
    for number, stratum in enumerate(strata, start=1):
        mine = [one for one in made if one.stratum == number]
        assert len(mine) == stratum.records >= RULES.records
        assert len({one.site_code for one in stratum.classes}) >= RULES.schools
        for unit in layout.units[number - 1]:
            assert len(unit) >= RULES.unit_classes
            assert sum(by_cluster[cluster].records for cluster in unit) >= RULES.unit_records
        for alike in (
            Counter(one.values["A1"] for one in mine),
            Counter((one.values["A1"], one.values["A2"]) for one in mine),
        ):
            assert len(alike) == 1 or min(alike.values()) >= RULES.alike


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(wave=waves(), school=st.integers(0, 5), grade=st.integers(0, 5), loses=st.integers(0, 3))
def test_after_a_correction_units_stay_whole_or_no_file_leaves(
    wave: tuple[list[ClassRecords], list[tuple[int, Values]]], school: int, grade: int, loses: int
) -> None:
    """A school withdraws, or a year of it (nought: nobody), and rules let fewer count; both files are in one hand."""
    first, _records = wave
    gone = {one.cluster for one in first if one.site_code == f"S{school}" and grade in (0, one.grade)}
    now = [replace(one, records=max(one.records - loses, 0)) for one in first if one.cluster not in gone]
    before, after = (layout_of(some, first=first, key="secret", policy=RULES) for some in (first, now))

    for stratum, units in zip(after.strata, after.units, strict=True):
        assert stratum.is_large_enough(RULES)
        assert all(len(unit) >= RULES.unit_classes for unit in units)
        assert {one.cluster for one in stratum.classes} == {cluster for unit in units for cluster in unit}
    if after.strata and not tells_apart(first, before, now, after, policy=RULES):
        whole = [set(unit) for layout in (before, after) for some in layout.units for unit in some]
        left = set(before.unit_of) - set(after.unit_of)
        overlaid = [one & other for one in whole for other in whole] + [one & left for one in whole]
        assert all(len(piece) >= RULES.unit_classes for piece in overlaid if piece)
        assert not left or len({one.site_code for one in first if one.cluster in left}) >= RULES.schools


def test_small_kinds_of_class_join_their_like_first() -> None:
    def kind(cluster: int, grade: int, track: str, records: int = 30) -> ClassRecords:
        return ClassRecords(
            cluster=cluster,
            site_code=f"S{cluster % 3}",
            level="secondo_grado",
            grade=grade,
            track=track,
            records=records,
        )

    classes = [kind(number, 1, "liceo") for number in range(6)] + [kind(number, 3, "liceo") for number in range(6, 12)]
    classes += [kind(12, 3, "tecnico", records=9)]

    strata = strata_of(classes, policy=RULES)

    assert [stratum.kinds for stratum in strata] == [
        (("secondo_grado", "liceo", 1),),
        (("secondo_grado", "liceo", 3), ("secondo_grado", "tecnico", 3)),
    ]


def test_units_are_the_same_in_every_file_of_a_wave_and_unlike_those_of_another() -> None:
    classes = [
        ClassRecords(cluster=number, site_code=f"S{number % 4}", level="a", grade=1, track="", records=20)
        for number in range(12)
    ]
    [stratum] = strata_of(classes, policy=RULES)

    assert units_of(stratum, key="one", policy=RULES) == units_of(stratum, key="one", policy=RULES)
    assert units_of(stratum, key="one", policy=RULES) != units_of(stratum, key="other", policy=RULES)


@pytest.mark.parametrize(
    ("counts", "rare"),
    [
        ({"a": 9, "b": 9}, set()),
        ({"a": 9, "b": 4}, {"a", "b"}),
        ({"a": 9, "b": 4, "c": 20}, {"a", "b"}),
        ({"a": 9, None: 2}, {"a"}),
        ({"a": 9, "b": 3, None: 6}, {"b"}),
    ],
)
def test_a_blank_points_at_nobody(counts: dict[str | None, int], rare: set[str | None]) -> None:
    assert rare == rare_values(counts, least=5)


@pytest.fixture
def elena(app: Any) -> User:
    return make_user("Elena", Role.ANALYST)


@pytest.fixture
def sealed(app: Any) -> SealedWave:
    make_closed_wave(schools=4, classes=2, pupils=18, questionnaire_id=few_questions())
    seal_next_closed_wave()
    return db.session.scalars(select(SealedWave)).one()


def asked(found: SealedWave, **other: str) -> dict[str, str]:
    return {"wave": str(found.id), "purpose": PURPOSE, "terms": "y"} | other


def taken() -> list[AuditEntry]:
    return list(
        db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == HANDED_OUT).order_by(AuditEntry.at, AuditEntry.id)
        )
    )


def test_an_analyst_takes_a_file_and_the_purpose_is_written_down(
    sealed: SealedWave, elena: User, sign_in: Callable[[User], Client], tmp_path: Path
) -> None:
    client = sign_in(elena)
    assert sealed.wave_name in client.page(ADDRESS).get_text()

    response = client.post(ADDRESS, data=asked(sealed))

    assert 200 == response.status_code
    [entry] = taken()
    assert (elena.id, sealed.wave_id, PURPOSE) == (entry.actor_id, entry.subject_id, entry.facts["purpose"])
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    rows = list(csv.DictReader(io.StringIO(archive.read("records.csv").decode())))
    assert entry.facts["records"] == len(rows) > RULES.records
    assert not {"site_code", "cluster", "municipality", "grade", "record_key"} & set(rows[0])
    text = b"".join(archive.read(name) for name in archive.namelist())
    assert b"CRPS" not in text
    assert PURPOSE in archive.read("about.txt").decode()
    path = tmp_path / "records.sav"
    path.write_bytes(archive.read("records.sav"))
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    assert len(rows) == len(frame)
    assert list(rows[0]) == meta.column_names
    assert meta.missing_ranges["C1"] == [{"lo": -9.0, "hi": -9.0}, {"lo": -8.0, "hi": -8.0}]
    assert [row["C1"] for row in rows] == ["" if value != value else str(int(value)) for value in frame["C1"]]


def corrected(found: SealedWave, anna: User, *, school: str = "", rules_off: tuple[str, ...] = ("R8",)) -> SealedWave:
    withdrawn = ((school, None),) if school else ()
    wanted = Wanted(rules_off=rules_off, withdrawn=withdrawn, reason="The school withdrew")
    corrections.ask_correction(actor_of(anna), found, wanted, today=clock.today())
    db.session.commit()
    correct_next_seal()
    return ledger.in_force(found.wave_id)


def a_school(found: SealedWave) -> str:
    return min(code for code, _town in places_in(found, {}).schools)


def test_after_a_school_withdrew_the_new_file_leaves_only_if_no_earlier_one_has(
    sealed: SealedWave, anna: User, elena: User, sign_in: Callable[[User], Client]
) -> None:
    """Records are known again by their answers: two files side by side would be the school's."""
    client = sign_in(elena)
    assert 200 == client.post(ADDRESS, data=asked(sealed)).status_code
    new = corrected(sealed, anna, school=a_school(sealed))

    response = client.post(ADDRESS, data=asked(new))

    assert 422 == response.status_code
    assert "withdrew" in response.get_data(as_text=True)
    assert [sealed.sha256] == [one.facts["sha256"] for one in taken()]
    # The one that was corrected is handed out no more.
    assert 422 == client.post(ADDRESS, data=asked(sealed)).status_code


def test_of_a_correction_alone_a_file_leaves_without_who_withdrew(
    sealed: SealedWave, anna: User, elena: User, sign_in: Callable[[User], Client]
) -> None:
    new = corrected(sealed, anna, school=a_school(sealed))

    response = sign_in(elena).post(ADDRESS, data=asked(new))

    assert 200 == response.status_code
    rows = zipfile.ZipFile(io.BytesIO(response.data)).read("records.csv").decode().splitlines()
    assert new.manifest["participation"]["kept"] == len(rows) - 1 < sealed.manifest["participation"]["kept"]


def test_a_rule_that_was_turned_gives_a_new_file_beside_the_old_one(
    sealed: SealedWave, anna: User, elena: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(elena)
    assert 200 == client.post(ADDRESS, data=asked(sealed)).status_code
    new = corrected(sealed, anna, rules_off=("R8", "R9"))

    assert 200 == client.post(ADDRESS, data=asked(new)).status_code

    assert {sealed.sha256, new.sha256} == {one.facts["sha256"] for one in taken()}


def test_what_came_out_meanwhile_has_the_file_looked_at_again(
    sealed: SealedWave, elena: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "claim_release", lambda *_root, **_seen: False)

    assert 422 == sign_in(elena).post(ADDRESS, data=asked(sealed)).status_code
    assert [] == taken()


def test_nobody_else_takes_one(
    sealed: SealedWave, anna: User, bruno: User, client: Client, sign_in: Callable[[User], Client]
) -> None:
    for person in (anna, bruno):
        assert 403 == sign_in(person).get(ADDRESS).status_code
        assert 403 == sign_in(person).post(ADDRESS, data=asked(sealed)).status_code
    assert 200 != client.get(ADDRESS).status_code
    assert [] == taken()


@pytest.mark.parametrize(
    "other", [{"purpose": ""}, {"purpose": "because"}, {"terms": ""}, {"wave": "x"}, {"wave": str(uuid4())}]
)
def test_without_a_purpose_the_terms_or_a_survey_nothing_leaves(
    sealed: SealedWave, elena: User, sign_in: Callable[[User], Client], other: dict[str, str]
) -> None:
    data = {name: value for name, value in (asked(sealed) | other).items() if value}

    response = sign_in(elena).post(ADDRESS, data=data)

    assert 422 == response.status_code
    assert [] == taken()


def test_of_a_survey_of_few_no_records_leave(elena: User, sign_in: Callable[[User], Client]) -> None:
    make_closed_wave(schools=1, classes=2, pupils=12, questionnaire_id=few_questions())
    seal_next_closed_wave()
    found = db.session.scalars(select(SealedWave)).one()

    response = sign_in(elena).post(ADDRESS, data=asked(found))

    assert 422 == response.status_code
    assert "no file of records" in response.get_data(as_text=True)
    assert [] == taken()


def test_before_a_survey_is_sealed_the_page_says_so(elena: User, sign_in: Callable[[User], Client]) -> None:
    page = sign_in(elena).page(ADDRESS)

    assert page.select_one("form textarea") is None

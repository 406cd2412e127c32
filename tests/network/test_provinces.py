"""Provinces are found by car-plate code and name, also those whose school codes begin otherwise."""

import pytest

from prevention.network.provinces import PROVINCES, find_province, province_of_istat_code


def test_there_are_107_provinces_each_with_codes_of_its_own() -> None:
    assert 107 == len(PROVINCES)
    assert 107 == len({province.code for province in PROVINCES})
    assert 107 == len({province.istat_code for province in PROVINCES})


@pytest.mark.parametrize(
    ("text", "code"),
    [("CR", "CR"), ("cremona", "CR"), (" Forlì-Cesena ", "FC"), ("FORLI'-CESENA", "FC"), ("l'aquila", "AQ")],
)
def test_a_province_is_found_by_code_or_name(text: str, code: str) -> None:
    found = find_province(text)

    assert found is not None
    assert code == found.code


def test_what_is_no_province_is_not_found() -> None:
    assert [None, None] == [find_province("XX"), find_province("Padania")]


def test_the_istat_code_of_a_municipality_tells_its_province() -> None:
    found = province_of_istat_code("019036")

    assert found is not None
    assert "Cremona" == found.name
    assert province_of_istat_code("999001") is None

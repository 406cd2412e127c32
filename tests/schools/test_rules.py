"""School years, grades, sections and names of classes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.schools.rules import (
    Level,
    NoSuchGrade,
    check_grade,
    class_label,
    display_name,
    is_cadastral_code,
    is_school_code,
    parse_ministry_year,
    school_year_label,
    school_year_of,
    section_as_written,
    sections_as_written,
)


@pytest.mark.parametrize(
    ("day", "school_year"),
    [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026), (date(2026, 12, 31), 2026), (date(2027, 1, 1), 2026)],
)
def test_a_school_year_begins_on_the_first_of_september(day: date, school_year: int) -> None:
    assert school_year == school_year_of(day)


@pytest.mark.parametrize(("school_year", "label"), [(2026, "2026/27"), (2099, "2099/00"), (2008, "2008/09")])
def test_a_school_year_is_written_as_schools_do(school_year: int, label: str) -> None:
    assert label == school_year_label(school_year)


@pytest.mark.parametrize(
    ("text", "school_year"),
    [
        ("202526", 2025),
        ("202122", 2021),
        ("209900", 2099),
        ("202527", None),
        ("2025", None),
        ("", None),
        ("2025/26", None),
    ],
)
def test_the_ministry_writes_both_years_together(text: str, school_year: int | None) -> None:
    assert school_year == parse_ministry_year(text)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CRIS001008", True),
        ("TVIC84300N", True),
        ("CR1A00900G", True),
        ("cris001008", False),
        ("CRIS00100", False),
        ("CRIS0010088", False),
        ("CRIS001008\n", False),
        ("C1IS001008", False),
        ("", False),
    ],
)
def test_a_school_code_is_two_letters_and_eight_letters_or_digits(code: str, expected: bool) -> None:
    assert expected == is_school_code(code)


@pytest.mark.parametrize(("code", "expected"), [("D150", True), ("d150", False), ("D15", False), ("0150", False)])
def test_a_cadastral_code_is_a_letter_and_three_digits(code: str, expected: bool) -> None:
    assert expected == is_cadastral_code(code)


@pytest.mark.parametrize(
    ("level", "grades"),
    [
        (Level.INFANZIA, [1, 2, 3]),
        (Level.PRIMARIA, [1, 2, 3, 4, 5]),
        (Level.PRIMO_GRADO, [1, 2, 3]),
        (Level.SECONDO_GRADO, [1, 2, 3, 4, 5]),
        (Level.ISTITUTO, []),
        (Level.ADULTI, []),
    ],
)
def test_each_level_has_its_grades(level: Level, grades: list[int]) -> None:
    assert grades == list(level.grades)


def test_a_grade_that_the_level_lacks_is_refused_with_the_grades_it_has() -> None:
    with pytest.raises(NoSuchGrade) as caught:
        check_grade(Level.PRIMO_GRADO, grade=4)

    assert (4, range(1, 4)) == (caught.value.grade, caught.value.grades)


def test_a_grade_of_the_level_passes() -> None:
    check_grade(Level.PRIMO_GRADO, grade=3)


@pytest.mark.parametrize(
    ("typed", "section"),
    [
        (" a ", "A"),
        ("a  lsa", "A LSA"),
        ("1", "1"),
        ("b-sc", "B-SC"),
        ("", None),
        ("?", None),
        ("à", None),
        ("A" * 13, None),
    ],
)
def test_a_section_is_kept_in_one_spelling(typed: str, section: str | None) -> None:
    assert section == section_as_written(typed)


@given(typed=st.text())
def test_a_section_once_kept_is_spelled_the_same_again(typed: str) -> None:
    section = section_as_written(typed)

    assert section is None or section == section_as_written(section)


@pytest.mark.parametrize(
    ("typed", "sections"),
    [("a, b ,B", ("A", "B")), ("A LSA,", ("A LSA",)), ("A;B", None), (" , ", None), ("A, ?", None)],
)
def test_several_sections_stand_between_commas(typed: str, sections: tuple[str, ...] | None) -> None:
    assert sections == sections_as_written(typed)


def test_a_class_is_named_by_grade_and_section() -> None:
    assert ["3A", "3A LSA"] == [class_label(grade=3, section=section) for section in ("A", "A LSA")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('"P.SRAFFA"', "P.SRAFFA"),
        ('I.P. "P.SRAFFA"', 'I.P. "P.SRAFFA"'),
        ('"A" E "B"', '"A" E "B"'),
        ('""', '""'),
        ('"', '"'),
        ('I.I.S. "G. GALILEI', 'I.I.S. "G. GALILEI'),
    ],
)
def test_quotation_marks_around_a_whole_name_are_not_shown(name: str, shown: str) -> None:
    assert shown == display_name(name)

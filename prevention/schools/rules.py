"""Decisions about schools: school years, levels, tracks, grades, and how a class is named. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from prevention.core.web import Refusal

# Italian school years begin on 1 September (D.Lgs. 297/1994, art. 74, comma 1).
SCHOOL_YEAR_FIRST_MONTH = 9

# DPR 81/2009, art. 11 and 16, foresees up to 27-30 pupils in a class; twice that is a slip of the keyboard.
CLASS_PUPILS_MAX = 60

SECTION_LENGTH_MAX = 12
LABEL_LENGTH_MAX = 24

_SCHOOL_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{8}")
_CADASTRAL_CODE = re.compile(r"[A-Z][0-9]{3}")
_MINISTRY_YEAR = re.compile(r"(?P<first>20[0-9]{2})(?P<second>[0-9]{2})")
_SECTION = re.compile(r"[A-Z0-9][A-Z0-9 .\-]*")


class Level(StrEnum):
    """What a site teaches. ISTITUTO is an office without pupils of its own, ADULTI teaches adults."""

    INFANZIA = "infanzia"
    PRIMARIA = "primaria"
    PRIMO_GRADO = "primo_grado"
    SECONDO_GRADO = "secondo_grado"
    ISTITUTO = "istituto"
    ADULTI = "adulti"

    @property
    def grades(self) -> range:
        """The grades of this level, counted within it; empty where there are no classes to book for."""
        return _GRADES[self]


class RoomKind(StrEnum):
    """What a room of a school is, as far as a meeting may ask for it."""

    CLASSROOM = "classroom"
    LABORATORY = "laboratory"
    GYM = "gym"
    HALL = "hall"
    LIBRARY = "library"
    OTHER = "other"


class Track(StrEnum):
    """The three kinds of upper secondary school."""

    LICEO = "liceo"
    TECNICO = "tecnico"
    PROFESSIONALE = "professionale"


_GRADES = {
    Level.INFANZIA: range(1, 4),
    Level.PRIMARIA: range(1, 6),
    Level.PRIMO_GRADO: range(1, 4),
    Level.SECONDO_GRADO: range(1, 6),
    Level.ISTITUTO: range(0),
    Level.ADULTI: range(0),
}

# The levels whose pupils, eleven to nineteen years old, prevention is for.
TARGET_LEVELS = (Level.PRIMO_GRADO, Level.SECONDO_GRADO)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassEntry:
    """What a school says about one of its classes. An empty label means grade and section together."""

    grade: int
    section: str
    label: str
    pupils: int | None


class ClassExists(Refusal):
    """The site already has classes of these names (grade and section) in this school year."""

    def __init__(self, *, labels: tuple[str, ...], school_year: int) -> None:
        super().__init__(", ".join(labels))
        self.labels = labels
        self.school_year = school_year


class NoSuchGrade(Refusal):
    """The site's level has no such grade."""

    def __init__(self, *, grade: int, grades: range) -> None:
        super().__init__(grade)
        self.grade = grade
        self.grades = grades


def school_year_of(day: date) -> int:
    """Give the school year that `day` lies in, as the calendar year in which it began."""
    return day.year if day.month >= SCHOOL_YEAR_FIRST_MONTH else day.year - 1


def school_year_label(school_year: int) -> str:
    """Write a school year as schools do: 2026 is "2026/27"."""
    return f"{school_year}/{(school_year + 1) % 100:02d}"


def parse_ministry_year(text: str) -> int | None:
    """Read a school year as the ministry writes it: "202122" is 2021; None when it is not one."""
    found = _MINISTRY_YEAR.fullmatch(text)
    if found is None:
        return None
    first = int(found["first"])
    return first if (first + 1) % 100 == int(found["second"]) else None


def is_school_code(text: str) -> bool:
    """Say whether `text` has the shape of a ministry school code.

    Two letters, then eight letters or digits: all 50,349 codes of the register of 2025/26 have it, and only a third
    of them have the "four letters and six digits" that popular guides give.
    """
    return _SCHOOL_CODE.fullmatch(text) is not None


def is_cadastral_code(text: str) -> bool:
    """Say whether `text` has the shape of a municipality's cadastral code, e.g. D150."""
    return _CADASTRAL_CODE.fullmatch(text) is not None


def section_as_written(text: str) -> str | None:
    """Give a section in the one way it is kept: capitals, single spaces; None when it cannot be one."""
    section = " ".join(text.upper().split())
    if len(section) > SECTION_LENGTH_MAX or _SECTION.fullmatch(section) is None:
        return None
    return section


def sections_as_written(text: str) -> tuple[str, ...] | None:
    """Read several sections with commas between them; None when one of them cannot be a section."""
    sections = [section_as_written(part) for part in text.split(",") if part.strip()]
    read = tuple(dict.fromkeys(section for section in sections if section is not None))
    return read if read and None not in sections else None


def class_label(*, grade: int, section: str) -> str:
    """Name a class as its school does: grade and section together, e.g. "3A" or "3A LSA"."""
    return f"{grade}{section}"


def check_grade(level: Level, *, grade: int) -> None:
    """Refuse a grade that the level does not have.

    Raises:
        NoSuchGrade: always for levels without classes.
    """
    if grade not in level.grades:
        raise NoSuchGrade(grade=grade, grades=level.grades)


def display_name(name: str) -> str:
    """Take off quotation marks around a whole name, as in "P.SRAFFA"; marks inside a name stay."""
    inner = name[1:-1]
    return inner.strip() if name[:1] == name[-1:] == '"' and '"' not in inner and inner.strip() else name

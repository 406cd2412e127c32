"""The school year as law and region make it, worked out for any year: national days, patron day, regional closures.

National days and the patron day of the provincial capital come from the `holidays` library; what the region decides
is a file (`data/lombardia.toml`) with its source. Is not what a school adds, nor what the office changed: those are
rows. Pure, apart from reading the file once.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dateutil.easter import easter
from holidays import country_holidays, list_supported_countries

from prevention.core.i18n import Localised
from prevention.schools.school_time import ClosureKind

REGION_FILE = Path(__file__).parent / "data" / "lombardia.toml"

# A month more than the lessons last on either side, for offices that move the first or the last day.
_FIRST, _LAST = (9, 1), (6, 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class PresetClosure:
    """A closure of the preset year. `province` is a car-plate code when it is the patron day of its capital only."""

    first_day: date
    last_day: date
    kind: ClosureKind
    reason: Localised = field(hash=False)
    source: str
    province: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PresetYear:
    """A school year before anybody changed it: first and last day of lessons, and the closures in between."""

    school_year: int
    first_day: date
    last_day: date
    source: str
    closures: tuple[PresetClosure, ...]


@cache
def preset_year(school_year: int, *, provinces: tuple[str, ...]) -> PresetYear:
    """Work a school year out.

    Args:
        school_year: first calendar year of it.
        provinces: car-plate codes whose patron days are wanted.
    """
    region = _region()
    closures = sorted(
        (*_national(school_year), *_patrons(school_year, provinces), *_regional(region, school_year)),
        key=lambda closure: (closure.first_day, closure.kind),
    )
    return PresetYear(
        school_year=school_year,
        first_day=_day(region["first_day"], school_year),
        last_day=_day(region["last_day"], school_year),
        source=region["source"],
        closures=tuple(closures),
    )


def _national(school_year: int) -> Iterator[PresetClosure]:
    italian, english = (_days(school_year, language=language) for language in ("it_IT", "en_US"))
    for day, name in italian.items():
        reason = Localised(it=name, en=english[day])
        yield PresetClosure(
            first_day=day, last_day=day, kind=ClosureKind.NATIONAL, reason=reason, source=_library_source()
        )


def _patrons(school_year: int, provinces: tuple[str, ...]) -> Iterator[PresetClosure]:
    national = _days(school_year, language="it_IT")
    for province in provinces:
        if province not in list_supported_countries()["IT"]:
            continue
        italian, english = (
            _days(school_year, language=language, subdivision=province) for language in ("it_IT", "en_US")
        )
        for day, name in italian.items():
            # A patron day that is a national day too closes everybody.
            if day not in national:
                yield PresetClosure(
                    first_day=day,
                    last_day=day,
                    kind=ClosureKind.PATRON,
                    reason=Localised(it=f"{name} (santo patrono)", en=f"{english[day]} (patron saint)"),
                    source=_library_source(),
                    province=province,
                )


def _regional(region: dict[str, Any], school_year: int) -> Iterator[PresetClosure]:
    sunday = easter(school_year + 1)
    for entry in region["closure"]:
        if "from_easter" in entry:
            first = sunday + timedelta(days=entry["from_easter"])
            last = sunday + timedelta(days=entry["to_easter"])
        else:
            first, last = _day(entry["from"], school_year), _day(entry["to"], school_year)
        yield PresetClosure(
            first_day=first,
            last_day=last,
            kind=ClosureKind.REGIONAL,
            reason=Localised(it=entry["it"], en=entry["en"]),
            source=region["source"],
        )


def _days(school_year: int, *, language: str, subdivision: str | None = None) -> dict[date, str]:
    years = [school_year, school_year + 1]
    found = country_holidays("IT", years=years, language=language, subdiv=subdivision)
    first, last = date(school_year, *_FIRST), date(school_year + 1, *_LAST)
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}


def _library_source() -> str:
    return f"PyPI holidays {version('holidays')}"


def _day(month_and_day: str, school_year: int) -> date:
    month, day = (int(part) for part in month_and_day.split("-"))
    return date(school_year if month >= _FIRST[0] else school_year + 1, month, day)


@cache
def _region() -> dict[str, Any]:
    return tomllib.loads(REGION_FILE.read_text(encoding="utf-8"))

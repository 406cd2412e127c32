"""How a school year stands in an address. Pure."""

import re

_SLUG = re.compile(r"(20\d\d)-(\d\d)")


def year_slug(school_year: int) -> str:
    """Write a school year for an address: 2026 is "2026-27"."""
    return f"{school_year}-{(school_year + 1) % 100:02d}"


def year_of_slug(slug: str) -> int | None:
    """Read a school year from an address; None when it is none, so that each year has one address."""
    found = _SLUG.fullmatch(slug)
    year = int(found[1]) if found else None
    return year if year is not None and year_slug(year) == slug else None

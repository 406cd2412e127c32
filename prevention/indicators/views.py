"""Pages of the figures: look at what is published. Tables for the whole district only; a school's are not public."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access
from prevention.indicators import ledger
from prevention.indicators.catalogue import catalogue
from prevention.indicators.explore import picture_of
from prevention.indicators.policy import policy
from prevention.indicators.published import Audience, PublishedTable
from prevention.indicators.releases import Release, releases
from prevention.schools.rules import school_year_label

bp = Blueprint("indicators", __name__, url_prefix="/figures")


@bp.get("/")
@access.public
def explore() -> ResponseReturnValue:
    """Show one indicator of one survey in every group, with its interval. Three queries, whatever is published.

    Query parameters: ``year`` (in which the school year began), ``wave`` (id), ``indicator`` (id). What is not there
    is replaced by the newest year, the newest survey, the first indicator, and the page says so.
    """
    found = releases()
    if not found:
        return render_template("indicators/nothing_published.html")
    release, is_year_known = _asked_release(found)
    tables = _tables(release.school_year)
    of_wave = [table for table in tables if table.wave_id == release.wave_id]
    indicator_id, is_indicator_known = _asked_indicator(of_wave)
    picture = picture_of(
        [table for table in of_wave if table.indicator_id == indicator_id],
        _tables(release.school_year - 1),
    )
    return render_template(
        "indicators/explore.html",
        menu=_menu(of_wave),
        picture=picture,
        release=release,
        section_title=_section_titles([picture.about.group])[picture.about.group],
        source=_source(indicator_id),
        thresholds=policy() if policy().version == picture.about.policy else None,
        unknown_year=not is_year_known,
        unknown_indicator=not is_indicator_known,
        waves=[one for one in found if one.school_year == release.school_year],
        year_before=school_year_label(release.school_year - 1),
        year_label=school_year_label(release.school_year),
        years=[(year, school_year_label(year)) for year in dict.fromkeys(one.school_year for one in found)],
    )


def _tables(school_year: int) -> tuple[PublishedTable, ...]:
    return ledger.published_tables(school_year, audience=Audience.DISTRICT, measure=None)


def _asked_release(found: Sequence[Release]) -> tuple[Release, bool]:
    """Give the survey that is asked for, else the newest; and whether the year that is asked for has any."""
    asked = request.args.get("year", "")
    of_year = [one for one in found if str(one.school_year) == asked] or [
        one for one in found if one.school_year == found[0].school_year
    ]
    # Another year may be chosen while the survey is still that of the year before: that is nothing to remark upon.
    chosen = next((one for one in of_year if str(one.wave_id) == request.args.get("wave")), of_year[0])
    return chosen, asked in ("", str(chosen.school_year))


def _asked_indicator(tables: Sequence[PublishedTable]) -> tuple[str, bool]:
    """Give the indicator that is asked for, else the first; and whether what is asked for is there."""
    asked = request.args.get("indicator", "")
    known = [table.indicator_id for table in tables]
    return (asked, True) if asked in known else (known[0], not asked)


def _menu(tables: Sequence[PublishedTable]) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the indicators to choose from, by section of a report: its title, then ids and names."""
    sections: dict[str, dict[str, str]] = {}
    for table in tables:
        sections.setdefault(table.group, {})[table.indicator_id] = table.name.text()
    titles = _section_titles(sections)
    return [(title, list(sections[key].items())) for key, title in titles.items() if key in sections]


def _section_titles(used: Iterable[str]) -> dict[str, str]:
    """Give the title of each section of a report, in order; `used` are keys that must have one."""
    titles = {key: name.text() for key, name in catalogue().groups.items()}
    # A section that the catalogue of today no longer knows still shows what was published under it.
    return titles | {key: _("Other indicators") for key in used if key not in titles}


def _source(indicator_id: str) -> str | None:
    """Give where the question comes from; None for an indicator that is asked no more."""
    return next((one.source for one in catalogue().indicators if one.id == indicator_id), None)

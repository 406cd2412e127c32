"""Pages of the figures: look at what is published. Tables for the whole district only; a school's are not public."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access
from prevention.core.lists import file_asked
from prevention.indicators import ledger
from prevention.indicators.benchmarks import beside
from prevention.indicators.catalogue import LEVELS, catalogue
from prevention.indicators.estimates import FEW_CLUSTERS
from prevention.indicators.explore import Picture, picture_of
from prevention.indicators.explore_series import against_all, series_view
from prevention.indicators.history import classes_there_are, history_of, year_of_survey
from prevention.indicators.policy import policy
from prevention.indicators.published import Audience, Dimension, PublishedTable
from prevention.indicators.releases import Release, releases
from prevention.indicators.table_files import handed_out
from prevention.schools.rules import school_year_label

_TELLS_LEVEL = (Dimension.LEVEL, Dimension.GRADE)

bp = Blueprint("indicators", __name__, url_prefix="/figures")


@bp.get("/")
@access.public
def explore() -> ResponseReturnValue:
    """Show one indicator of one survey in every group, with its interval. Six queries, whatever is published.

    Query parameters: ``year`` (in which the school year began), ``wave`` (id), ``indicator`` (id), ``group`` (dimension
    and key, e.g. ``track:liceo``), ``format`` (``csv`` or ``xlsx``: the tables as a file). What is not there is
    replaced by the newest year, the newest survey, the first indicator, all pupils, and the page says so.
    """
    found = releases()
    if not found:
        return render_template("indicators/nothing_published.html")
    release, is_year_known = _asked_release(found)
    of_wave = [table for table in _tables(release.school_year) if table.wave_id == release.wave_id]
    indicator_id, is_indicator_known = _asked_indicator(of_wave)
    history = history_of(release.wave_id, indicator_id)
    file_format = file_asked()
    if file_format is not None:
        return handed_out(history.now, file_format)
    picture = picture_of(history.now, history.before)
    dimension, domain, is_group_known = _asked_group(picture)
    better = next((one.better for one in catalogue().indicators if one.id == indicator_id), None)
    return render_template(
        "indicators/explore.html",
        against_all=against_all(history, dimension, domain, better=better),
        all_classes=classes_there_are(release.school_year, _levels(history.now)),
        few_clusters=FEW_CLUSTERS,
        beside=beside(history.now, year_of_survey=year_of_survey(release.wave_id)),
        group=f"{dimension}:{domain}",
        group_row=picture.row_of(dimension, domain),
        is_whole=dimension is Dimension.ALL,
        menu=_menu(of_wave),
        picture=picture,
        release=release,
        section_title=_section_titles([picture.about.group])[picture.about.group],
        series=series_view(history, dimension, domain, name=picture.about.name.text(), better=better),
        source=_source(indicator_id),
        thresholds=policy() if policy().version == picture.about.policy else None,
        unknown_group=not is_group_known,
        unknown_year=not is_year_known,
        unknown_indicator=not is_indicator_known,
        waves=[one for one in found if one.school_year == release.school_year],
        year_before=school_year_label(release.school_year - 1),
        year_label=school_year_label(release.school_year),
        years=[(year, school_year_label(year)) for year in dict.fromkeys(one.school_year for one in found)],
    )


def _levels(tables: Sequence[PublishedTable]) -> tuple[str, ...]:
    """Give the levels of school that took part; a table by level tells, else one by grade, else the indicator."""
    keys = {
        cell.domain.partition("-")[0] for table in tables if table.dimension in _TELLS_LEVEL for cell in table.cells
    }
    known = next((one.levels for one in catalogue().indicators if one.id == tables[0].indicator_id), ())
    return tuple(sorted(keys & set(LEVELS.values()))) or known


def _asked_group(picture: Picture) -> tuple[Dimension, str, bool]:
    """Give the group that is asked for, else all pupils, else the first there is; and whether it is there."""
    keys = [key for _title, groups in picture.groups for key, _label in groups]
    asked = request.args.get("group", "")
    chosen = asked if asked in keys else keys[0]
    dimension, _colon, domain = chosen.partition(":")
    return Dimension(dimension), domain, asked in ("", chosen)


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

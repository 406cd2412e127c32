"""Pages of risk and protection: the district and its municipalities for everybody, a school for its own people."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from prevention.core import access
from prevention.indicators import ledger
from prevention.indicators.catalogue import LEVELS
from prevention.indicators.change_words import change_words, verdict_words
from prevention.indicators.explore import figure_words
from prevention.indicators.profile import FactorRow, Profile, profile_of
from prevention.indicators.published import Audience, Dimension, Measure, PublishedTable
from prevention.indicators.releases import Release, releases
from prevention.indicators.table_words import reason_words
from prevention.roles import Role
from prevention.schools.rules import school_year_label
from prevention.schools.service.classes import sites_for, teaching_site_for

bp = Blueprint("profiles", __name__, url_prefix="/figures/profile")


@bp.get("/")
@access.public
def district() -> ResponseReturnValue:
    """Show the district's profile, or a municipality's (``place``: its code). Three queries, whatever is out."""
    release = _release()
    if release is None:
        return _page(None, places=[])
    tables = _tables(release, Audience.DISTRICT)
    places = _municipalities(tables)
    place = request.args.get("place", "")
    if place not in dict(places):
        return _page(profile_of(tables), places=places, schools=_schools())
    found = profile_of(tables, dimension=Dimension.MUNICIPALITY, domain=place)
    return _page(found, places=places, chosen=place, schools=_schools())


@bp.get("/<code>")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def school(code: str) -> ResponseReturnValue:
    """Show a school's profile to its coordinator and to the office; nobody else has a school's figures."""
    site = teaching_site_for(access.require_actor(), code)
    release = _release()
    if release is None:
        return _page(None, places=[], school=site.display_name)
    whole = [table for table in _tables(release, Audience.DISTRICT) if table.dimension is Dimension.ALL]
    own = _tables(release, Audience.SCHOOL)
    found = profile_of([*whole, *own], dimension=Dimension.SCHOOL, domain=site.code)
    return _page(found, places=[], school=site.display_name, schools=_schools())


def _page(
    profile: Profile | None,
    *,
    places: list[tuple[str, str]],
    chosen: str = "",
    school: str = "",
    schools: list[tuple[str, str]] | None = None,
) -> ResponseReturnValue:
    return render_template(
        "indicators/profile.html",
        profile=profile,
        places=places,
        chosen=chosen,
        school=school,
        schools=schools or [],
        year=school_year_label(profile.school_year) if profile else "",
        words=Words,
    )


class Words:
    """What the template says of a row; it decides nothing."""

    @staticmethod
    def figure(row: FactorRow) -> str:
        """Say the place's figure."""
        return figure_words(Measure.PERCENT, row.cell)

    @staticmethod
    def why(row: FactorRow) -> str | None:
        """Say why it is hidden or masked."""
        return reason_words(row.cell.reason) if row.cell.reason else None

    @staticmethod
    def against(row: FactorRow) -> str | None:
        """Say how it stands to the district."""
        return None if row.against_whole is None else change_words(row.against_whole, Measure.PERCENT)

    @staticmethod
    def verdict(row: FactorRow) -> str | None:
        """Say what that means."""
        return None if row.against_whole is None else verdict_words(row.against_whole.verdict)


def _release() -> Release | None:
    return next(iter(releases()), None)


def _tables(release: Release, audience: Audience) -> tuple[PublishedTable, ...]:
    return ledger.published_tables(release.school_year, audience=audience, wave_id=release.wave_id)


def _municipalities(tables: tuple[PublishedTable, ...]) -> list[tuple[str, str]]:
    names = {
        cell.domain: cell.label.text()
        for table in tables
        if table.dimension is Dimension.MUNICIPALITY
        for cell in table.cells
    }
    return sorted(names.items(), key=lambda one: one[1])


def _schools() -> list[tuple[str, str]]:
    """Give the secondary schools whose profile this person may see."""
    actor = access.actor()
    if actor is None or not (actor.has(Role.OFFICE) or actor.has(Role.COORDINATOR)):
        return []
    return [(site.code, site.display_name) for site in sites_for(actor) if site.level in LEVELS.values()]

"""Pages of permanence: what breaks off, what each generation got, and what teachers saw."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.delivery.continuity.reading import awaited_for, breaks_for
from prevention.delivery.continuity.rules import BreakKind
from prevention.delivery.continuity.wording import KINDS, name_words
from prevention.delivery.generations import generations_of
from prevention.delivery.views.blueprint import bp
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.rules import school_year_label, school_year_of

bp.add_app_template_filter(name_words, "break_name")


@bp.get("/continuity")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def continuity() -> ResponseReturnValue:
    """Show what breaks off in a school year, compared with the two years before."""
    this_year = school_year_of(clock.today())
    year = asked_year(this_year)
    actor = access.require_actor()
    found = breaks_for(actor, year)
    return render_template(
        "delivery/continuity.html",
        year=year,
        years=[(each, school_year_label(each)) for each in (this_year, this_year + 1)],
        kinds=[(kind, KINDS[kind], [each for each in found if each.kind is kind]) for kind in BreakKind],
        found=found,
        awaited=awaited_for(actor, year),
    )


@bp.get("/generations")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def generations() -> ResponseReturnValue:
    """Show what each class of an institute got since it began; the office chooses the institute."""
    actor = access.require_actor()
    this_year = school_year_of(clock.today())
    year = asked_year(this_year)
    institutes = schools.institutes_for(actor)
    code = request.args.get("institute", "")
    chosen = next((each for each in institutes if each.code == code), None)
    if code and chosen is None:
        raise NotYours(code)
    if chosen is None and not actor.sees_all and institutes:
        chosen = institutes[0]
    return render_template(
        "delivery/generations.html",
        choices=[("", _("Choose")), *((each.code, each.display_name) for each in institutes)],
        institute=chosen,
        year=year,
        generations=generations_of(actor, chosen, year) if chosen is not None else [],
    )


def asked_year(this_year: int) -> int:
    """Read the school year of the query; anything that is none becomes this year."""
    given = request.args.get("year", type=int)
    return given if given is not None and 2000 <= given <= this_year + 1 else this_year

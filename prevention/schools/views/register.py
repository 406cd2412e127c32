"""Pages that show the register: the filtered list, one institute, one site."""

import uuid

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from prevention.core import access, clock, lists
from prevention.roles import Role
from prevention.schools import lists as school_lists
from prevention.schools import service
from prevention.schools.rules import school_year_of
from prevention.schools.views.blueprint import bp


@bp.get("/")
@access.signed_in
def register() -> ResponseReturnValue:
    """List the schools of the register that answer the reader's filter."""
    actor = access.require_actor()
    listing = school_lists.register(service.municipalities_with_sites())
    query = service.register_rows()
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "schools/register.html",
        listing=lists.shown(listing, query),
        imports=service.latest_imports() if actor.has(Role.OFFICE) else [],
        may_import=actor.has(Role.OFFICE),
    )


@bp.get("/institutes/<code>")
@access.signed_in
def institute(code: str) -> ResponseReturnValue:
    """Show an institute and its sites."""
    found = service.institute_by_code(code)
    if found is None:
        abort(404)
    return render_template(
        "schools/institute.html",
        institute=found,
        lines=service.sites_of_institute(found.id),
        school_year=school_year_of(clock.today()),
        may_change=_may_change_classes(found.id),
    )


@bp.get("/sites/<code>")
@access.signed_in
def site(code: str) -> ResponseReturnValue:
    """Show a site: where it is, what it teaches, its pupils year by year."""
    found = service.site_by_code(code)
    if found is None:
        abort(404)
    return render_template(
        "schools/site.html",
        site=found,
        enrolments=service.enrolment_history(found.id),
        may_change=_may_change_classes(found.institute_id) and bool(found.level.grades),
    )


def _may_change_classes(institute_id: uuid.UUID) -> bool:
    actor = access.require_actor()
    may_enter = actor.has(Role.OFFICE) or actor.has(Role.COORDINATOR)
    return may_enter and actor.may_act_for(institute_id)

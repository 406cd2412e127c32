"""Pages that show the register: the filtered list, one institute, one site."""

import uuid

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy.pagination import Pagination

from prevention.core import access, clock
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.rules import Level, school_year_of
from prevention.schools.views.blueprint import bp
from prevention.schools.wording import LEVEL_WORDS

LINES_PER_PAGE = 25


class RegisterPages(Pagination):
    """The register, page by page, as the query parameter ``page`` asks; an impossible page is a 404."""

    def _query_items(self) -> list[service.RegisterLine]:
        return service.register_lines(self._query_args["wanted"], page=self.page, per_page=self.per_page)

    def _query_count(self) -> int:
        return service.count_register(self._query_args["wanted"])


@bp.get("/")
@access.signed_in
def register() -> ResponseReturnValue:
    """List the schools of the register that answer the reader's filter."""
    actor = access.require_actor()
    wanted = _wanted()
    return render_template(
        "schools/register.html",
        wanted=wanted,
        levels=list(LEVEL_WORDS.items()),
        page_of_sites=RegisterPages(per_page=LINES_PER_PAGE, max_per_page=LINES_PER_PAGE, wanted=wanted),
        municipalities=service.municipalities_with_sites(),
        imports=service.latest_imports() if actor.has(Role.OFFICE) else [],
        may_import=actor.has(Role.OFFICE),
    )


def _wanted() -> service.RegisterFilter:
    level = request.args.get("level", "")
    return service.RegisterFilter(
        words=request.args.get("words", "")[:80],
        municipality_id=_uuid(request.args.get("municipality", "")),
        level=Level(level) if level in set(Level) else None,
        is_state={"state": True, "non_state": False}.get(request.args.get("kind", "")),
        has_gone={"yes": True, "no": False}.get(request.args.get("gone", "")),
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


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

"""Pages of the library: what there is, one resource, its files, and what educators hand in."""

import uuid
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, Response, current_app, flash, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, files
from prevention.core.web import paginate, redirect_303
from prevention.resources import rules, service, wording
from prevention.resources.forms import DetailsForm, ResourceForm, VersionForm, upload_of
from prevention.resources.models import Resource
from prevention.resources.rules import Language, ResourceKind
from prevention.resources.service import LibraryFilter
from prevention.roles import Role
from prevention.schools.rules import Level

Choice = TypeVar("Choice", bound=StrEnum)

bp = Blueprint("resources", __name__, url_prefix="/resources")
bp.add_app_template_filter(wording.size_words, "size_words")
bp.add_app_template_filter(wording.file_kind_words, "file_kind_words")
CARDS_PER_PAGE = 18
TEXT_LENGTH_MAX = 200


@bp.app_template_filter("resource_grades")
def resource_grades(resource: Resource) -> str:
    """Write the grades a resource is for; reads its `grades`."""
    return wording.grades_words([(row.level.value, row.grade) for row in resource.grades])


@bp.get("/")
@access.public
def library() -> ResponseReturnValue:
    """Show what answers the reader's search and filters, newest first."""
    actor = access.actor()
    programmes = service.programme_choices()
    wanted = _wanted(programmes)
    everything = ("", _("All"))
    return render_template(
        "resources/library.html",
        page=paginate(service.library(actor, wanted), per_page=CARDS_PER_PAGE),
        wanted=wanted,
        wanted_anything=wanted != LibraryFilter(),
        grade_choices=[everything, *wording.grade_choices().items()],
        asked_grade=f"{wanted.level.value}-{wanted.grade}" if wanted.level else "",
        programme_options=[everything, *((choice.slug, choice.name.text()) for choice in programmes)],
        asked_programme=next((choice.slug for choice in programmes if choice.id == wanted.programme_id), ""),
        drafts=service.count_drafts(actor) if actor else 0,
        words=wording,
    )


@bp.get("/<uuid:resource_id>")
@access.public
def resource(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Show one resource with its files."""
    actor = access.actor()
    found = service.resource_for(actor, resource_id)
    return render_template(
        "resources/resource.html",
        resource=found,
        may_work_on=service.may_work_on(actor, found),
        is_office=actor is not None and actor.has(Role.OFFICE),
        words=wording,
    )


@bp.get("/<uuid:resource_id>/files/<int:version>")
@access.public
def download(resource_id: uuid.UUID, version: int) -> ResponseReturnValue:
    """Hand out one version of a file: to be saved, never shown or run."""
    found = service.resource_for(access.actor(), resource_id)
    file = service.file_of(found, version)
    response: Response = send_file(
        files.stored_path(file.relative_path), mimetype=file.media_type, etag=file.sha256, conditional=True
    )
    response.headers.update(files.attachment_headers(file.file_name))
    if not found.is_published:
        response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def new_resource() -> ResponseReturnValue:
    """Add a resource with its first file."""
    actor = access.require_actor()
    is_office = actor.has(Role.OFFICE)
    form = ResourceForm()
    form.offer(service.programme_choices())
    if not is_office:
        del form.is_published
    if form.validate_on_submit():
        try:
            added = service.add(actor, form.details(), upload_of(form), max_bytes=_max_bytes(), now=clock.now())
            if is_office and form.is_published.data:
                service.publish(actor, added)
                flash(_("It was added and published."), "success")
            else:
                flash(_("It was added. Everybody can read it once the office has published it."), "success")
            return redirect_303("resources.resource", resource_id=added.id)
        except rules.ResourceRefusal as refusal:
            form.file.errors = [wording.refusal_words(refusal)]
    return _form_page("resources/new_resource.html", form)


@bp.route("/<uuid:resource_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def edit_resource(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Change what is said about a resource."""
    actor = access.require_actor()
    found = service.editable_for(actor, resource_id)
    form = DetailsForm()
    form.offer(service.programme_choices())
    if request.method == "GET":
        form.show(found)
    elif form.validate_on_submit():
        try:
            service.change(actor, found, form.details())
            flash(_("It was changed."), "success")
            return redirect_303("resources.resource", resource_id=found.id)
        except rules.ResourceRefusal as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    return _form_page("resources/edit_resource.html", form, resource=found)


@bp.route("/<uuid:resource_id>/versions/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def new_version(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Add a newer version of the file."""
    actor = access.require_actor()
    found = service.editable_for(actor, resource_id)
    form = VersionForm()
    upload = upload_of(form)
    if form.validate_on_submit() and upload is not None:
        try:
            service.add_version(actor, found, upload, max_bytes=_max_bytes(), now=clock.now())
            flash(_("The new version was added. The older ones are kept."), "success")
            return redirect_303("resources.resource", resource_id=found.id)
        except rules.ResourceRefusal as refusal:
            form.file.errors = [wording.refusal_words(refusal)]
    return _form_page("resources/new_version.html", form, resource=found)


@bp.post("/<uuid:resource_id>/publish")
@access.roles(Role.OFFICE)
def publish(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Let everybody read a resource."""
    actor = access.require_actor()
    service.publish(actor, service.editable_for(actor, resource_id))
    flash(_("It is published: everybody can read it."), "success")
    return redirect_303("resources.resource", resource_id=resource_id)


@bp.post("/<uuid:resource_id>/withdraw")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def withdraw(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Take a resource out of the public library."""
    actor = access.require_actor()
    service.withdraw(actor, service.editable_for(actor, resource_id))
    flash(_("It was withdrawn: only its author and the office see it now."), "success")
    return redirect_303("resources.resource", resource_id=resource_id)


def _form_page(template: str, form: DetailsForm | VersionForm, **values: Resource) -> ResponseReturnValue:
    page = render_template(
        template, form=form, max_size=wording.limit_words(_max_bytes()), accept=_accepted(), **values
    )
    return page, 422 if form.errors else 200


def _accepted() -> str:
    """Write what the browser's file chooser should offer first."""
    return ",".join(f".{extension}" for extension in (*rules.EXTENSIONS.values(), "jpeg"))


def _max_bytes() -> int:
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    return limit


def _wanted(programmes: list[service.ProgrammeChoice]) -> LibraryFilter:
    by_slug = {choice.slug: choice.id for choice in programmes}
    level, grade = _asked_grade()
    return LibraryFilter(
        text=request.args.get("text", "")[:TEXT_LENGTH_MAX].strip(),
        kind=_asked(ResourceKind, "kind"),
        language=_asked(Language, "language"),
        programme_id=by_slug.get(request.args.get("programme", "")),
        level=level,
        grade=grade,
        only_drafts=request.args.get("show") == "drafts",
    )


def _asked(choices: type[Choice], name: str) -> Choice | None:
    given = request.args.get(name, "")
    return choices(given) if given in list(choices) else None


def _asked_grade() -> tuple[Level | None, int | None]:
    """Read ``grade=secondo_grado-1``; anything else asks for no grade."""
    level, _dash, grade = request.args.get("grade", "").partition("-")
    if level not in list(Level) or not grade.isdecimal() or int(grade) not in Level(level).grades:
        return None, None
    return Level(level), int(grade)

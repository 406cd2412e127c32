"""Pages of the programmes: the public catalogue, one programme, and what the office writes."""

import uuid
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.web import redirect_303
from prevention.programmes import rules, service, wording
from prevention.programmes.forms import EditionForm, ProgrammeForm
from prevention.programmes.models import Programme
from prevention.programmes.rules import (
    CatalogueFilter,
    CatalogueOrder,
    EditionStatus,
    EvidenceClass,
    Length,
    Topic,
    Venue,
)
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of

Choice = TypeVar("Choice", bound=StrEnum)

bp = Blueprint("programmes", __name__, url_prefix="/programmes")
bp.record_once(lambda state: wording.init_app(state.app))


@bp.get("/")
@access.public
def catalogue() -> ResponseReturnValue:
    """Show the programmes that answer the reader's filter, with this year's edition."""
    actor = access.actor()
    wanted, order = _wanted(), _order()
    found = service.catalogue(
        wanted,
        school_year=_this_year(),
        now=clock.now(),
        order=order,
        with_inactive=actor is not None and actor.has(Role.OFFICE),
    )
    return render_template(
        "programmes/catalogue.html",
        found=found,
        wanted=wanted,
        order=order,
        orders=wording.ORDERS,
        lengths=wording.LENGTHS,
        venues=wording.VENUES,
        months={wording.month_value(month): wording.month_words(month) for month in found.months},
        topics=wording.TOPICS,
        levels={level: wording.LEVELS[level] for level in ("primo_grado", "secondo_grado")},
        evidence_classes=list(EvidenceClass),
        school_year=_this_year(),
    )


@bp.get("/<slug>")
@access.public
def programme(slug: str) -> ResponseReturnValue:
    """Show one programme: what it is, its meetings and activities, its evidence, its editions."""
    return _programme_page(service.programme_for(access.actor(), slug))


@bp.route("/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_programme() -> ResponseReturnValue:
    """Add a programme."""
    form = ProgrammeForm()
    wants_row = "add_row" in request.form
    if wants_row or request.method == "GET":
        form.add_row()
    elif form.validate_on_submit():
        try:
            added = service.add_programme(access.require_actor(), form.plan())
            flash(_("The programme was added."), "success")
            return redirect_303("programmes.programme", slug=added.slug)
        except rules.ProgrammeRefusal as refusal:
            form.form_errors.append(refusal_words(refusal))
    return _programme_form(form, None)


@bp.route("/<slug>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_programme(slug: str) -> ResponseReturnValue:
    """Change a programme and its meetings."""
    found = service.programme_for(access.require_actor(), slug)
    form = ProgrammeForm()
    form.fix_slug()
    if request.method == "GET":
        form.show(service.plan_of(found))
    elif "add_row" in request.form:
        form.add_row()
    elif form.validate_on_submit():
        try:
            service.change_programme(access.require_actor(), found, form.plan())
            flash(_("The programme was changed."), "success")
            return redirect_303("programmes.programme", slug=slug)
        except rules.ProgrammeRefusal as refusal:
            form.form_errors.append(refusal_words(refusal))
    return _programme_form(form, found)


@bp.route("/<slug>/editions/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_edition(slug: str) -> ResponseReturnValue:
    """Add the edition of a school year."""
    found = service.programme_for(access.require_actor(), slug)
    form = _edition_form()
    if form.validate_on_submit():
        try:
            edition = service.open_edition(access.require_actor(), found, form.plan(), today=clock.today())
            flash(_("The edition %(year)s was added.", year=school_year_label(edition.school_year)), "success")
            return redirect_303("programmes.programme", slug=slug)
        except rules.ProgrammeRefusal as refusal:
            form.form_errors.append(refusal_words(refusal))
    return (
        render_template("programmes/edition_form.html", form=form, programme=found, edition=None),
        422 if form.errors else 200,
    )


@bp.route("/editions/<uuid:edition_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_edition(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Change an edition's provider and the terms on which classes book it."""
    edition = service.edition_for(access.require_actor(), edition_id)
    form = _edition_form(edition.school_year)
    if request.method == "GET":
        form.show(service.edition_plan_of(edition))
    elif form.validate_on_submit():
        try:
            service.change_edition(access.require_actor(), edition, form.plan(), today=clock.today())
            flash(_("The edition was changed."), "success")
            return redirect_303("programmes.programme", slug=edition.programme.slug)
        except rules.ProgrammeRefusal as refusal:
            form.form_errors.append(refusal_words(refusal))
    return (
        render_template("programmes/edition_form.html", form=form, programme=edition.programme, edition=edition),
        422 if form.errors else 200,
    )


@bp.post("/editions/<uuid:edition_id>/open")
@access.roles(Role.OFFICE)
def reopen_edition(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Open an edition for bookings."""
    return _set_status(edition_id, EditionStatus.OPEN, _("The edition is open for bookings."))


@bp.post("/editions/<uuid:edition_id>/close")
@access.roles(Role.OFFICE)
def close_edition(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Close an edition: no new bookings; those that are there stay."""
    return _set_status(edition_id, EditionStatus.CLOSED, _("The edition takes no more bookings."))


def refusal_words(refusal: rules.ProgrammeRefusal) -> str:
    """Say in the reader's language why the rules said no."""
    match refusal:
        case rules.MeetingsFixed(kept=kept, given=given):
            return _(
                "Schools have already had an edition of this programme: meetings and activities can be renamed "
                "or added, not taken away (there are %(kept)s, you left %(given)s). For a shorter course add a "
                "new programme.",
                kept=kept,
                given=given,
            )
        case rules.NoMeetings():
            return _("A programme needs at least one meeting.")
        case rules.GradesReversed(first=first, last=last):
            return _("The first grade (%(first)s) comes after the last one (%(last)s).", first=first, last=last)
        case rules.GroupSizesReversed(smallest=smallest, largest=largest):
            return _(
                "The smallest group (%(smallest)s) is larger than the largest one (%(largest)s).",
                smallest=smallest,
                largest=largest,
            )
        case rules.SpacingTooLoose(days=days, tolerance=tolerance):
            return _(
                "Meetings %(days)s days apart cannot lie %(tolerance)s days nearer.", days=days, tolerance=tolerance
            )
        case rules.EditionExists(school_year=school_year):
            return _("There is already an edition for %(year)s.", year=school_year_label(school_year))
        case rules.YearIsOver(school_year=school_year):
            return _("The school year %(year)s is over.", year=school_year_label(school_year))
        case rules.WrongStep(status=status):
            return _("The edition is already in this state: %(state)s.", state=wording.EDITION_STATUS[status])
        case rules.SlugTaken(slug=slug):
            return _("Another programme already has the address “%(slug)s”.", slug=slug)
        case _:
            raise refusal


def _programme_page(found: Programme, problem: str | None = None) -> ResponseReturnValue:
    actor = access.actor()
    page = render_template(
        "programmes/programme.html",
        programme=found,
        offer=service.offer_of(found, school_year=_this_year(), now=clock.now()),
        editions=service.editions_of(actor, found),
        is_weak_choice=service.is_weak_choice(found),
        better=service.better_than(found, school_year=_this_year(), now=clock.now()),
        school_year=_this_year(),
        problem=problem,
    )
    return page, 422 if problem else 200


def _programme_form(form: ProgrammeForm, found: Programme | None) -> ResponseReturnValue:
    page = render_template("programmes/programme_form.html", form=form, programme=found)
    return page, 422 if form.errors else 200


def _set_status(edition_id: uuid.UUID, status: EditionStatus, done: str) -> ResponseReturnValue:
    edition = service.edition_for(access.require_actor(), edition_id)
    try:
        service.set_edition_status(access.require_actor(), edition, status)
    except rules.WrongStep as refusal:
        return _programme_page(edition.programme, problem=refusal_words(refusal))
    flash(done, "success")
    return redirect_303("programmes.programme", slug=edition.programme.slug)


def _edition_form(only_year: int | None = None) -> EditionForm:
    this_year = _this_year()
    years = [only_year] if only_year is not None else [this_year, this_year + 1]
    form = EditionForm()
    form.offer(
        years={str(year): school_year_label(year) for year in years},
        providers={str(provider.id): provider.name for provider in service.providers()},
    )
    return form


def _wanted() -> CatalogueFilter:
    level, grade, topic = (request.args.get(name, "") for name in ("level", "grade", "topic"))
    return CatalogueFilter(
        level=level if level in wording.LEVELS else None,
        grade=int(grade) if grade in {"1", "2", "3", "4", "5"} else None,
        topic=Topic(topic) if topic in set(Topic) else None,
        text=request.args.get("text", "").strip()[:100],
        length=_one_of(Length, "length"),
        month=wording.read_month(request.args.get("month", "")),
        provider=request.args.get("provider") or None,
        venue=_one_of(Venue, "venue"),
        language=request.args.get("language") or None,
        evidence=_one_of(EvidenceClass, "evidence"),
        only_free=request.args.get("free") == "yes",
    )


def _one_of(kind: type[Choice], name: str) -> Choice | None:
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def _order() -> CatalogueOrder:
    return _one_of(CatalogueOrder, "sort") or CatalogueOrder.OFFERED


def _this_year() -> int:
    return school_year_of(clock.today())

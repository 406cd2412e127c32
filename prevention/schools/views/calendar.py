"""Pages of the school calendar: the year, closures, files of closures."""

import uuid
from collections.abc import Mapping

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, clock, lists
from prevention.core.access import Actor, NotYours
from prevention.core.csv_reading import FileRefused
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools import service, signals
from prevention.schools.calendar_forms import ClosureFileForm, ClosureForm, YearForm
from prevention.schools.calendar_rules import DaysReversed, OutsideItsYear, WrongKind
from prevention.schools.lists import closures
from prevention.schools.models import Institute
from prevention.schools.rules import school_year_label, school_year_of
from prevention.schools.school_time import ClosureKind
from prevention.schools.time_models import SchoolClosure
from prevention.schools.time_wording import closure_file_refusal, refusal_in_words
from prevention.schools.views.blueprint import bp
from prevention.schools.wording import site_in_words

REFUSED = (DaysReversed, OutsideItsYear, WrongKind)
HITS_SHOWN = 50


@bp.get("/calendar")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def calendar() -> ResponseReturnValue:
    """Show a school year: its days, its closures, and the planned meetings that they hit."""
    actor = access.require_actor()
    year = _year()
    this_year = school_year_of(clock.today())
    query = service.closures_for(actor, year)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(closures(), query, file_format)
    hits = signals.ask_hits(None if actor.sees_all else actor.scope, now=clock.now(), most=HITS_SHOWN)
    return render_template(
        "schools/calendar.html",
        year=year,
        years=sorted({*service.loaded_years(), this_year, this_year + 1, year}, reverse=True),
        calendar=service.calendar_of(year),
        preset=service.preset_of(year),
        listing=lists.shown(closures(), query),
        institutes=[] if actor.sees_all else service.institutes_for(actor),
        sites=[] if actor.sees_all else service.sites_for(actor),
        hits=hits.nearest,
        hit_count=hits.count,
    )


@bp.post("/calendar/<int:year>/load")
@access.roles(Role.OFFICE)
def load_calendar(year: int) -> ResponseReturnValue:
    """Load the calendar of a school year as law and region make it."""
    if not _is_near(year):
        raise NotYours(year)
    added = service.load_year(access.require_actor(), year)
    if added is None:
        flash(
            _("The calendar of %(year)s was loaded before; nothing was changed.", year=school_year_label(year)), "info"
        )
    else:
        flash(
            ngettext(
                "The calendar of %(year)s is loaded, with %(num)d closure.",
                "The calendar of %(year)s is loaded, with %(num)d closures.",
                added,
                year=school_year_label(year),
            ),
            "success",
        )
    return redirect_303("schools.calendar", year=year)


@bp.route("/calendar/<int:year>/days", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def change_year(year: int) -> ResponseReturnValue:
    """Set the first and last day of lessons."""
    found = service.calendar_of(year)
    if found is None:
        raise NotYours(year)
    form = YearForm(obj=found)
    if form.validate_on_submit():
        try:
            first_day, last_day = form.days()
            service.change_year(
                access.require_actor(), found, first_day=first_day, last_day=last_day, source=form.source.data or ""
            )
            flash(_("The days of the school year were changed."), "success")
            return redirect_303("schools.calendar", year=year)
        except REFUSED as refusal:
            form.form_errors.append(refusal_in_words(refusal))
    return render_template("schools/change_year.html", form=form, year=year), 422 if form.errors else 200


@bp.route("/calendar/<int:year>/closures/new", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def add_closure(year: int) -> ResponseReturnValue:
    """Add closed days: the office's for the district, a coordinator's for a school."""
    actor = access.require_actor()
    if not _is_near(year):
        raise NotYours(year)
    institute = _institute(actor)
    form = _closure_form(actor, institute, year)
    if form.validate_on_submit():
        try:
            row = service.add_closure(
                actor, form.entry(institute_id=institute.id if institute else None), school_year=year
            )
            flash(_("The closed days were added."), "success")
            _tell_hits(row)
            return redirect_303("schools.calendar", year=year)
        except REFUSED as refusal:
            form.form_errors.append(refusal_in_words(refusal))
    page = render_template("schools/closure.html", form=form, year=year, institute=institute, closure=None)
    return page, 422 if form.errors else 200


@bp.route("/calendar/closures/<uuid:closure_id>", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def change_closure(closure_id: uuid.UUID) -> ResponseReturnValue:
    """Correct closed days."""
    actor = access.require_actor()
    row = service.closure_for(actor, closure_id)
    form = _closure_form(actor, row.institute, row.school_year)
    if request.method == "GET":
        form.show(service.closure_entry_of(row))
    elif form.validate_on_submit():
        try:
            service.change_closure(actor, row, form.entry(institute_id=row.institute_id))
            flash(_("The closed days were changed."), "success")
            _tell_hits(row)
            return redirect_303("schools.calendar", year=row.school_year)
        except REFUSED as refusal:
            form.form_errors.append(refusal_in_words(refusal))
    page = render_template(
        "schools/closure.html", form=form, year=row.school_year, institute=row.institute, closure=row
    )
    return page, 422 if form.errors else 200


@bp.post("/calendar/closures/<uuid:closure_id>/remove")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def remove_closure(closure_id: uuid.UUID) -> ResponseReturnValue:
    """Take closed days away."""
    actor = access.require_actor()
    row = service.closure_for(actor, closure_id)
    year = row.school_year
    service.remove_closure(actor, row)
    flash(_("The closed days were taken away: lessons are on."), "success")
    return redirect_303("schools.calendar", year=year)


@bp.route("/calendar/<int:year>/import", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def import_closures(year: int) -> ResponseReturnValue:
    """Take a school's closures in from a calendar or a table."""
    actor = access.require_actor()
    institute = _institute(actor)
    if institute is None or not _is_near(year):
        raise NotYours(year)
    form = ClosureFileForm()
    sites = {site.code: site for site in service.sites_for(actor, institute_id=institute.id)}
    form.offer(sites={code: site_in_words(site) for code, site in sites.items()})
    if form.validate_on_submit():
        file = form.file.data
        try:
            report = service.import_closures(
                actor,
                file.stream,
                file_name=file.filename or _("file"),
                institute=institute,
                site=sites.get(form.site.data or ""),
                kind=ClosureKind(form.kind.data),
                school_year=year,
            )
            _tell_import(report)
            return redirect_303("schools.calendar", year=year)
        except FileRefused as refusal:
            form.file.errors = [closure_file_refusal(refusal) + " " + _("Nothing was changed.")]
    page = render_template("schools/import_closures.html", form=form, year=year, institute=institute)
    return page, 422 if form.errors else 200


def _tell_import(report: service.ClosureReport) -> None:
    flash(
        _(
            "The file was taken in: %(added)s new, %(changed)s changed, %(unchanged)s as before, %(removed)s removed.",
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            removed=report.removed,
        ),
        "success",
    )


def _tell_hits(row: SchoolClosure) -> None:
    """Say how many planned meetings the closed days fall on; they are listed on the page of the calendar."""
    institutes = frozenset({row.institute_id}) if row.institute_id else None
    hits = signals.ask_hits(institutes, now=clock.now(), days=(row.first_day, row.last_day)).count
    if hits:
        words = ngettext(
            "%(num)d planned meeting falls on these days. It stays until somebody moves it or calls it off.",
            "%(num)d planned meetings fall on these days. They stay until somebody moves them or calls them off.",
            hits,
        )
        flash(words, "warning")


def _closure_form(actor: Actor, institute: Institute | None, year: int) -> ClosureForm:
    form = ClosureForm()
    if institute is None:
        form.of_district({str(each.id): each.name for each in network.municipalities()})
        return form
    sites = service.sites_for(actor, institute_id=institute.id)
    form.of_school(
        sites={str(site.id): site_in_words(site) for site in sites},
        grades=sorted({grade for site in sites for grade in site.level.grades}),
        classes=_class_words(institute, year, several=len(sites) > 1),
    )
    return form


def _class_words(institute: Institute, year: int, *, several: bool) -> Mapping[str, str]:
    classes = service.classes_of(institute.id, year)
    return {str(each.id): f"{each.label}, {each.site.display_name}" if several else each.label for each in classes}


def _institute(actor: Actor) -> Institute | None:
    """Give the school that the query names, else a coordinator's own; None when the office names none."""
    code = request.args.get("institute", "")
    if code:
        institute = service.institute_by_code(code)
        if institute is None or not actor.may_act_for(institute.id):
            raise NotYours(code)
        return institute
    if actor.sees_all:
        return None
    own = service.institutes_for(actor)
    if not own:
        raise NotYours("institute")
    return own[0]


def _year() -> int:
    text = request.args.get("year", "")
    return int(text) if text.isdigit() and _is_near(int(text)) else school_year_of(clock.today())


def _is_near(year: int) -> bool:
    this_year = school_year_of(clock.today())
    return this_year - 10 <= year <= this_year + 2

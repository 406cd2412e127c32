"""Pages on which schools say which classes they have in a school year."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, clock, lists
from prevention.core.access import NotYours
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools import lists as school_lists
from prevention.schools import service
from prevention.schools.forms import AddClassesForm, ClassForm
from prevention.schools.models import Institute
from prevention.schools.rules import (
    ClassExists,
    NoSuchGrade,
    class_label,
    school_year_label,
    school_year_of,
)
from prevention.schools.views.blueprint import bp
from prevention.schools.wording import site_in_words

# A whole school of the usual size stands on one page.
CLASSES_PER_PAGE = 60


@bp.get("/classes")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def classes() -> ResponseReturnValue:
    """List the classes of a school year, site by site: a coordinator's own schools, or one that the office chose."""
    actor = access.require_actor()
    year = _year()
    institutes = _institutes()
    sites = [site for institute in institutes for site in service.sites_for(actor, institute_id=institute.id)]
    listing = school_lists.classes(sites)
    query = service.classes_of_institutes([institute.id for institute in institutes], year)
    file_format = lists.file_asked()
    if file_format is not None and sites:
        return lists.export(listing, query, file_format)
    this_year = school_year_of(clock.today())
    entered = service.school_years_with_classes([institute.id for institute in institutes])
    sums = service.class_sums([site.id for site in sites], year)
    return render_template(
        "schools/classes.html",
        institutes=institutes,
        sites=[(site, *sums.get(site.id, (0, 0))) for site in sites],
        listing=lists.shown(listing, query, per_page=CLASSES_PER_PAGE),
        year=year,
        unseen=service.sites_without_answer(year, institute_ids=[institute.id for institute in institutes]),
        years=sorted({*entered, this_year, this_year + 1, year}, reverse=True),
    )


def _institutes() -> list[Institute]:
    """Give the institutes of this page: one that the query names, else all of a coordinator's."""
    actor = access.require_actor()
    code = request.args.get("institute", "")
    if code:
        institute = service.institute_by_code(code)
        if institute is None or not actor.may_act_for(institute.id):
            raise NotYours(code)
        return [institute]
    return [] if actor.sees_all else service.institutes_for(actor)


def _year() -> int:
    text = request.args.get("year", "")
    return int(text) if text.isdigit() and 2000 <= int(text) <= 2100 else school_year_of(clock.today())


@bp.route("/classes/new", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def add_classes() -> ResponseReturnValue:
    """Enter classes of a site: the chosen grades, each with the same sections."""
    actor = access.require_actor()
    year = _year()
    sites = [site for institute in _institutes() for site in service.sites_for(actor, institute_id=institute.id)]
    if not sites:
        raise NotYours("sites")
    form = AddClassesForm(site=request.args.get("site"))
    form.offer(
        sites={site.code: site_in_words(site) for site in sites},
        grades=sorted({grade for site in sites for grade in site.level.grades}),
    )
    if form.validate_on_submit():
        site = service.teaching_site_for(actor, form.site.data)
        try:
            added = service.add_classes(actor, site, form.entries(), school_year=year)
            flash(ngettext("%(num)d class was added.", "%(num)d classes were added.", len(added)), "success")
            return redirect_303("schools.classes", institute=site.institute.code, year=year)
        except NoSuchGrade as refusal:
            form.grades.errors = [_grade_words(refusal)]
        except ClassExists as refusal:
            form.sections.errors = [_exists_words(refusal)]
    return (
        render_template("schools/add_classes.html", form=form, year=year, institute=sites[0].institute),
        422 if form.errors else 200,
    )


@bp.route("/classes/<uuid:class_id>", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def change_class(class_id: uuid.UUID) -> ResponseReturnValue:
    """Correct one class."""
    actor = access.require_actor()
    found = service.class_for(actor, class_id)
    form = ClassForm(obj=found)
    form.offer_grades(found.site.level.grades)
    if request.method == "GET" and found.label == class_label(grade=found.grade, section=found.section):
        # Shown empty, so that the name follows when grade or section is corrected.
        form.label.data = ""
    if form.validate_on_submit():
        try:
            service.change_class(actor, found, form.entry())
            flash(_("Class %(label)s was changed.", label=found.label), "success")
            return redirect_303("schools.classes", institute=found.site.institute.code, year=found.school_year)
        except ClassExists as refusal:
            form.section.errors = [_exists_words(refusal)]
    return (
        render_template("schools/change_class.html", form=form, school_class=found),
        422 if form.errors else 200,
    )


def _grade_words(refusal: NoSuchGrade) -> str:
    return _(
        "This site has grades %(first)s to %(last)s, not %(grade)s.",
        first=refusal.grades[0],
        last=refusal.grades[-1],
        grade=refusal.grade,
    )


def _exists_words(refusal: ClassExists) -> str:
    return _(
        "This site already has %(labels)s in %(year)s.",
        labels=", ".join(refusal.labels),
        year=school_year_label(refusal.school_year),
    )

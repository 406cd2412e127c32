"""Pages of quality: the stages of a programme with their evidence, who takes part, who pays, and the project sheet."""

import io
import uuid

from flask import Blueprint, current_app, flash, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.config import Settings
from prevention.core import access, clock, lists, web
from prevention.core.access import NotYours
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.network.governance_forms import file_of
from prevention.network.governance_rules import DOCUMENT_REFUSALS
from prevention.network.governance_wording import refusal_words as document_refusal
from prevention.network.views.agreements import hand_out, keep
from prevention.programmes import quality_lists, quality_wording, service
from prevention.programmes.models import Programme
from prevention.programmes.project_sheet import SheetFacts, columns, sheet
from prevention.programmes.quality_forms import FundingForm, PartForm, StageForm
from prevention.programmes.quality_rules import EDPQS_ADDRESS, QualityRefusal, Stage
from prevention.programmes.service import quality
from prevention.programmes.signals import ask_past_year
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of

READERS = (Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR, Role.PARTNER)
PAYERS = (Role.OFFICE, Role.FACILITATOR, Role.PARTNER)
YEARS_BACK = 4

bp = Blueprint("quality", __name__, url_prefix="/programmes")


@bp.get("/<slug>/quality")
@access.roles(*READERS)
def stages(slug: str) -> ResponseReturnValue:
    """Show where a programme stands, and who takes part in it."""
    return _stages_page(service.programme_for(access.require_actor(), slug), PartForm(formdata=None))


@bp.route("/<slug>/quality/<stage>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_stage(slug: str, stage: str) -> ResponseReturnValue:
    """Write where a programme stands at one stage."""
    actor = access.require_actor()
    web.read_first()
    found = service.programme_for(actor, slug)
    if stage not in set(Stage):
        raise NotYours(stage)
    chosen = Stage(stage)
    row = quality.stages_of(found)[chosen]
    form = StageForm(obj=row)
    form.offer(network.organisation_choices())
    if request.method == "GET" and row is not None:
        form.owner_id.data = str(row.owner_id or "")
    if form.validate_on_submit():
        try:
            given = file_of(form)
            document = keep(given) if given else None
            if document is None:
                web.start_writing()
            written = service.programme_for(actor, slug)
            quality.save_stage(actor, written, chosen, form.plan(), document=document, today=clock.today())
            flash(_("The stage was saved."), "success")
            return redirect_303("quality.stages", slug=slug)
        except DOCUMENT_REFUSALS as no:
            form.file.errors = [document_refusal(no)]
        except QualityRefusal as no:
            form.form_errors.append(quality_wording.refusal_words(no))
    page = render_template(
        "programmes/stage_form.html", form=form, programme=found, stage=chosen, row=row, words=quality_wording
    )
    return page, 422 if form.errors else 200


@bp.get("/<slug>/quality/evidence/<uuid:document_id>")
@access.roles(*READERS)
def evidence(slug: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a piece of evidence out."""
    actor = access.require_actor()
    return hand_out(quality.evidence_for(actor, service.programme_for(actor, slug), document_id))


@bp.post("/<slug>/parts")
@access.roles(Role.OFFICE)
def add_part(slug: str) -> ResponseReturnValue:
    """Give an organisation a part in a programme."""
    actor = access.require_actor()
    found = service.programme_for(actor, slug)
    form = PartForm()
    form.offer(network.organisation_choices())
    if form.validate_on_submit():
        try:
            organisation_id, part = form.chosen()
            quality.add_part(actor, found, organisation_id=organisation_id, part=part)
            flash(_("The part was added."), "success")
            return redirect_303("quality.stages", slug=slug)
        except QualityRefusal as no:
            form.form_errors.append(quality_wording.refusal_words(no))
    return _stages_page(found, form)


@bp.post("/<slug>/parts/<uuid:part_id>/remove")
@access.roles(Role.OFFICE)
def remove_part(slug: str, part_id: uuid.UUID) -> ResponseReturnValue:
    """Take a part away."""
    actor = access.require_actor()
    quality.remove_part(actor, service.programme_for(actor, slug), part_id)
    flash(_("The part was removed."), "success")
    return redirect_303("quality.stages", slug=slug)


@bp.get("/<slug>/project-sheet")
@access.roles(*READERS)
def project_sheet(slug: str) -> ResponseReturnValue:
    """Hand the project sheet out, as a spreadsheet or as CSV."""
    actor = access.require_actor()
    found = service.programme_for(actor, slug)
    year = school_year_of(clock.today())
    settings: Settings = current_app.config["SETTINGS"]
    rows = sheet(
        SheetFacts(
            programme=found,
            edition=service.edition_of(found, year),
            parts=quality.parts_of(found),
            stages=quality.stages_of(found),
            funding=quality.funding_of(actor, found, school_year=year),
            reached=ask_past_year(year).get(found.id),
            school_year=year,
            district=settings.district,
        )
    )
    is_csv = request.args.get("format") == lists.FileFormat.CSV
    file = io.BytesIO()
    (lists.write_csv if is_csv else lists.write_xlsx)(file, columns(), rows)
    file.seek(0)
    return send_file(
        file,
        mimetype="text/csv; charset=utf-8"
        if is_csv
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"scheda-progetto-{slug}.{'csv' if is_csv else 'xlsx'}",
    )


@bp.route("/funding", methods=["GET", "POST"])
@access.roles(*PAYERS)
def funding() -> ResponseReturnValue:
    """List who pays what; to the office with what each class and pupil cost, and a form for a new line."""
    actor = access.require_actor()
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(quality_lists.funding(), quality.funding_for(actor), file_format)
    form = FundingForm()
    this_year = school_year_of(clock.today())
    years = range(this_year + 1, this_year - YEARS_BACK, -1)
    form.offer(
        years={str(year): school_year_label(year) for year in years},
        organisations=network.organisation_choices(),
        programmes={str(each.id): each.name.text() for each in service.programmes()},
    )
    if request.method == "GET":
        form.school_year.data = str(this_year)
    elif not actor.has(Role.OFFICE):
        raise NotYours
    elif form.validate_on_submit():
        quality.add_funding(actor, form.plan())
        flash(_("The line was added."), "success")
        return redirect_303("quality.funding")
    page = render_template(
        "programmes/funding.html",
        listing=lists.shown(quality_lists.funding(), quality.funding_for(actor)),
        form=form,
        costs={year: quality.costs(year) for year in (this_year, this_year - 1)} if actor.has(Role.OFFICE) else {},
        words=quality_wording,
    )
    return page, 422 if form.errors else 200


@bp.post("/funding/<uuid:line_id>/remove")
@access.roles(Role.OFFICE)
def remove_funding(line_id: uuid.UUID) -> ResponseReturnValue:
    """Take a line of funding away."""
    quality.remove_funding(access.require_actor(), line_id)
    flash(_("The line was removed."), "success")
    return redirect_303("quality.funding")


def _stages_page(found: Programme, form: PartForm) -> ResponseReturnValue:
    form.offer(network.organisation_choices())
    page = render_template(
        "programmes/quality.html",
        programme=found,
        stages=quality.stages_of(found),
        parts=quality.parts_of(found),
        form=form,
        words=quality_wording,
        may_read=quality.may_read_evidence(access.require_actor(), found),
        edpqs=EDPQS_ADDRESS,
    )
    return page, 422 if form.errors else 200

"""The office's pages of planning areas: who belongs to which, and where the mayors' papers go."""

import csv
import io
import uuid

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access
from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import refusal_in_words
from prevention.core.lists import harmless
from prevention.core.web import Refusal, redirect_303
from prevention.network import service, wording
from prevention.network.area_forms import AreaAddressForm, AreaFileForm, AssignForm, MunicipalityForm
from prevention.network.areas import COLUMNS
from prevention.network.views.blueprint import bp
from prevention.roles import Role


@bp.get("/network/areas")
@access.roles(Role.OFFICE)
def areas() -> ResponseReturnValue:
    """Show the planning areas, with what is assigned to none."""
    return _page()


@bp.post("/network/areas/assign")
@access.roles(Role.OFFICE)
def assign_area() -> ResponseReturnValue:
    """Put municipalities into a planning area."""
    form = AssignForm()
    form.offer(service.municipalities())
    if form.validate_on_submit():
        try:
            changed = service.assign_area(access.require_actor(), form.ids(), form.area.data or "")
            flash(ngettext("%(num)d municipality changed.", "%(num)d municipalities changed.", changed), "success")
            return redirect_303("network.areas")
        except Refusal as refusal:
            form.area.errors = [wording.area_refused_in_words(refusal)]
    return _page(assign=form), 422


@bp.post("/network/areas/address")
@access.roles(Role.OFFICE)
def set_area_address() -> ResponseReturnValue:
    """Write where the papers of a planning area go."""
    form = AreaAddressForm()
    form.offer(line.name for line in service.planning_areas())
    if form.validate_on_submit():
        service.set_area_address(access.require_actor(), form.name.data, form.email.data or "")
        flash(_("The address was saved."), "success")
        return redirect_303("network.areas")
    return _page(address=form), 422


@bp.post("/network/areas/file")
@access.roles(Role.OFFICE)
def import_areas() -> ResponseReturnValue:
    """Take a table of planning areas and addresses in."""
    form = AreaFileForm()
    if form.validate_on_submit():
        given = form.file.data
        try:
            report = service.import_areas(access.require_actor(), given.stream, file_name=given.filename or "")
            words = ngettext("%(num)d municipality changed.", "%(num)d municipalities changed.", report.changed)
            flash(words, "success")
            return redirect_303("network.areas")
        except FileRefused as refusal:
            words = refusal_in_words(refusal, reasons=wording.AREA_REASONS)
            form.file.errors = [words + " " + _("Nothing was changed.")]
    return _page(file=form), 422


@bp.get("/network/areas.csv")
@access.roles(Role.OFFICE)
def areas_csv() -> ResponseReturnValue:
    """Hand the table out, to be filled in and taken in again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(value) for value in row] for row in service.area_rows())
    return Response(
        text.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="ambiti.csv"'},
    )


@bp.route("/network/municipalities/<uuid:municipality_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_municipality(municipality_id: uuid.UUID) -> ResponseReturnValue:
    """Change the planning area and the mayor's address of a municipality."""
    found = service.municipality_of(municipality_id)
    form = MunicipalityForm(obj=found)
    if form.validate_on_submit():
        try:
            service.save_municipality(
                access.require_actor(),
                found,
                planning_area=form.planning_area.data or "",
                mayor_email=form.mayor_email.data or "",
            )
            flash(_("The municipality was saved."), "success")
            return redirect_303("network.municipalities")
        except Refusal as refusal:
            form.planning_area.errors = [wording.area_refused_in_words(refusal)]
    names = [line.name for line in service.planning_areas()]
    page = render_template("network/municipality_form.html", form=form, municipality=found, areas=names)
    return page, 422 if form.errors else 200


def _page(
    *, assign: AssignForm | None = None, address: AreaAddressForm | None = None, file: AreaFileForm | None = None
) -> str:
    lines, rows = service.planning_areas(), service.municipalities()
    assign = assign or AssignForm(formdata=None)
    assign.offer(rows)
    address = address or AreaAddressForm(formdata=None)
    address.offer(line.name for line in lines)
    return render_template(
        "network/areas.html",
        lines=lines,
        unassigned=[row.name for row in rows if not row.planning_area],
        assign=assign,
        address=address,
        file=file or AreaFileForm(formdata=None),
    )

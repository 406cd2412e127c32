"""Pages of who is in the network: organisations and municipalities."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, lists
from prevention.core.web import redirect_303
from prevention.network import governance_wording as wording
from prevention.network import lists as network_lists
from prevention.network import service
from prevention.network.governance_forms import OrganisationForm
from prevention.network.governance_rules import GovernanceRefusal
from prevention.network.models import Organisation
from prevention.network.views.blueprint import bp
from prevention.roles import Role


@bp.get("/network/")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR, Role.PARTNER)
def organisations() -> ResponseReturnValue:
    """List who is in the network."""
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.organisations(), service.organisations(), file_format)
    listing = lists.shown(network_lists.organisations(), service.organisations())
    return render_template("network/organisations.html", listing=listing, words=wording)


@bp.get("/network/municipalities")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR, Role.PARTNER)
def municipalities() -> ResponseReturnValue:
    """List the municipalities with their codes, residents and planning areas."""
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.municipalities(), service.municipality_rows(), file_format)
    listing = lists.shown(network_lists.municipalities(), service.municipality_rows())
    return render_template("network/municipalities.html", listing=listing)


@bp.route("/network/organisations/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_organisation() -> ResponseReturnValue:
    """Add an organisation."""
    return _form_page(None)


@bp.route("/network/organisations/<uuid:organisation_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_organisation(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Change an organisation."""
    return _form_page(service.organisation_of(organisation_id))


def _form_page(found: Organisation | None) -> ResponseReturnValue:
    form = OrganisationForm(obj=found)
    form.offer({str(each.id): each.name for each in service.municipalities()})
    if request.method == "GET" and found is not None:
        form.municipality_id.data = str(found.municipality_id or "")
    if form.validate_on_submit():
        try:
            service.save_organisation(access.require_actor(), found, form.plan())
            flash(_("The organisation was saved."), "success")
            return redirect_303("network.organisations")
        except GovernanceRefusal as no:
            form.form_errors.append(wording.refusal_words(no))
    page = render_template("network/organisation_form.html", form=form, organisation=found)
    return page, 422 if form.errors else 200

"""The editors' desk and the steps of a material's life."""

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.web import redirect_303
from prevention.programmes.rules import EvidenceClass
from prevention.resources import rules, service, wording
from prevention.resources.forms import StepForm
from prevention.resources.rules import Step
from prevention.resources.views.blueprint import bp
from prevention.resources.views.editing import AUTHORS
from prevention.resources.views.library import resource_page
from prevention.roles import Role


@bp.get("/desk")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def desk() -> ResponseReturnValue:
    """Show what waits for an editor."""
    actor = access.require_actor()
    shelves = service.shelves(actor, today=clock.today())
    is_office = actor.has(Role.OFFICE)
    return render_template(
        "resources/desk.html",
        shelves=shelves,
        feedback=service.waiting_feedback() if is_office else [],
        wishes=service.open_wishes() if is_office else [],
        words=wording,
    )


@bp.post("/<uuid:resource_id>/steps/<step>")
@access.roles(*AUTHORS)
def take_step(resource_id: uuid.UUID, step: str) -> ResponseReturnValue:
    """Take a step of a material's life."""
    actor = access.require_actor()
    if step not in list(Step):
        raise NotYours
    found = service.resource_for(actor, resource_id)
    form = StepForm()
    if not form.validate_on_submit():
        words = next((reason for _field, reason in form.errors_by_field()), "")
        return resource_page(found, refused=words)
    try:
        service.take_step(
            actor,
            found,
            Step(step),
            now=clock.now(),
            remark=form.remark.data or "",
            review_by=form.review_by.data,
            evidence_class=EvidenceClass(form.evidence_class.data) if form.evidence_class.data else None,
        )
    except rules.ResourceRefusal as refusal:
        return resource_page(found, refused=wording.refusal_words(refusal))
    flash(str(wording.STEPS_DONE[step]), "success")
    return redirect_303("resources.resource", resource_id=resource_id)


@bp.post("/<uuid:resource_id>/files/<int:version>/release")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def release_version(resource_id: uuid.UUID, version: int) -> ResponseReturnValue:
    """Give readers a version that waited for a second pair of eyes."""
    actor = access.require_actor()
    found = service.resource_for(actor, resource_id)
    try:
        service.release_version(actor, found, version, now=clock.now())
    except rules.ResourceRefusal as refusal:
        return resource_page(found, refused=wording.refusal_words(refusal))
    flash(_("Readers get this version now."), "success")
    return redirect_303("resources.resource", resource_id=resource_id)

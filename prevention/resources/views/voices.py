"""Pages on which readers say how a material did, or what they looked for in vain."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access
from prevention.core.web import redirect_303
from prevention.resources import rules, service, wording
from prevention.resources.forms import FeedbackForm, WishForm
from prevention.resources.rules import Outcome
from prevention.resources.views.blueprint import bp
from prevention.roles import Role


@bp.route("/<uuid:resource_id>/feedback", methods=["GET", "POST"])
@access.public
def feedback(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Say how a material did in class; also without signing in."""
    actor = access.actor()
    found = service.resource_for(actor, resource_id)
    form = FeedbackForm()
    if form.validate_on_submit():
        try:
            if not form.website.data:
                service.give_feedback(
                    actor,
                    found,
                    outcome=Outcome(form.outcome.data),
                    grade=form.chosen_grade(),
                    comment=form.comment.data or "",
                )
            flash(_("Thank you. What you wrote is shown once the office has read it."), "success")
            return redirect_303("resources.resource", resource_id=resource_id)
        except rules.TooMuchWaiting as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    page = render_template("resources/feedback.html", form=form, resource=found)
    return page, 422 if form.errors else 200


@bp.route("/wishes/new", methods=["GET", "POST"])
@access.public
def new_wish() -> ResponseReturnValue:
    """Tell the editors what is missing; also without signing in."""
    form = WishForm()
    if request.method == "GET":
        form.words.data = request.args.get("text", "")[:200]
    elif form.validate_on_submit():
        try:
            if not form.website.data:
                service.wish(access.actor(), words=form.words.data or "", about=form.about.data or "")
            flash(_("Thank you. The editors read each wish and look for something that fits."), "success")
            return redirect_303("resources.library")
        except rules.TooMuchWaiting as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    return render_template("resources/wish.html", form=form), 422 if form.errors else 200


@bp.post("/feedback/<uuid:feedback_id>/<verdict>")
@access.roles(Role.OFFICE)
def moderate(feedback_id: uuid.UUID, verdict: str) -> ResponseReturnValue:
    """Let a reader's words through, or keep them back."""
    service.moderate(access.require_actor(), feedback_id, is_shown=verdict == "show")
    flash(_("Done."), "success")
    return redirect_303("resources.desk")


@bp.post("/wishes/<uuid:wish_id>/done")
@access.roles(Role.OFFICE)
def close_wish(wish_id: uuid.UUID) -> ResponseReturnValue:
    """Take a wish off the desk."""
    service.close_wish(access.require_actor(), wish_id)
    flash(_("Done."), "success")
    return redirect_303("resources.desk")

"""The office's page of municipal boundaries: what is loaded, a file taken in, all taken away."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access
from prevention.core.web import redirect_303
from prevention.network import service, wording
from prevention.network.boundaries.drawing import Look, MapClass, choropleth
from prevention.network.boundaries.reading import BoundariesRefused
from prevention.network.boundary_forms import BoundariesForm
from prevention.network.views.blueprint import bp
from prevention.roles import Role


@bp.route("/network/boundaries", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def boundaries() -> ResponseReturnValue:
    """Show which boundaries are loaded, and take a file in."""
    form = BoundariesForm()
    if form.validate_on_submit():
        given = form.file.data
        try:
            report = service.import_boundaries(
                given.stream,
                file_name=given.filename or "",
                source=form.source.data or "",
                licence=form.licence.data or "",
                actor=access.require_actor(),
            )
            for sentence in wording.boundary_report_in_words(report):
                flash(sentence, "success")
            return redirect_303("network.boundaries")
        except BoundariesRefused as refusal:
            form.file.errors = [wording.boundaries_refused_in_words(refusal) + " " + _("Nothing was changed.")]
    return _page(form), 422 if form.errors else 200


@bp.post("/network/boundaries/remove")
@access.roles(Role.OFFICE)
def remove_boundaries() -> ResponseReturnValue:
    """Take all boundaries away."""
    gone = service.remove_boundaries(access.require_actor())
    flash(ngettext("%(num)d boundary was taken away.", "%(num)d boundaries were taken away.", gone), "success")
    return redirect_303("network.boundaries")


def _page(form: BoundariesForm) -> str:
    territory = service.territory()
    drawn = None
    if territory.has_map:
        words = _("Municipalities with a boundary")
        drawn = choropleth(
            territory,
            name="loaded",
            classes=[MapClass(words=words, look=Look.BLANK)],
            places={},
            otherwise=0,
            sentence=words + ".",
        )
    return render_template("network/boundaries.html", form=form, state=service.boundary_state(), map=drawn)

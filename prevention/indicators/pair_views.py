"""The page of a before and after: what is released of it, for the office."""

import uuid

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from prevention.core import access
from prevention.indicators.effects import Design
from prevention.indicators.pair_page import rows_of
from prevention.indicators.panel_gate import Panel, Who
from prevention.indicators.panel_service import others_of_year, pair_for
from prevention.roles import Role

bp = Blueprint("pairs", __name__, url_prefix="/figures/pairs")


@bp.get("/<uuid:pair_id>")
@access.roles(Role.OFFICE)
def pair(pair_id: uuid.UUID) -> ResponseReturnValue:
    """Show what changed from before to after, and beside classes that waited where the office names them.

    Query parameters: ``waiting`` (id of a released pair of the same school year), ``lot`` (1: who waited was drawn).
    """
    found, panel = pair_for(access.require_actor(), pair_id)
    if panel is None:
        return render_template("indicators/pair.html", pair=found, panel=None)
    others = others_of_year(panel)
    waiting = next((one for one in others if str(one.pair_id) == request.args.get("waiting")), None)
    return render_template(
        "indicators/pair.html",
        pair=found,
        panel=panel,
        design=_design(waiting),
        everybody=rows_of(panel, Who.ALL, waiting=waiting),
        found_again=rows_of(panel, Who.FOUND, waiting=waiting),
        others=[(str(one.pair_id), one.name) for one in others],
        waiting=waiting,
        is_drawn=_is_drawn(),
    )


def _design(waiting: Panel | None) -> Design:
    if waiting is None:
        return Design.UNCONTROLLED
    return Design.RANDOMISED if _is_drawn() else Design.WAITING


def _is_drawn() -> bool:
    return request.args.get("lot") == "1"

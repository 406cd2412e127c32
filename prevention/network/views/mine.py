"""The page of what concerns one's own organisation."""

from flask import render_template
from flask.typing import ResponseReturnValue

from prevention.core import access, clock
from prevention.network import governance_wording as wording
from prevention.network import service, signals
from prevention.network.views.agreements import READERS
from prevention.network.views.blueprint import bp
from prevention.roles import Role


@bp.get("/network/mine")
@access.roles(*(role for role in READERS if role is not Role.OFFICE))
def mine() -> ResponseReturnValue:
    """Show what the rooms know that concerns this person's organisations."""
    own = service.own_organisations(access.require_actor())
    found = [
        (organisation, signals.ask_concerns(organisation.id, organisation.municipality_id, today=clock.today()))
        for organisation in own
    ]
    return render_template("network/mine.html", organisations=found, words=wording)

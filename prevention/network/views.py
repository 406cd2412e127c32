"""Pages of the network: where to find help."""

from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from prevention.core import access, clock
from prevention.network import service
from prevention.network.wording import HELP_KIND_WORDS
from prevention.roles import Role

bp = Blueprint("network", __name__)


@bp.get("/help/")
@access.public
def help_services() -> ResponseReturnValue:
    """List the services to turn to, each with the day on which it was last verified."""
    lines = service.help_services()
    kinds = list(HELP_KIND_WORDS)
    ordered = sorted(lines, key=lambda line: (kinds.index(line.kind), line.position))
    groups = [(HELP_KIND_WORDS[kind], kind, list(rows)) for kind, rows in groupby(ordered, lambda line: line.kind)]
    person = access.actor()
    is_office = person is not None and person.has(Role.OFFICE)
    return render_template(
        "network/help_services.html",
        groups=groups,
        oldest=min(line.verified_on for line in lines),
        stale=service.stale_help_services(today=clock.today()) if is_office else [],
    )

"""The front door and each person's desk: the one place that looks into several rooms at once to point at them."""

from flask import Blueprint, current_app, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from werkzeug.utils import redirect

from prevention.accounts import service as accounts
from prevention.core import access, clock
from prevention.core.i18n import LANGUAGES
from prevention.delivery import service as delivery
from prevention.early_signals import service as early_signals
from prevention.early_signals import wording as early_signals_wording
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of
from prevention.surveys import service as surveys

MEETINGS_SHOWN = 6
ALERTS_SHOWN = 3
DESK_ROLES = frozenset({Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR})

bp = Blueprint("home", __name__)


@bp.get("/")
@access.public
def index() -> ResponseReturnValue:
    """Welcome a visitor: what this is, and a door for each kind of reader."""
    return render_template("home/index.html")


@bp.get("/desk")
@access.signed_in
def desk() -> ResponseReturnValue:
    """Show the signed-in person what waits for them. Seven queries at most, whatever there is."""
    actor = access.require_actor()
    if actor.has(Role.PARTNER) and not actor.roles & DESK_ROLES:
        # A partner of the network has no registers or bookings: what concerns the organisation is all.
        return redirect(url_for("network.mine"), 303)
    now = clock.now()
    return render_template(
        "home/desk.html",
        year_label=school_year_label(school_year_of(clock.today())),
        shelves=delivery.count_for(actor, now=now),
        next_meetings=delivery.next_meetings(actor, now=now, most=MEETINGS_SHOWN),
        refused_mail=accounts.refused_mail_of(actor),
        stale_help=network.stale_help_services(today=clock.today()) if actor.has(Role.OFFICE) else [],
        alerts=early_signals.open_alerts_for(actor)[:ALERTS_SHOWN],
        alert_title=early_signals_wording.alert_title,
        signals_waiting=early_signals.count_waiting() if actor.has(Role.OFFICE) else 0,
        open_waves=surveys.running_waves_for(actor, today=clock.today()) if _sees_waves(actor) else [],
    )


def _sees_waves(actor: access.Actor) -> bool:
    return actor.has(Role.OFFICE) or actor.has(Role.COORDINATOR)


@bp.get("/accessibility")
@access.public
def accessibility() -> ResponseReturnValue:
    """State how accessible the site is, and whom to tell about a barrier."""
    return render_template("home/accessibility.html", contact=current_app.config["SETTINGS"].mail_from)


@bp.get("/privacy")
@access.public
def privacy() -> ResponseReturnValue:
    """Say what is kept about whom, and what is not."""
    return render_template("home/privacy.html")


@bp.post("/language")
@access.public
def set_language() -> ResponseReturnValue:
    """Change the language of the pages for this browser, and go back to where the person was."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        g.language = chosen
        refresh()
    return redirect(_back(request.form.get("next", "/")), 303)


def _back(target: str) -> str:
    # Only a path of ours: never a scheme, a host, or a backslash that a browser reads as one.
    is_ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_ours else "/"

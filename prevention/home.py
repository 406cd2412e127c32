"""The front door and each person's desk: the one place that looks into several rooms at once to point at them."""

from flask import Blueprint, current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from werkzeug.utils import redirect

from prevention.core import access
from prevention.core.i18n import LANGUAGES

bp = Blueprint("home", __name__)


@bp.get("/")
@access.public
def index() -> ResponseReturnValue:
    """Welcome a visitor: what this is, and a door for each kind of reader."""
    return render_template("home/index.html")


@bp.get("/desk")
@access.signed_in
def desk() -> ResponseReturnValue:
    """Show the signed-in person what waits for them."""
    return render_template("home/desk.html")


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

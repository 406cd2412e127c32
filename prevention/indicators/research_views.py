"""Pages for analysts: records of sealed waves, for a purpose that is written down."""

import io
from uuid import UUID

from flask import Blueprint, flash, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from prevention.core import access
from prevention.indicators import research_service as service
from prevention.indicators.forms import ResearchForm
from prevention.indicators.policy import policy
from prevention.indicators.rules import SomebodyReleased, ToldApart, TooSmall
from prevention.roles import Role
from prevention.schools.rules import school_year_label

bp = Blueprint("research", __name__, url_prefix="/research")


@bp.get("/")
@access.roles(Role.ANALYST)
def files() -> ResponseReturnValue:
    """Show the sealed waves and ask for the purpose. Two queries."""
    return _page(_form(access.require_actor()))


@bp.post("/")
@access.roles(Role.ANALYST)
def take() -> ResponseReturnValue:
    """Hand a research file out; who took it and what for is written down before it leaves."""
    actor = access.require_actor()
    form = _form(actor)
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        found = service.research_file(
            actor, UUID(form.wave.data), purpose=form.purpose.data or "", language=str(get_locale())
        )
    except TooSmall:
        flash(_("So few answered in this survey that no file of records may leave."), "warning")
        return _page(form), 422
    except ToldApart:
        flash(
            _(
                "The survey was corrected after records of it had been handed out. Beside those, these would show who "
                "withdrew, or a class by itself; so no file of the correction leaves."
            ),
            "warning",
        )
        return _page(form), 422
    except SomebodyReleased:
        flash(_("Something of this survey was published meanwhile. Send it once more."), "warning")
        return _page(form), 422
    return send_file(
        io.BytesIO(found.body), mimetype="application/zip", as_attachment=True, download_name=found.name, max_age=0
    )


def _form(actor: access.Actor) -> ResearchForm:
    form = ResearchForm()
    form.wave.choices = [
        (str(one.id), f"{school_year_label(one.school_year)} – {one.wave_name}") for one in service.waves_for(actor)
    ]
    return form


def _page(form: ResearchForm) -> str:
    return render_template("indicators/research.html", form=form, rules=policy().research)

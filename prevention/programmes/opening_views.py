"""The page on which the office opens a school year from the one before."""

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField, SelectMultipleField

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.forms import Form, choices
from prevention.core.web import redirect_303
from prevention.programmes import rules, service
from prevention.programmes.service import Proposal
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of

bp = Blueprint("opening", __name__, url_prefix="/years")


class OpeningForm(Form):
    """What of a proposal is to be carried over."""

    mark = HiddenField()
    editions = SelectMultipleField(_l("Programmes that go on"), coerce=str)
    with_classes = BooleanField(_l("Carry the classes over"))
    is_open = BooleanField(_l("Open the editions for bookings at once; else they are drafts"))


@bp.get("/")
@access.roles(Role.OFFICE)
def next_year() -> ResponseReturnValue:
    """Lead to the school year that is to be opened next: the coming one from spring on, else this one."""
    today = clock.today()
    # From March on one plans the year to come; the present one has long begun.
    coming = school_year_of(today) + (1 if 3 <= today.month < 9 else 0)  # months
    return redirect_303("opening.year", school_year=coming)


@bp.route("/<int:school_year>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def year(school_year: int) -> ResponseReturnValue:
    """Show what opening a school year would do, and do it."""
    this_year = school_year_of(clock.today())
    if school_year not in (this_year, this_year + 1):
        raise NotYours(school_year)
    proposal = service.propose_year(school_year)
    form = _form(proposal)
    if form.validate_on_submit():
        try:
            done = service.open_year(
                access.require_actor(),
                school_year,
                mark=form.mark.data or "",
                editions=[uuid.UUID(each) for each in form.editions.data or ()],
                with_classes=bool(form.with_classes.data),
                is_open=bool(form.is_open.data),
                now=clock.now(),
                today=clock.today(),
            )
            flash(_done_words(done), "success")
            return redirect_303("opening.year", school_year=school_year)
        except rules.ProposalChanged:
            form.form_errors.append(
                _("What would be carried over has changed since the page was opened. Look at it again below.")
            )
            form.mark.data = proposal.mark
    page = render_template(
        "programmes/opening.html",
        form=form,
        proposal=proposal,
        openings=service.openings_of(school_year),
        years=[(each, school_year_label(each)) for each in (this_year, this_year + 1)],
    )
    return page, 422 if form.errors else 200


@bp.post("/openings/<uuid:opening_id>/undo")
@access.roles(Role.OFFICE)
def undo(opening_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what opening a year made."""
    done = service.undo_opening(access.require_actor(), opening_id, now=clock.now())
    flash(_("Taken back: %(what)s.", what=_counts(done)), "success")
    if done.kept:
        flash(_("These stay because they are used: %(names)s.", names=", ".join(done.kept)), "warning")
    return redirect_303("opening.year", school_year=done.school_year)


def _form(proposal: Proposal) -> OpeningForm:
    names = {str(each.before.id): each.before.programme.name.text() for each in proposal.editions}
    form = OpeningForm(data={"editions": list(names), "with_classes": True, "mark": proposal.mark})
    form.editions.choices = choices(names)
    return form


def _counts(done: service.Opened) -> str:
    editions = ngettext("%(num)d edition", "%(num)d editions", done.editions)
    classes = ngettext("%(num)d class", "%(num)d classes", done.classes)
    return _("%(editions)s and %(classes)s", editions=editions, classes=classes)


def _done_words(done: service.Opened) -> str:
    return _("Carried over: %(what)s.", what=_counts(done))

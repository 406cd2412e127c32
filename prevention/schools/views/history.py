"""Pages of what goes on: codes that ended and their successors, and classes carried into the next school year."""

from collections import defaultdict
from collections.abc import Sequence

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, clock
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.forward_rules import ClassBefore, ClassNow, plan_site
from prevention.schools.history_forms import ForwardForm, forward_form, succession_form
from prevention.schools.models import Site
from prevention.schools.rules import school_year_of
from prevention.schools.succession import AlreadyDecided, CannotFollow, NotGone, Proposal, SuccessionRefused
from prevention.schools.views.blueprint import bp


@bp.route("/successions", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def successions() -> ResponseReturnValue:
    """Show the codes that ended with what seems to go on in their place, and write down what the office says."""
    proposals = service.proposed_successions()
    form = succession_form(proposals)
    if form.validate_on_submit():
        try:
            made = service.decide_successions(
                access.require_actor(), form.decided(), now=clock.now(), lets_follow=bool(form.lets_follow.data)
            )
            flash(ngettext("%(num)d code was decided.", "%(num)d codes were decided.", len(made)), "success")
            return redirect_303("schools.successions")
        except SuccessionRefused as refusal:
            form.form_errors.append(_succession_words(refusal))
    page = render_template(
        "schools/successions.html",
        form=form,
        families=_families(proposals),
        followers=service.who_follows(proposals),
        decided=service.decided_successions(),
    )
    return page, 422 if form.errors else 200


def _families(proposals: Sequence[Proposal]) -> list[tuple[str, list[Proposal]]]:
    """Put the sites of one institute together; those for which something is proposed come first."""
    found: dict[tuple[int, str], list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        found[proposal.gone.last, proposal.gone.family].append(proposal)
    order = sorted(found.items(), key=lambda each: (all(one.new is None for one in each[1]), -each[0][0], each[0][1]))
    return [(family, members) for (_last, family), members in order]


@bp.post("/successions/<code>/withdraw")
@access.roles(Role.OFFICE)
def withdraw_succession(code: str) -> ResponseReturnValue:
    """Take back what was decided about a code."""
    service.withdraw_succession(access.require_actor(), code)
    flash(_("The decision about %(code)s was taken back.", code=code), "success")
    return redirect_303("schools.successions")


@bp.route("/sites/<code>/forward/<int:year>", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def forward_classes(code: str, year: int) -> ResponseReturnValue:
    """Show what a site's classes become in a school year, and write down what the school says."""
    actor = access.require_actor()
    site = service.teaching_site_for(actor, code)
    before, now, row = service.site_forward(site, year)
    going = [each for each in before if each.grade + 1 in site.level.grades]
    form = _forward_form(site, year, before, now, is_done=row is not None)
    if year > school_year_of(clock.today()) + 1:
        return redirect_303("schools.forward_classes", code=code, year=school_year_of(clock.today()) + 1)
    if form.validate_on_submit():
        try:
            service.answer_forwarding(
                actor, site, year, answers=form.answers(), first_sections=form.first_sections(), now=clock.now()
            )
            flash(_("The classes go on as you said."), "success")
            return redirect_303("schools.classes", institute=site.institute.code, year=year)
        except service.ClassesInUse as refusal:
            form.form_errors.append(
                _(
                    "%(labels)s would have to go, but is booked or was surveyed. Call that off first, or keep it.",
                    labels=", ".join(refusal.labels),
                )
            )
    page = render_template(
        "schools/forward.html",
        form=form,
        site=site,
        year=year,
        grades=[(grade, [each for each in going if each.grade == grade]) for grade in site.level.grades],
        leaving=[each for each in before if each.grade + 1 not in site.level.grades],
        row=row,
    )
    return page, 422 if form.errors else 200


def _forward_form(
    site: Site, year: int, before: Sequence[ClassBefore], now: Sequence[ClassNow], *, is_done: bool
) -> ForwardForm:
    going = [each for each in before if each.grade + 1 in site.level.grades]
    first = site.level.grades[0]
    if is_done:
        proposed = {each.id: [child.section for child in now if each.id in child.parents] for each in going}
        return forward_form(going, proposed=proposed, first=[each.section for each in now if each.grade == first])
    plan = plan_site(site.id, year, grades=site.level.grades, before=before, now=now)
    known = {parent.id: [each.section] for each in plan.classes for parent in each.parents}
    sections = {each.section for each in plan.classes if each.grade == first}
    return forward_form(
        going, proposed=known, first=sorted(sections | {each.section for each in now if each.grade == first})
    )


@bp.post("/sites/<code>/forward/<int:year>/undo")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def undo_forward(code: str, year: int) -> ResponseReturnValue:
    """Take back that a site's classes were carried into a school year."""
    actor = access.require_actor()
    site = service.teaching_site_for(actor, code)
    done = service.undo_forwarding(actor, year, site_ids=[site.id], with_answered=True)
    if done.kept:
        flash(
            _("These classes stay because they are booked or surveyed: %(labels)s.", labels=", ".join(done.kept)),
            "warning",
        )
    else:
        flash(ngettext("%(num)d class was taken back.", "%(num)d classes were taken back.", done.removed), "success")
    return redirect_303("schools.classes", institute=site.institute.code, year=year)


def _succession_words(refusal: SuccessionRefused) -> str:
    match refusal:
        case AlreadyDecided(code=code):
            return _("Somebody decided about %(code)s in the meantime. Open the page again.", code=code)
        case NotGone(code=code):
            return _("%(code)s is in the register: there is nothing to decide.", code=code)
        case CannotFollow(code=code, site_code=site_code):
            return _("%(new)s cannot go on in place of %(code)s.", new=site_code, code=code)
        case _:
            raise refusal

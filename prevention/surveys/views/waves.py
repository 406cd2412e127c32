"""Pages of staff: the waves, one wave with its classes, slips, class reports. Never an answer, never a count."""

import uuid
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.config import Settings
from prevention.core import access, clock
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.network.governance_wording import ACT_KINDS
from prevention.roles import Role
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level, school_year_label, school_year_of
from prevention.surveys import service, wording
from prevention.surveys.forms import ClassReportForm, NewWaveForm, SlipsForm, grade_key
from prevention.surveys.models import Wave, WaveClass
from prevention.surveys.signals import ask_foresight
from prevention.surveys.slips import code_sheet
from prevention.surveys.views.blueprint import bp
from prevention.surveys.wave_rules import THRESHOLD, ReportRefused, WaveMode, WaveRefused, WaveStatus


@bp.get("/")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def waves() -> ResponseReturnValue:
    """List the waves that the person may see."""
    actor = access.require_actor()
    return render_template(
        "surveys/waves.html",
        waves=service.waves_for(actor),
        stale_help=network.stale_help_services(today=clock.today()) if actor.has(Role.OFFICE) else [],
    )


@bp.route("/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_wave() -> ResponseReturnValue:
    """Make a wave of a school year."""
    year = _year()
    form = NewWaveForm(name=_("Survey %(year)s", year=school_year_label(year)))
    form.offer(service.offered_questionnaires())
    classes = service.bookable_classes(year)
    if form.validate_on_submit():
        try:
            wave = service.create_wave(
                access.require_actor(),
                form.plan(year, service.chosen_questionnaire(form.questionnaire.data)),
                class_ids=form.class_ids(classes),
            )
            flash(_("The survey is prepared. Print the slips, then open it."), "success")
            return redirect_303("surveys.wave", wave_id=wave.id)
        except WaveRefused as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template(
        "surveys/new_wave.html",
        form=form,
        year=year,
        years=[_this_year() - 1, _this_year(), _this_year() + 1],
        schools=_by_school(classes),
        grades=_by_grade(classes),
        booked=service.booked_class_ids(year),
        chosen=set(form.classes.data or ()),
        which=form.which.data,
    )
    return page, 422 if form.errors else 200


@bp.get("/<uuid:wave_id>")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def wave(wave_id: uuid.UUID) -> ResponseReturnValue:
    """Show a wave and its classes."""
    return _wave_page(service.wave_for(access.require_actor(), wave_id))


@bp.post("/<uuid:wave_id>/open")
@access.roles(Role.OFFICE)
def open_wave(wave_id: uuid.UUID) -> ResponseReturnValue:
    """Let a prepared wave take answers."""
    found = service.wave_for(access.require_actor(), wave_id)
    try:
        service.open_wave(access.require_actor(), found)
    except WaveRefused as no:
        return _wave_page(found, no)
    flash(_("The survey is open: on its days, pupils can answer."), "success")
    return redirect_303("surveys.wave", wave_id=wave_id)


@bp.post("/<uuid:wave_id>/close")
@access.roles(Role.OFFICE)
def close_wave(wave_id: uuid.UUID) -> ResponseReturnValue:
    """End an open wave for good; its answers are sealed by the jobs process."""
    found = service.wave_for(access.require_actor(), wave_id)
    try:
        service.close_wave(access.require_actor(), found, clock.now())
    except WaveRefused as no:
        return _wave_page(found, no)
    flash(_("The survey is closed. Its answers are being sealed; the protected figures come next."), "success")
    return redirect_303("surveys.wave", wave_id=wave_id)


@bp.route("/classes/<uuid:wave_class_id>/slips", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def slips(wave_class_id: uuid.UUID) -> ResponseReturnValue:
    """Draw codes for a class and print them, this one time; the answer to the form is the PDF itself."""
    found = service.wave_class_for(access.require_actor(), wave_class_id)
    form = SlipsForm(number=service.usual_number(found))
    if form.validate_on_submit():
        try:
            codes = service.make_codes(access.require_actor(), found, number=form.number.data)
            return _as_download(found, codes)
        except WaveRefused as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template("surveys/slips.html", form=form, wave_class=found, back=_back(found))
    return page, (422 if form.errors else 200)


@bp.route("/classes/<uuid:wave_class_id>/report", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def class_report(wave_class_id: uuid.UUID) -> ResponseReturnValue:
    """Write what happened in the room: numbers only, in two minutes."""
    found = service.wave_class_for(access.require_actor(), wave_class_id)
    form = ClassReportForm(obj=found.report, enrolled=found.school_class.pupils)
    if form.validate_on_submit():
        try:
            service.record_class_report(access.require_actor(), found, form.numbers())
            flash(_("The report of class %(label)s is in.", label=found.school_class.label), "success")
            return redirect(_back(found), 303)
        except (ReportRefused, WaveRefused) as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template("surveys/class_report.html", form=form, wave_class=found, back=_back(found))
    return page, (422 if form.errors else 200)


def _wave_page(found: Wave, no: WaveRefused | None = None) -> ResponseReturnValue:
    actor = access.require_actor()
    states = service.class_states(actor, found)
    is_ahead = found.status in (WaveStatus.DRAFT, WaveStatus.OPEN) and found.mode is not WaveMode.FEEDBACK
    classes = [state.wave_class for state in states] if is_ahead and actor.sees_all else []
    page = render_template(
        "surveys/wave.html",
        wave=found,
        states=states,
        foresight=ask_foresight(classes, is_pair=found.mode is WaveMode.PRE_POST) if classes else (),
        threshold=THRESHOLD,
        statuses=list(WaveStatus),
        refusal=wording.refusal(no) if no else "",
        pair=service.pair_of(found.id),
        acts=service.acts_of(found),
        act_kinds=ACT_KINDS,
    )
    return page, 422 if no else 200


def _back(found: WaveClass) -> str:
    """Give the address of the wave, or of the session for somebody who may see no more than that."""
    actor = access.require_actor()
    session = service.session_of(found.wave_id)
    if session is not None and not (actor.has(Role.OFFICE) or actor.has(Role.COORDINATOR)):
        return url_for("surveys.session_wave", meeting_id=session)
    return url_for("surveys.wave", wave_id=found.wave_id)


def _as_download(wave_class: WaveClass, codes: list[str]) -> ResponseReturnValue:
    settings: Settings = current_app.config["SETTINGS"]
    paper = code_sheet(wave_class, codes, address=settings.base_url + url_for("answering.entry"), today=clock.today())
    response = current_app.response_class(paper, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="slips.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _by_school(classes: Iterable[SchoolClass]) -> list[tuple[Site, list[SchoolClass]]]:
    return [(site, list(group)) for site, group in groupby(classes, key=attrgetter("site"))]


def _by_grade(classes: Iterable[SchoolClass]) -> list[tuple[str, Level, int, int]]:
    """List the grades that have classes: key, level, grade, how many classes."""
    found = Counter((one.site.level, one.grade) for one in classes)
    keys = {(one.site.level, one.grade): grade_key(one) for one in classes}
    return [(keys[level, grade], level, grade, found[level, grade]) for level, grade in sorted(found)]


def _this_year() -> int:
    return school_year_of(clock.today())


def _year() -> int:
    text = request.args.get("year", "")
    return int(text) if text.isdigit() and abs(int(text) - _this_year()) <= 1 else _this_year()

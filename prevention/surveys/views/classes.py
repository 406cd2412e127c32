"""Pages around a wave: what a session opens for its class, families, and a programme's before and after."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.files import attachment_headers
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of
from prevention.surveys import interface, service, wording
from prevention.surveys.family_sheet import family_sheet
from prevention.surveys.forms import FamiliesForm, PairForm, SessionWaveForm
from prevention.surveys.signals import ask_foresight
from prevention.surveys.views.blueprint import bp
from prevention.surveys.wave_rules import SessionPurpose, WaveRefused, WaveStatus


@bp.route("/sessions/<uuid:meeting_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def session_wave(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Let a session that was held open feedback, or the after of a pair, for its own class."""
    actor = access.require_actor()
    state = service.session_state(actor, meeting_id)
    form = SessionWaveForm()
    refusal = ""
    if form.validate_on_submit():
        try:
            opened = service.open_for_session(actor, state, SessionPurpose(form.purpose.data), today=clock.today())
            flash(_("It is open. Print the slips for the class."), "success")
            return redirect_303("surveys.slips", wave_class_id=opened.id)
        except WaveRefused as no:
            refusal = wording.refusal(no)
    elif form.errors:
        refusal = _("Choose what to open.")
    page = render_template("surveys/session_wave.html", state=state, refusal=refusal)
    return page, 422 if refusal else 200


@bp.route("/classes/<uuid:wave_class_id>/families", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR)
def families(wave_class_id: uuid.UUID) -> ResponseReturnValue:
    """Give the sheet for families, and take down how many said no: a number, kept beside the survey."""
    found = service.wave_class_for(access.require_actor(), wave_class_id)
    form = FamiliesForm(families=service.opt_outs_of(found))
    if form.validate_on_submit():
        try:
            service.count_opt_outs(access.require_actor(), found, form.families.data or 0)
            flash(_("The number is kept."), "success")
            return redirect_303("surveys.wave", wave_id=found.wave_id)
        except WaveRefused as no:
            form.families.errors = [wording.refusal(no)]
    page = render_template("surveys/families.html", form=form, wave_class=found, languages=interface.spoken_languages())
    return page, 422 if form.errors else 200


@bp.get("/<uuid:wave_id>/family-sheet")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def family_sheet_pdf(wave_id: uuid.UUID) -> ResponseReturnValue:
    """Give the sheet that tells families of a survey, in a language that the pages speak."""
    wave = service.wave_for(access.require_actor(), wave_id)
    language = request.args.get("language", "it")
    if language not in {one.code for one in interface.spoken_languages()}:
        raise NotYours(language)
    content = family_sheet(wave, language=language, today=clock.today())
    return content, {"Content-Type": "application/pdf", **attachment_headers(f"{wave.name} {language}.pdf")}


@bp.route("/pairs/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_pair() -> ResponseReturnValue:
    """Make a before and an after of a programme."""
    year = school_year_of(clock.today())
    form = PairForm(questionnaire_before="workshop-before", questionnaire_after="workshop-after")
    form.offer(service.offered_questionnaires())
    if form.validate_on_submit():
        try:
            plan = form.plan(
                year,
                service.chosen_questionnaire(form.questionnaire_before.data),
                service.chosen_questionnaire(form.questionnaire_after.data),
            )
            pair = service.create_pair(access.require_actor(), plan, class_ids=form.class_ids())
            flash(_("Before and after are prepared."), "success")
            return redirect_303("surveys.pair", pair_id=pair.id)
        except WaveRefused as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template(
        "surveys/new_pair.html",
        form=form,
        year=school_year_label(year),
        classes=service.bookable_classes(year),
        booked=service.booked_class_ids(year),
        chosen=set(form.classes.data or ()),
    )
    return page, 422 if form.errors else 200


@bp.get("/pairs/<uuid:pair_id>")
@access.roles(Role.OFFICE)
def pair(pair_id: uuid.UUID) -> ResponseReturnValue:
    """Show a before and an after, and what joining them gave."""
    return _pair_page(pair_id)


@bp.post("/pairs/<uuid:pair_id>/give-up")
@access.roles(Role.OFFICE)
def give_up_pair(pair_id: uuid.UUID) -> ResponseReturnValue:
    """Destroy the key of a linked pair without joining it."""
    found = service.pair_for(access.require_actor(), pair_id)
    try:
        service.give_up_joining(access.require_actor(), found)
    except WaveRefused as no:
        return _pair_page(pair_id, refusal=wording.refusal(no))
    flash(_("The key is destroyed. The two will not be joined."), "success")
    return redirect_303("surveys.pair", pair_id=pair_id)


def _pair_page(pair_id: uuid.UUID, *, refusal: str = "") -> ResponseReturnValue:
    actor = access.require_actor()
    found = service.pair_for(actor, pair_id)
    waves = sorted(found.waves, key=lambda one: one.stage, reverse=True)
    is_ahead = bool(waves) and waves[-1].wave.status in (WaveStatus.DRAFT, WaveStatus.OPEN)
    classes = [state.wave_class for state in service.class_states(actor, waves[-1].wave)] if is_ahead else []
    page = render_template(
        "surveys/pair.html",
        pair=found,
        waves=waves,
        report=found.report or {},
        refusal=refusal,
        foresight=ask_foresight(classes, is_pair=True) if classes else (),
        is_over=bool(waves) and all(one.wave.status is WaveStatus.SEALED for one in waves),
    )
    return page, 422 if refusal else 200

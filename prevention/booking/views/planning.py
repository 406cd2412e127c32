"""Pages of the year planner, for the office: start, follow, look at, change and publish a plan."""

import uuid
from collections import defaultdict
from datetime import date, timedelta

from flask import flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.booking import office_lists, wording
from prevention.booking import plan_wording as words
from prevention.booking.plan_forms import MoveForm, SearchForm
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import PlanningStatus, PlanOutdated, PlanRefusal
from prevention.booking.plan_values import monday_of
from prevention.booking.service import plan_editing, plan_publishing, planning
from prevention.booking.service.agenda import booking_with_all
from prevention.booking.service.plan_times import moment_of
from prevention.booking.service.slots import facilitators_of
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.forms import choices
from prevention.core.web import clock_time, redirect_303
from prevention.programmes.rules import RoomNeed
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.rules import school_year_of

WEEK = timedelta(days=7)
SEEDS = 2**31 - 1


@bp.context_processor
def plan_words() -> dict[str, object]:
    """Give the templates the words of planning."""
    return {
        "run_status_words": words.RUN_STATUS,
        "run_tones": words.RUN_TONES,
        "run_problem_words": words.RUN_PROBLEM,
        "wait_reason_words": words.WAIT_REASON,
    }


@bp.route("/planning/", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def plans() -> ResponseReturnValue:
    """List the plans of the school year, and start one."""
    form, year = SearchForm(), school_year_of(clock.today())
    listing = office_lists.plans()
    file_format = lists.file_asked()
    if file_format is not None and not form.is_submitted():
        return lists.export(listing, planning.runs(year), file_format)
    if form.validate_on_submit():
        try:
            run = planning.start_planning(
                access.require_actor(),
                school_year=year,
                seconds=form.seconds.data,
                # Any number will do; it is kept, so that the search can be repeated.
                seed=uuid.uuid4().int % SEEDS,
                now=clock.now(),
                today=clock.today(),
            )
            return redirect_303("booking.plan", run_id=run.id)
        except PlanRefusal as refusal:
            form.form_errors.append(words.refusal(refusal))
    page = render_template(
        "booking/plans.html",
        form=form,
        school_year=year,
        waiting=planning.waiting_requests(year),
        listing=lists.shown(listing, planning.runs(year)),
    )
    return page, 422 if form.errors else 200


@bp.get("/planning/<uuid:run_id>/")
@access.roles(Role.OFFICE)
def plan(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show one plan: how far it is, or its week, those that wait with their reasons, and what can be done."""
    return _plan_page(planning.planning_run_for(access.require_actor(), run_id))


def _plan_page(run: PlanningRun, *, outdated: PlanOutdated | None = None) -> tuple[str, int]:
    is_over = run.status not in (PlanningStatus.QUEUED, PlanningStatus.RUNNING)
    everything = planning.planned_meetings(run) if is_over else ()
    weeks = sorted({monday_of(clock.day_of(meeting.starts_at)) for meeting in everything})
    week = _week_asked(weeks)
    facilitator, school = request.args.get("facilitator", ""), request.args.get("school", "")
    shown = [
        meeting
        for meeting in everything
        if (facilitator or school or monday_of(clock.day_of(meeting.starts_at)) == week)
        and (not facilitator or str(meeting.facilitator_id) == facilitator)
        and (not school or str(meeting.booking.school_class.site.institute_id) == school)
    ]
    page = render_template(
        "booking/plan.html",
        run=run,
        progress=_progress(run),
        search=SearchForm(),
        weeks=weeks,
        week=week,
        days=_by_day(shown, week if not (facilitator or school) else None),
        chosen={"facilitator": facilitator, "school": school},
        people=sorted({(str(each.facilitator_id), each.facilitator.name) for each in everything}, key=lambda p: p[1]),
        schools=sorted(
            {
                (
                    str(each.booking.school_class.site.institute_id),
                    each.booking.school_class.site.institute.display_name,
                )
                for each in everything
            },
            key=lambda pair: pair[1],
        ),
        unplaced=planning.unplaced_requests(run) if is_over else (),
        outdated=_named(outdated) if outdated else [],
        locked=sum(meeting.is_locked for meeting in everything),
    )
    return page, 422 if outdated else 200


def _week_asked(weeks: list[date]) -> date | None:
    try:
        asked = monday_of(date.fromisoformat(request.args.get("week", "")))
    except ValueError:
        asked = None
    return asked if asked in weeks else (weeks[0] if weeks else None)


def _by_day(meetings: list[PlannedMeeting], week: date | None) -> list[tuple[date, list[PlannedMeeting]]]:
    """Give the days with their meetings; all six days of a week where one is shown, so that dates can go there."""
    found: dict[date, list[PlannedMeeting]] = defaultdict(list)
    if week is not None:
        for offset in range(6):
            found[week + timedelta(days=offset)] = []
    for meeting in meetings:
        found[clock.day_of(meeting.starts_at)].append(meeting)
    return sorted(found.items())


def _named(outdated: PlanOutdated) -> list[tuple[str, str]]:
    """Name the requests that no longer fit, with why."""
    why: dict[uuid.UUID, list[object]] = defaultdict(list)
    for finding in outdated.findings:
        if finding.fault not in why[finding.request]:
            why[finding.request].append(finding.fault)
    found = []
    for key, faults in why.items():
        booking = booking_with_all(key)
        found.append((f"{booking.school_class.label}, {booking.school_class.site.display_name}", words.faults(faults)))
    return sorted(found)


@bp.get("/planning/<uuid:run_id>/progress")
@access.roles(Role.OFFICE)
def plan_progress(run_id: uuid.UUID) -> ResponseReturnValue:
    """Say how far a search is, as JSON, for the script of its page."""
    return jsonify(_progress(planning.planning_run_for(access.require_actor(), run_id)))


def _progress(run: PlanningRun) -> dict[str, object]:
    step = _("%(placed)s of %(asked)s requests have their dates", placed=run.placed, asked=run.asked)
    if run.status is PlanningStatus.QUEUED:
        step = str(words.RUN_STATUS[run.status])
    return {
        "done": run.progress,
        "step": step,
        "left": _("It stops as soon as the next step is done.") if run.wants_stop else "",
        "is_over": run.status not in (PlanningStatus.QUEUED, PlanningStatus.RUNNING),
    }


@bp.post("/planning/<uuid:run_id>/stop")
@access.roles(Role.OFFICE)
def stop_plan(run_id: uuid.UUID) -> ResponseReturnValue:
    """Stop a search; the best plan so far is kept."""
    actor = access.require_actor()
    planning.stop_planning(actor, planning.planning_run_for(actor, run_id))
    return redirect_303("booking.plan", run_id=run_id)


@bp.post("/planning/<uuid:run_id>/again")
@access.roles(Role.OFFICE)
def plan_again(run_id: uuid.UUID) -> ResponseReturnValue:
    """Search again from the plan that is there."""
    actor = access.require_actor()
    run = planning.planning_run_for(actor, run_id)
    form = SearchForm()
    if not form.validate_on_submit():
        flash(_("Choose how long to search."), "danger")
        return _plan_page(run)[0], 422
    try:
        planning.plan_again(actor, run, seconds=form.seconds.data, now=clock.now(), today=clock.today())
    except PlanRefusal as refusal:
        flash(words.refusal(refusal), "danger")
    return redirect_303("booking.plan", run_id=run_id)


@bp.post("/planning/<uuid:run_id>/publish")
@access.roles(Role.OFFICE)
def publish_plan(run_id: uuid.UUID) -> ResponseReturnValue:
    """Turn the whole plan into bookings, or say what stands in the way."""
    actor = access.require_actor()
    run = planning.planning_run_for(actor, run_id)
    try:
        count = plan_publishing.publish_plan(actor, run, now=clock.now())
    except PlanOutdated as refusal:
        return _plan_page(planning.planning_run_for(actor, run_id), outdated=refusal)
    except PlanRefusal as refusal:
        flash(words.refusal(refusal), "danger")
        return _plan_page(planning.planning_run_for(actor, run_id))[0], 422
    flash(
        ngettext(
            "%(num)d class has its dates. Everybody concerned gets a mail with the calendar entries.",
            "%(num)d classes have their dates. Everybody concerned gets a mail with the calendar entries.",
            count,
        ),
        "success",
    )
    return redirect_303("booking.plan", run_id=run_id)


@bp.post("/planning/<uuid:run_id>/meetings/<uuid:meeting_id>/lock")
@access.roles(Role.OFFICE)
def lock_planned(run_id: uuid.UUID, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Lock a date where it is, or let it go (field `locked`: 1 or 0)."""
    actor = access.require_actor()
    run = planning.planning_run_for(actor, run_id)
    row = plan_editing.planned_meeting_for(run, meeting_id)
    try:
        plan_editing.set_lock(actor, run, row, is_locked=request.form.get("locked") == "1")
    except PlanRefusal as refusal:
        flash(words.refusal(refusal), "danger")
    return _back_to(run, row)


@bp.route("/planning/<uuid:run_id>/meetings/<uuid:meeting_id>/move", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def move_planned(run_id: uuid.UUID, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Put a date somewhere else; dragging it to a day opens this page with the day filled in."""
    actor = access.require_actor()
    run = planning.planning_run_for(actor, run_id)
    row = plan_editing.planned_meeting_for(run, meeting_id)
    form = _move_form(run, row)
    if form.validate_on_submit() and form.day.data is not None:
        try:
            bent = plan_editing.move(
                actor,
                run,
                row,
                day=form.day.data,
                starts=form.starts.data,
                facilitator_id=uuid.UUID(form.facilitator_id.data),
                room_id=uuid.UUID(form.room_id.data) if form.room_id.data else None,
            )
        except PlanRefusal as refusal:
            form.form_errors.append(words.refusal(refusal))
        else:
            flash(_("The date was moved and locked. Plan again to let the other dates follow."), "success")
            if bent:
                flash(_("You decided so although %(why)s.", why=words.faults(bent)), "warning")
            return _back_to(run, row)
    page = render_template("booking/move_planned.html", run=run, meeting=row, form=form)
    return page, 422 if form.errors else 200


def _move_form(run: PlanningRun, row: PlannedMeeting) -> MoveForm:
    form = MoveForm()
    lessons = plan_editing.lesson_times(run, row)
    day = clock.day_of(row.starts_at)
    local = row.starts_at.astimezone(clock.ROME)
    times = sorted({time for on_day in lessons.values() for time in on_day} | {_time_of(row)})
    form.starts.choices = choices(
        {
            starts: f"{clock_time(moment_of(day, starts))}–{clock_time(moment_of(day, ends))}"
            for starts, ends in dict(times).items()
        }
    )
    people = facilitators_of(row.booking.edition)
    form.facilitator_id.choices = choices({str(person.id): person.name for person in people})
    form.room_id.choices = choices(_rooms_to_choose(row))
    if request.method == "GET":
        try:
            form.day.data = date.fromisoformat(request.args.get("day", ""))
        except ValueError:
            form.day.data = day
        form.starts.data = local.hour * 60 + local.minute
        form.facilitator_id.data = str(row.facilitator_id)
    return form


def _rooms_to_choose(row: PlannedMeeting) -> dict[str, str]:
    is_needed = row.booking.edition.room_need is not RoomNeed.NONE
    rooms = schools.rooms_of([row.booking.school_class.site_id])
    first = _("The one it has, or another one that is free") if is_needed else _("The class's own classroom")
    return {"": first, **{str(room.id): wording.room(room) for room in rooms}}


def _time_of(row: PlannedMeeting) -> tuple[int, int]:
    starts, ends = row.starts_at.astimezone(clock.ROME), row.ends_at.astimezone(clock.ROME)
    return starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute


def _back_to(run: PlanningRun, row: PlannedMeeting) -> ResponseReturnValue:
    week = monday_of(clock.day_of(row.starts_at)).isoformat()
    return redirect_303("booking.plan", run_id=run.id, week=week, _anchor=f"meeting-{row.id}")

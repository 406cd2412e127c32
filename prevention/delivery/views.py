"""Pages of what happened: the list of registers, one register, and the coverage of a school year."""

import uuid
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, Response, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import service as booking
from prevention.booking.models import BookingMeeting
from prevention.core import access, clock, lists
from prevention.core.i18n import DEFAULT_LANGUAGE
from prevention.core.web import redirect_303
from prevention.delivery import forms, rules, service, sheets, wording
from prevention.delivery import lists as register_lists
from prevention.delivery.certificate import NothingHeld, write_certificate
from prevention.delivery.coverage import school_years, year_activity
from prevention.delivery.coverage.choosing import CoverageFilter, chosen_schools
from prevention.delivery.forms import RegisterForm
from prevention.delivery.models import SessionRegister
from prevention.delivery.service import Shelf
from prevention.roles import Role
from prevention.schools.rules import Level, school_year_label, school_year_of

Choice = TypeVar("Choice", bound=StrEnum)

bp = Blueprint("delivery", __name__)

CARDS_PER_PAGE = 12


@bp.app_template_filter("outcome_words")
def outcome_words(outcome: rules.Outcome) -> str:
    """Say what became of a meeting."""
    return str(wording.OUTCOMES[outcome])


@bp.app_template_filter("outcome_tone")
def outcome_tone(outcome: rules.Outcome) -> str:
    """Give the tone of an outcome's badge."""
    return wording.OUTCOME_TONES[outcome]


@bp.get("/registers")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def registers() -> ResponseReturnValue:
    """List the meetings that want a register, those ahead, and those registered; one shelf at a time."""
    actor, now = access.require_actor(), clock.now()
    shelf = _asked(Shelf, "show", Shelf.DUE)
    listing, query = register_lists.registers(shelf), service.shelf_lines(actor, shelf, now=now)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    shown = lists.shown(listing, query, per_page=CARDS_PER_PAGE)
    return render_template(
        "delivery/registers.html",
        listing=shown,
        lines=[service.line_of(row, now=now) for row in shown.rows],
        shelf=shelf,
        counts=service.count_for(actor, now=now),
    )


@bp.route("/registers/<uuid:meeting_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def register(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Fill in, read or correct the register of one meeting."""
    actor = access.require_actor()
    meeting = service.meeting_for(actor, meeting_id)
    form = _form_of(meeting)
    if request.method == "GET":
        _fill(form, meeting)
    elif form.validate_on_submit():
        try:
            service.record(
                actor,
                meeting,
                form.entry(),
                now=clock.now(),
                submission_id=form.sent_id(),
                revision=form.corrected_revision(),
            )
            flash(_("The register was saved. Thank you."), "success")
            return redirect_303("delivery.registers")
        except rules.DeliveryRefusal as refusal:
            forms.explain(form, refusal)
    standing = service.register_of(meeting)
    return (
        render_template(
            "delivery/register.html",
            form=form,
            meeting=meeting,
            register=standing,
            is_waiting=service.is_waiting(meeting, standing),
            is_ahead=clock.now() < meeting.starts_at,
        ),
        422 if form.errors else 200,
    )


@bp.get("/registers/certificate/<uuid:booking_id>.pdf")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def certificate(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Certify the hours of a booking's class from its registers."""
    found = booking.booking_for(access.require_actor(), booking_id)
    try:
        content = write_certificate(found, language=DEFAULT_LANGUAGE, today=clock.today())
    except NothingHeld:
        flash(_("No meeting of this booking is registered as held yet."), "warning")
        return redirect_303("booking.booking_papers", booking_id=booking_id)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": 'inline; filename="certificate.pdf"'},
    )


def _form_of(meeting: BookingMeeting) -> RegisterForm:
    planned = meeting.programme_meeting
    activities = planned.activities if planned else []
    return forms.register_form((activity.id, activity.title.text()) for activity in activities)


def _fill(form: RegisterForm, meeting: BookingMeeting) -> None:
    standing: SessionRegister | None = service.register_of(meeting)
    if standing is not None and not service.is_waiting(meeting, standing):
        form.show(standing)
    else:
        planned = meeting.programme_meeting
        length = meeting.ends_at - meeting.starts_at
        form.propose(
            minutes=planned.minutes if planned else int(length.total_seconds() // 60),
            pupils=meeting.booking.pupils,
            has_facilitator=meeting.facilitator is not None,
            is_begun=meeting.starts_at <= clock.now(),
        )
    form.stamp(revision=standing.revision if standing else None)


@bp.get("/coverage")
@access.roles(Role.OFFICE)
def coverage() -> ResponseReturnValue:
    """Show dose, fidelity and coverage of a school year: by programme, by school or by municipality."""
    this_year = school_year_of(clock.today())
    activity = year_activity(_asked_year(this_year), today=clock.today())
    wanted = _wanted()
    years = sorted({this_year, activity.school_year, *school_years()}, reverse=True)
    return render_template(
        "delivery/coverage.html",
        activity=activity,
        schools=chosen_schools(activity, wanted),
        wanted=wanted,
        show=_asked(sheets.Sheet, "show", sheets.Sheet.PROGRAMMES),
        years=[(year, school_year_label(year)) for year in years],
        places=[("", _("All")), *((place.istat_code, place.name) for place in activity.municipalities)],
        tracks=wording.TRACKS,
    )


@bp.get("/coverage/<sheet>.csv")
@access.roles(Role.OFFICE)
def coverage_csv(sheet: str) -> ResponseReturnValue:
    """Hand out one table of the coverage page as a spreadsheet, with the page's filters."""
    if sheet not in list(sheets.Sheet):
        abort(404)
    activity = year_activity(_asked_year(school_year_of(clock.today())), today=clock.today())
    text = sheets.write(sheets.Sheet(sheet), activity, chosen_schools(activity, _wanted()))
    name = f"{sheet}-{activity.school_year}.csv"
    return Response(
        text.encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked_year(this_year: int) -> int:
    """Read the school year of the query; anything that is none becomes this year."""
    asked = request.args.get("year", type=int)
    return asked if asked is not None and 2000 <= asked <= this_year + 1 else this_year


def _wanted() -> CoverageFilter:
    level = request.args.get("level", "")
    return CoverageFilter(
        level=Level(level) if level in list(Level) else None,
        istat_code=request.args.get("municipality", ""),
        only_missed=request.args.get("reached") == "no",
    )


def _asked(choices: type[Choice], name: str, otherwise: Choice) -> Choice:
    """Read one of a fixed set of values from the query; anything else becomes `otherwise`."""
    given = request.args.get(name, "")
    return choices(given) if given in list(choices) else otherwise

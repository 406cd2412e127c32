"""Pages of the calendar: a month, a week or a list of dates; feeds to subscribe to, and the address of each."""

import uuid
from collections import defaultdict
from datetime import date

from flask import Response, abort, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import calendar_lists, service
from prevention.booking.rules import CalendarView, FeedKind, stretch_of
from prevention.booking.service import CalendarFilter
from prevention.booking.views.blueprint import calendar_bp as bp
from prevention.core import access, clock, lists
from prevention.core.web import leave_no_trace, redirect_303
from prevention.programmes import service as programmes
from prevention.roles import Role
from prevention.schools.rules import school_year_of

SHOWN_PER_DAY = 4
# What stays in the address when one turns to another page of the calendar.
KEPT = ("programme", "facilitator", "text", "off")


@bp.get("/")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def calendar() -> ResponseReturnValue:
    """Show the dates of a month, a week or the next weeks: a coordinator's school, a facilitator's, or all."""
    actor, today = access.require_actor(), clock.today()
    view, day, wanted = _view(), _day(today), _wanted()
    stretch = stretch_of(view, day)
    table = service.calendar_table(actor, stretch.first, stretch.last, wanted=wanted)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(calendar_lists.dates(), table, file_format)
    dates = []
    if stretch.weeks:
        dates = service.calendar_dates(actor, stretch.weeks[0][0], stretch.weeks[-1][-1], wanted=wanted)
    listing = lists.shown(calendar_lists.dates(), table)
    by_day = defaultdict(list)
    for each in dates:
        by_day[each.starts_at.date()].append(each)
    return render_template(
        "booking/calendar.html",
        view=view,
        day=day,
        stretch=stretch,
        by_day=by_day,
        shown_per_day=SHOWN_PER_DAY,
        closures=service.calendar_closures(actor, stretch.first, stretch.last),
        listing=listing,
        next_day=None if listing.rows else service.next_day_with_dates(actor, stretch.last, wanted=wanted),
        wanted=wanted,
        programmes=programmes.editions_of_year(school_year_of(day)),
        facilitators=service.leading_facilitators(actor),
        kept={name: value for name, value in request.args.items() if name in KEPT and value},
    )


@bp.get("/feeds")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def feeds() -> ResponseReturnValue:
    """Show the feeds that a person may subscribe to, with their secret addresses."""
    actor = access.require_actor()
    return render_template(
        "booking/feeds.html",
        feeds=service.feeds_for(actor),
        others=service.all_feeds() if actor.sees_all else [],
        base_url=current_app.config["SETTINGS"].base_url,
    )


@bp.post("/feeds/<kind>/<uuid:subject_id>/renew")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def renew_feed(kind: str, subject_id: uuid.UUID) -> ResponseReturnValue:
    """Give a feed a new address; the old one is dead at once."""
    if kind not in set(FeedKind):
        abort(404)
    service.renew_feed(access.require_actor(), FeedKind(kind), subject_id, now=clock.now())
    flash(_("There is a new address. If there was one before, it no longer works."), "success")
    return redirect_303("calendar.feeds")


@bp.get("/feed/<token>.ics")
@access.public
def feed(token: str) -> ResponseReturnValue:
    """Hand a feed out to whoever knows its secret address; a calendar program has no session and no sign-in.

    Only the ETag decides whether there is something new: a date that another facilitator took over leaves a feed
    without any later date of change in it, so If-Modified-Since would hide that.
    """
    leave_no_trace()
    now = clock.now()
    content = service.content_of(token, now=now)
    if request.if_none_match.contains(content.etag):
        response = Response(status=304)
    else:
        response = Response(content.write(now), mimetype="text/calendar")
        response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response.set_etag(content.etag)
    response.last_modified = content.changed_at
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _view() -> CalendarView:
    asked = request.args.get("view", "")
    return CalendarView(asked) if asked in set(CalendarView) else CalendarView.MONTH


def _day(today: date) -> date:
    """Read the day of the query; anything that is none becomes today."""
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if 2000 <= asked.year <= today.year + 10 else today


def _wanted() -> CalendarFilter:
    return CalendarFilter(
        programme=request.args.get("programme", "")[:80],
        facilitator_id=request.args.get("facilitator", type=uuid.UUID),
        text=request.args.get("text", "").strip()[:80],
        with_off=request.args.get("off") == "yes",
    )

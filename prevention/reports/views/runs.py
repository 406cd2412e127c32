"""Pages of the office: the reports made so far, asking for one, following it, taking the PDF."""

import uuid

from flask import Response, jsonify, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.files import attachment_headers
from prevention.core.web import paginate, redirect_303
from prevention.reports import closing, edition_reading, service, wording
from prevention.reports.edition_rules import Missing, YearNotClosed
from prevention.reports.forms import ReportForm
from prevention.reports.models import ReportRun
from prevention.reports.rules import RunStatus, YearNotOffered, time_left, years_offered
from prevention.reports.views.blueprint import bp
from prevention.roles import Role
from prevention.schools.rules import school_year_label


@bp.get("/")
@access.roles(Role.OFFICE)
def runs() -> ResponseReturnValue:
    """List the reports made, being made and failed, newest first."""
    return render_template("reports/runs.html", page=paginate(service.runs()), editions=edition_reading.newest())


@bp.route("/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def request_report() -> ResponseReturnValue:
    """Ask for the yearly report of a school year."""
    form = ReportForm()
    form.school_year.choices = [(year, school_year_label(year)) for year in years_offered(clock.today())]
    missing = Missing()
    if not form.is_submitted():
        form.school_year.data = closing.newest_over(clock.today())
    if form.validate_on_submit():
        try:
            run = service.request_report(
                access.require_actor(),
                school_year=form.school_year.data,
                language=form.language.data,
                now=clock.now(),
                today=clock.today(),
                accepted=form.accepted.data or 0,
            )
            return redirect_303("reports.run", run_id=run.id)
        except YearNotOffered as refusal:
            label = school_year_label(refusal.school_year)
            form.form_errors.append(_("There is no report for the school year %(year)s.", year=label))
        except YearNotClosed as refusal:
            missing = refusal.missing
            form.form_errors.append(wording.refusal_words(refusal))
            # Registers that can no longer be had: they are accepted by asking once more.
            is_acceptable = not missing.but_for_registers(missing.registers)
            form.accepted.raw_data = None
            form.accepted.process_data(missing.registers if is_acceptable else None)
    page = render_template("reports/request_report.html", form=form, missing=missing)
    return page, 422 if form.errors else 200


@bp.get("/<uuid:run_id>/")
@access.roles(Role.OFFICE)
def run(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show one report: how far it is, or where to take it."""
    found = service.run_for(access.require_actor(), run_id)
    return render_template("reports/run.html", run=found, progress=_progress(found), problems=wording.PROBLEMS)


@bp.get("/<uuid:run_id>/progress")
@access.roles(Role.OFFICE)
def progress(run_id: uuid.UUID) -> ResponseReturnValue:
    """Say how far a report is, as JSON, for the script of its page."""
    return jsonify(_progress(service.run_for(access.require_actor(), run_id)))


@bp.get("/<uuid:run_id>/pdf")
@access.roles(Role.OFFICE)
def pdf(run_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the PDF of a finished report over."""
    found = service.run_for(access.require_actor(), run_id)
    response: Response = send_file(
        service.file_of(found), mimetype="application/pdf", etag=found.file_sha256 or False, conditional=True
    )
    response.headers.update(attachment_headers(found.file_name or "report.pdf"))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _progress(found: ReportRun) -> dict[str, object]:
    """Give what both the page and its script show: hundredths done, words, and whether it is over."""
    left = None
    if found.status is RunStatus.RUNNING and found.started_at is not None:
        left = time_left(found.progress, started_at=found.started_at, now=clock.now())
    return {
        "done": found.progress,
        "step": str(wording.STEPS[found.step]),
        "left": wording.time_left_words(left),
        "is_over": found.status in (RunStatus.DONE, RunStatus.FAILED),
    }

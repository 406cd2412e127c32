"""Pages of the office: an edition of the yearly report from its draft to its publication."""

import uuid
from collections.abc import Callable

from flask import flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.i18n import LANGUAGES
from prevention.core.web import redirect_303
from prevention.reports import edition_papers, edition_reading, editions, letters, wording
from prevention.reports.edition_rules import BuildState, EditionRefused, EditionState, TextsChanged
from prevention.reports.forms import ActForm, EditionForm, TextsForm
from prevention.reports.models import ReportEdition
from prevention.reports.papers import scope_names
from prevention.reports.rules import YearNotOffered, time_left_of, years_offered
from prevention.reports.views.blueprint import bp
from prevention.reports.views.twin import twin_page
from prevention.roles import Role
from prevention.schools.rules import school_year_label


@bp.route("/editions/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_edition() -> ResponseReturnValue:
    """Begin an edition of a school year's report."""
    form = EditionForm()
    form.school_year.choices = [(year, school_year_label(year)) for year in years_offered(clock.today())]
    if form.validate_on_submit():
        try:
            made = editions.begin(
                access.require_actor(), school_year=form.school_year.data, now=clock.now(), today=clock.today()
            )
            return redirect_303("reports.edition", edition_id=made.id)
        except YearNotOffered as refusal:
            label = school_year_label(refusal.school_year)
            form.form_errors.append(_("There is no report for the school year %(year)s.", year=label))
        except EditionRefused as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    return render_template("reports/new_edition.html", form=form), 422 if form.errors else 200


@bp.get("/editions/<uuid:edition_id>/")
@access.roles(Role.OFFICE)
def edition(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Show an edition: what it lacks, what can be done with it, its papers."""
    return _page(edition_reading.edition_for(access.require_actor(), edition_id), ActForm(formdata=None))


@bp.get("/editions/<uuid:edition_id>/progress")
@access.roles(Role.OFFICE)
def edition_progress(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Say how far the papers of an edition are, as JSON, for the script of its page."""
    return jsonify(_progress(edition_reading.edition_for(access.require_actor(), edition_id)))


@bp.route("/editions/<uuid:edition_id>/texts", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edition_texts(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Write the office's own texts; the page's script saves them while one writes."""
    actor = access.require_actor()
    found = edition_reading.edition_for(actor, edition_id)
    if request.method == "GET" and found.state is not EditionState.DRAFT:
        flash(
            _("Only the texts of a draft can be written: have the edition given back, or begin a new one."), "warning"
        )
        return redirect_303("reports.edition", edition_id=found.id)
    form = TextsForm(data=_texts_data(found))
    is_script = request.accept_mimetypes.best == "application/json"
    if form.validate_on_submit():
        try:
            version = editions.save_texts(
                actor, found, form.texts(), changes=form.changes(), version=form.version.data or 0
            )
        except EditionRefused as refusal:
            words = wording.refusal_words(refusal)
            if is_script:
                return jsonify({"refused": words}), 409
            form.form_errors.append(words)
            return _texts_page(found, form), 409 if isinstance(refusal, TextsChanged) else 422
        if is_script:
            return jsonify({"version": version, "words": _("Saved.")})
        flash(_("The texts are saved."), "success")
        return redirect_303("reports.edition", edition_id=found.id)
    if form.errors and is_script:
        return jsonify({"refused": "; ".join(words for _field, words in form.errors_by_field())}), 422
    return _texts_page(found, form), 422 if form.errors else 200


@bp.get("/editions/<uuid:edition_id>/preview")
@access.roles(Role.OFFICE)
def edition_preview(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Show the report as its web page will be."""
    found = edition_reading.edition_for(access.require_actor(), edition_id)
    return twin_page(found, is_preview=True)


@bp.post("/editions/<uuid:edition_id>/<any(collect, send, send_back, sign, take_back, stop, go_on, publish):act>")
@access.roles(Role.OFFICE)
def edition_act(edition_id: uuid.UUID, act: str) -> ResponseReturnValue:
    """Do one act on an edition."""
    found = edition_reading.edition_for(access.require_actor(), edition_id)
    form = ActForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        _ACTS[act](found, form)
    except EditionRefused as refusal:
        form.form_errors.append(wording.refusal_words(refusal))
        return _page(found, form), 422
    flash(wording.DONE[act], "success")
    return redirect_303("reports.edition", edition_id=found.id)


def _collect(found: ReportEdition, _form: ActForm) -> None:
    editions.collect_again(access.require_actor(), found, now=clock.now(), today=clock.today())


def _send(found: ReportEdition, form: ActForm) -> None:
    accepted = form.accepted.data or 0
    editions.send_to_review(access.require_actor(), found, now=clock.now(), today=clock.today(), accepted=accepted)


def _sign(found: ReportEdition, form: ActForm) -> None:
    accepted = form.accepted.data or 0
    editions.sign(access.require_actor(), found, now=clock.now(), today=clock.today(), accepted=accepted)


def _publish(found: ReportEdition, _form: ActForm) -> None:
    editions.publish(access.require_actor(), found, now=clock.now())
    letters.tell_published(found)


_ACTS: dict[str, Callable[[ReportEdition, ActForm], None]] = {
    "collect": _collect,
    "send": _send,
    "send_back": lambda found, form: editions.send_back(access.require_actor(), found, note=form.note.data or ""),
    "sign": _sign,
    "take_back": lambda found, form: editions.take_back(access.require_actor(), found, note=form.note.data or ""),
    "stop": lambda found, _form: edition_papers.stop_building(access.require_actor(), found),
    "go_on": lambda found, _form: edition_papers.go_on_building(access.require_actor(), found),
    "publish": _publish,
}


def _page(found: ReportEdition, form: ActForm) -> str:
    today = clock.today()
    is_open = found.state in (EditionState.DRAFT, EditionState.IN_REVIEW)
    texts = edition_reading.texts_of(found)
    missing = edition_reading.missing(found, today=today)
    return render_template(
        "reports/edition.html",
        edition=found,
        form=form,
        missing=wording.missing_words(missing) if is_open else [],
        is_blocked=missing.but_for_registers(missing.registers),
        registers=missing.registers,
        written={language: bool(texts[language].conclusions) for language in LANGUAGES},
        is_author=access.require_actor().id in (found.created_by, found.sent_by),
        papers=[] if is_open else edition_papers.papers(found.id),
        names={} if is_open else scope_names(edition_reading.figures_of(found)),
        progress=_progress(found),
    )


def _texts_page(found: ReportEdition, form: TextsForm) -> str:
    return render_template("reports/edition_texts.html", edition=found, form=form)


def _texts_data(found: ReportEdition) -> dict[str, object]:
    data: dict[str, object] = {"version": found.texts_version}
    for language, texts in edition_reading.texts_of(found).items():
        for part in ("conclusions", "plan", "changes"):
            data[f"{part}_{language}"] = getattr(texts, part)
    return data


def _progress(found: ReportEdition) -> dict[str, object]:
    """Give what the page and its script show: hundredths done, words, and whether it is over."""
    made = edition_papers.count_papers(found.id)
    done = 100 * made // found.papers_wanted if found.papers_wanted else 0
    left = None
    if found.build is BuildState.BUILDING and found.build_began_at is not None:
        left = time_left_of(
            made, found.papers_wanted, before=found.papers_before, started_at=found.build_began_at, now=clock.now()
        )
    return {
        "done": done,
        "step": _("%(made)s of %(wanted)s papers", made=made, wanted=found.papers_wanted),
        "left": wording.time_left_words(left),
        "is_over": found.build not in (BuildState.WAITING, BuildState.BUILDING),
    }

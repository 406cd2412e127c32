"""The office's pages of sealed surveys: what came out of one, one more table, a correction."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, lists, web
from prevention.indicators import corrections, seal_desk, seal_words, wishes
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import LOCKED, MEASURED
from prevention.indicators.corrections import Wanted
from prevention.indicators.forms import PUBLISH, CorrectionForm, WishForm
from prevention.indicators.populations import KINDS
from prevention.indicators.published import Dimension
from prevention.indicators.rules import AlreadyCorrected, NothingToCorrect, SomebodyReleased, TableRefused
from prevention.indicators.seal_desk import SealedSurvey
from prevention.indicators.seal_lists import ledger_listing
from prevention.indicators.table_words import dimension_title
from prevention.indicators.wishes import OFFERED, Wish
from prevention.roles import Role
from prevention.schools.rules import school_year_label

bp = Blueprint("seals", __name__, url_prefix="/figures/seals")

_SWITCHABLE = tuple(rule for rule in MEASURED if rule not in LOCKED)


@bp.get("/")
@access.roles(Role.OFFICE)
def surveys() -> ResponseReturnValue:
    """List the sealed surveys, the newest first."""
    return render_template(
        "indicators/seals.html",
        lines=seal_desk.surveys_for(access.require_actor()),
        year_label=school_year_label,
    )


@bp.get("/<uuid:wave_id>")
@access.roles(Role.OFFICE)
def survey(wave_id: UUID) -> ResponseReturnValue:
    """Show a sealed survey: its seals, what came out of it and for whom, what was refused.

    Query parameters: ``whom``, ``table``, ``kind``, ``sort``, ``page`` of the ledger; ``format`` (a file of it).
    """
    found = seal_desk.survey_for(access.require_actor(), wave_id)
    listing, query = ledger_listing(found.places), seal_desk.ledger_of(wave_id)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "indicators/seal.html",
        survey=found,
        ledger=lists.shown(listing, query),
        taken=seal_desk.trail_of(wave_id, research=True),
        tests=seal_desk.trail_of(wave_id, research=False),
        words=seal_words,
        indicator_name=seal_desk.indicator_name,
        selection_words=seal_desk.selection_words,
        dimension_title=lambda value: dimension_title(Dimension(value)),
        year_label=school_year_label(found.now.school_year),
    )


@bp.route("/<uuid:wave_id>/correct", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def correct(wave_id: UUID) -> ResponseReturnValue:
    """Ask for a correction: rules on or off, a school that withdraws. The jobs process carries it out."""
    actor = access.require_actor()
    found = seal_desk.survey_for(actor, wave_id)
    form = _correction_form(found)
    if not form.validate_on_submit():
        return _correction_page(found, form), 422 if form.is_submitted() else 200
    try:
        if form.seal.data != str(found.now.id):
            raise AlreadyCorrected
        corrections.ask_correction(actor, found.now, _wanted(found, form), today=clock.today())
    except AlreadyCorrected:
        form.form_errors.append(_("This seal was corrected meanwhile, or is about to be. Load the page anew."))
        return _correction_page(found, form), 422
    except NothingToCorrect:
        form.form_errors.append(_("This would change nothing: nobody of that school and year is in the file."))
        return _correction_page(found, form), 422
    flash(_("The correction is asked for. It is carried out within minutes; until then the figures stay."), "success")
    return web.redirect_303("seals.survey", wave_id=wave_id)


def _correction_form(found: SealedSurvey) -> CorrectionForm:
    places = seal_desk.places_in(found.now, found.places)
    discards = found.steps[-1].population.discards
    form = CorrectionForm(
        formdata=request.form if request.method == "POST" else None,
        seal=str(found.now.id),
        rules=[str(rule) for rule in _SWITCHABLE if rule in discards],
    )
    form.rules.choices = [(str(rule), f"{rule} {seal_words.rule_name(rule)}") for rule in _SWITCHABLE]
    form.school.choices = [("", _("none")), *((code, f"{name} ({code})") for code, name in places.schools)]
    form.grades.choices = [(grade, str(grade)) for grade in places.grades]
    return form


def _wanted(found: SealedSurvey, form: CorrectionForm) -> Wanted:
    on = set(form.rules.data or ())
    before = found.steps[-1].population.discards
    # A rule that nobody can turn here stays as it is.
    off = [
        rule
        for rule in found.steps[-1].manifest.cleaning
        if rule.rule not in (on if rule.rule in _SWITCHABLE else before)
    ]
    withdrawn = [(form.school.data, grade) for grade in form.grades.data or [None]] if form.school.data else []
    return Wanted(rules_off=tuple(one.rule for one in off), withdrawn=tuple(withdrawn), reason=form.reason.data or "")


def _correction_page(found: SealedSurvey, form: CorrectionForm) -> str:
    return render_template(
        "indicators/correction.html",
        survey=found,
        form=form,
        withdrawn=[(found.places.get(code, code), grade) for code, grade in found.steps[-1].population.withdrawn],
    )


@bp.route("/<uuid:wave_id>/release", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def release(wave_id: UUID) -> ResponseReturnValue:
    """Test one more table against all that came out of the survey, and publish it if that is wished.

    The test reads and computes for a second or two; only what follows it holds a lock. Nobody sees a number here.
    """
    web.read_first()
    actor = access.require_actor()
    found = seal_desk.survey_for(actor, wave_id)
    if not found.is_of_district:
        # What comes out of a before and after is the result of the pair.
        raise access.NotYours
    form = _wish_form(found)
    if not form.validate_on_submit():
        return _wish_page(found, form), 422 if form.is_submitted() else 200
    wish = Wish(
        indicator_id=form.indicator.data,
        dimension=Dimension(form.dimension.data),
        selection=seal_desk.selection_of(form.parts()),
    )
    try:
        tested = wishes.tested_table(actor, found.now, wish, today=clock.today())
    except TableRefused as refusal:
        page = _wish_page(found, form, refused=seal_words.refusal_words(refusal))
        web.start_writing()
        wishes.note_test(actor, wave_id, wish, refusal)
        web.keep_writes()
        return page, 422
    web.start_writing()
    name = seal_words.table_words(tested.table)
    if form.act.data != PUBLISH:
        wishes.note_test(actor, wave_id, wish)
        flash(
            _("%(table)s: this table may come out. It gives nothing away beside what is published.", table=name),
            "success",
        )
        return web.redirect_303("seals.release", wave_id=wave_id, **_kept(form))
    try:
        wishes.enter_table(actor, tested, today=clock.today())
    except SomebodyReleased:
        form.form_errors.append(_("Something of this survey was published meanwhile. Send it once more."))
        return _wish_page(found, form), 422
    flash(_("%(table)s is published.", table=name), "success")
    return web.redirect_303("seals.survey", wave_id=wave_id, kind="wished")


def _kept(form: WishForm) -> dict[str, object]:
    return {"indicator": form.indicator.data, "dimension": form.dimension.data, **form.parts()}


def _wish_form(found: SealedSurvey) -> WishForm:
    """Make the form; on a GET with what stands in the address."""
    parts = seal_desk.places_in(found.now, found.places).parts
    asked = {
        **{kind: request.args.getlist(kind) for kind in KINDS},
        "indicator": request.args.get("indicator"),
        "dimension": request.args.get("dimension", str(Dimension.ALL)),
    }
    form = WishForm(formdata=request.form if request.method == "POST" else None, data=asked)
    known = catalogue().answerable(frozenset(found.now.manifest["wordings"]))
    form.indicator.choices = [(one.id, f"{one.id} {one.name.text()}") for one in known]
    form.dimension.choices = [(str(one), dimension_title(one)) for one in OFFERED]
    for kind, field in form.kinds().items():
        field.choices = [(key, words.text()) for key, words in parts.get(kind, ())]
    return form


def _wish_page(found: SealedSurvey, form: WishForm, *, refused: list[str] | None = None) -> str:
    return render_template(
        "indicators/wish.html",
        survey=found,
        form=form,
        kinds=[field for field in form.kinds().values() if field.choices],
        refused=refused,
    )

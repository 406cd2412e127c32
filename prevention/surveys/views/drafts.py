"""Pages on which the office writes a questionnaire: from the bank, in order, with routing; check, preview, publish."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.i18n import current_language
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.surveys import drafting, service, wording
from prevention.surveys.draft_forms import (
    BankForm,
    DraftForm,
    ItemForm,
    MoveForm,
    RevisionForm,
    RoutingForm,
    SectionForm,
    is_sayable,
)
from prevention.surveys.drafting import DraftRefused
from prevention.surveys.faults import BadDefinition, FaultKind
from prevention.surveys.models import QuestionnaireDraft
from prevention.surveys.questionnaire import built
from prevention.surveys.rules import Form, Kind
from prevention.surveys.views.blueprint import bp
from prevention.surveys.views.questionnaires import asked, pupils_page

# Numbers that a condition may name one by one; of longer ranges a condition is only kept, not offered.
MOST_NUMBERS = 21


@bp.route("/drafts/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_draft() -> ResponseReturnValue:
    """Begin a questionnaire, empty or as the next version of one that is there."""
    form = DraftForm(based_on=request.args.get("based_on", ""), code=request.args.get("based_on", ""))
    form.offer(service.offered_questionnaires())
    if form.validate_on_submit():
        try:
            row = service.begin_draft(
                access.require_actor(),
                code=form.code.data or "",
                title=form.title(),
                based_on=form.based_on.data or "",
                today=clock.today(),
            )
            return redirect_303("surveys.draft", draft_id=row.id)
        except DraftRefused as no:
            form.code.errors = [wording.draft_refusal(no)]
    return render_template("surveys/new_draft.html", form=form), 422 if form.errors else 200


@bp.get("/drafts/<uuid:draft_id>")
@access.roles(Role.OFFICE)
def draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft: its items in order, what is wrong with it, and what can be done."""
    return _page(service.draft_for(access.require_actor(), draft_id))


@bp.get("/drafts/<uuid:draft_id>/preview")
@access.roles(Role.OFFICE)
def preview_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft as a pupil will see it, with the licensed texts that are loaded."""
    row = service.draft_for(access.require_actor(), draft_id)
    definition = service.ready_definition(row, today=clock.today())
    if any(fault.kind is not FaultKind.MISSING_TRANSLATION for fault in drafting.faults_of(definition)):
        return _page(row, refusal=_("Mend what the check found first; then there is something to show."))
    language = request.args.get("language", current_language())
    if language not in definition["languages"]:
        language = definition["languages"][0]
    return pupils_page(built(definition), asked(Form, "form", Form.SENIOR), language)


@bp.post("/drafts/<uuid:draft_id>/items/<code>/move")
@access.roles(Role.OFFICE)
def move_item(draft_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Move an item one place up or down."""
    row, _item = _item_of(draft_id, code)
    form = MoveForm()
    if not form.validate_on_submit():
        return _page(row, refusal=_("Say whether up or down."))
    return _changed(row, drafting.moved(row.definition, code, by=form.by), form, at=code)


@bp.post("/drafts/<uuid:draft_id>/items/<code>/remove")
@access.roles(Role.OFFICE)
def remove_item(draft_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Take an item out of a draft; the bank keeps it."""
    row, _item = _item_of(draft_id, code)
    form = RevisionForm()
    if not form.validate_on_submit():
        return _page(row, refusal=wording.draft_refusal(DraftRefused(DraftRefused.CHANGED_MEANWHILE)))
    return _changed(row, drafting.without_item(row.definition, code), form)


@bp.post("/drafts/<uuid:draft_id>/sections")
@access.roles(Role.OFFICE)
def add_section(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Add a section."""
    row = service.draft_for(access.require_actor(), draft_id)
    form = SectionForm()
    if not form.validate_on_submit():
        return _page(row, section_form=form)
    title = {"it": form.section_it.data or "", "en": form.section_en.data or ""}
    return _changed(row, drafting.with_section(row.definition, title), form)


@bp.route("/drafts/<uuid:draft_id>/bank", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def bank(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Look through the item bank, and add an item to the draft."""
    row = service.draft_for(access.require_actor(), draft_id)
    form = BankForm()
    form.section.choices = _sections(row)
    refusal = ""
    if form.validate_on_submit():
        entry = service.bank_item(form.item.data or "").definition
        try:
            changed = drafting.with_bank_item(row.definition, entry, section=form.section.data)
            return _changed(row, changed, form, at=form.item.data or "")
        except DraftRefused as no:
            refusal = wording.draft_refusal(no)
    elif form.errors:
        refusal = _("Choose a question and a section.")
    words = request.args.get("words", "")
    taken = {item["code"].lower() for item in row.definition["items"]}
    page = render_template(
        "surveys/bank.html", draft=row, form=form, refusal=refusal, words=words, taken=taken,
        sections=_sections(row), items=service.bank_items(words), types=wording.ITEM_TYPES, type_of=drafting.type_of,
    )  # fmt: skip
    return page, 422 if refusal else 200


@bp.route("/drafts/<uuid:draft_id>/items/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_item(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Write an item of one's own."""
    row = service.draft_for(access.require_actor(), draft_id)
    form = ItemForm(revision=row.revision)
    form.offer(dict(_sections(row)))
    if form.validate_on_submit():
        try:
            return _changed(row, drafting.with_new_item(row.definition, form.entry()), form, at=form.code.data or "")
        except DraftRefused as no:
            _explain(form, no)
    return _item_page(row, form, item=None)


@bp.route("/drafts/<uuid:draft_id>/items/<code>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def item(draft_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Change an item of a draft. The wording of an instrument is not ours to change."""
    row, found = _item_of(draft_id, code)
    if found.get("instrument"):
        raise NotYours(code)
    form = ItemForm(revision=row.revision)
    form.offer(dict(_sections(row)))
    if request.method == "GET":
        options = row.definition["option_sets"].get(found.get("options"), [])
        form.show(found, drafting.type_of(found), drafting.write_options(options, row.definition["languages"]))
    elif form.validate_on_submit():
        try:
            return _changed(row, drafting.with_changed_item(row.definition, code, form.entry()), form, at=code)
        except DraftRefused as no:
            _explain(form, no)
    return _item_page(row, form, item=found)


@bp.route("/drafts/<uuid:draft_id>/items/<code>/routing", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def routing(draft_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Say after which earlier answers an item is asked, and after which it is left out."""
    row, found = _item_of(draft_id, code)
    earlier = _earlier(row.definition, code)
    form = RoutingForm(revision=row.revision)
    if request.method == "GET":
        form.show(found)
    elif form.validate_on_submit():
        known = {one["code"]: [value for value, _words in values] for one, values in earlier}
        changed = drafting.with_routing(
            row.definition, code,
            asked_if=form.alternatives("asked", known), skipped_if=form.alternatives("skipped", known),
        )  # fmt: skip
        return _changed(row, changed, form, at=code)
    page = render_template(
        "surveys/routing.html", draft=row, form=form, item=found, earlier=earlier, is_sayable=is_sayable(found)
    )
    return page, 422 if form.errors else 200


@bp.post("/drafts/<uuid:draft_id>/publish")
@access.roles(Role.OFFICE)
def publish_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Freeze a draft as the next version; from here on nothing of it changes."""
    row = service.draft_for(access.require_actor(), draft_id)
    form = RevisionForm()
    if not form.validate_on_submit():
        return _page(row, refusal=wording.draft_refusal(DraftRefused(DraftRefused.CHANGED_MEANWHILE)))
    try:
        published = service.publish_draft(
            access.require_actor(), row, revision=form.revision.data or 0, today=clock.today()
        )
    except BadDefinition:
        return _page(row, refusal=_("The check below finds faults. Mend them, then publish."))
    except DraftRefused as no:
        return _page(row, refusal=wording.draft_refusal(no))
    flash(_("Version %(version)s is published and will not change any more.", version=published.version), "success")
    return redirect_303("surveys.questionnaire", questionnaire_id=published.id)


@bp.post("/drafts/<uuid:draft_id>/discard")
@access.roles(Role.OFFICE)
def discard_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    service.discard_draft(access.require_actor(), service.draft_for(access.require_actor(), draft_id))
    flash(_("The draft was thrown away."), "success")
    return redirect_303("surveys.questionnaires")


def _item_of(draft_id: uuid.UUID, code: str) -> tuple[QuestionnaireDraft, dict[str, Any]]:
    row = service.draft_for(access.require_actor(), draft_id)
    try:
        return row, drafting.item_of(row.definition, code)
    except KeyError:
        raise NotYours(code) from None


def _changed(row: QuestionnaireDraft, definition: Mapping[str, Any], form: Any, *, at: str = "") -> ResponseReturnValue:
    """Keep a changed definition and lead back to the place of the change, or say that somebody was faster."""
    text = str(form.revision.data or "")
    revision = int(text) if text.isdigit() else 0
    try:
        service.change_draft(access.require_actor(), row, definition, revision=revision, today=clock.today())
    except DraftRefused as no:
        return _page(row, refusal=wording.draft_refusal(no))
    return redirect_303("surveys.draft", draft_id=row.id, _anchor=f"item-{at}" if at else None)


def _page(
    row: QuestionnaireDraft, *, refusal: str = "", section_form: SectionForm | None = None
) -> ResponseReturnValue:
    ready = service.ready_definition(row, today=clock.today())
    faults = drafting.faults_of(ready)
    page = render_template(
        "surveys/draft.html",
        draft=row,
        definition=row.definition,
        refusal=refusal,
        faults=[(fault, wording.fault(fault)) for fault in faults],
        left_out=service.left_out(row),
        section_form=section_form or SectionForm(formdata=None, revision=row.revision),
        types=wording.ITEM_TYPES,
        type_of=drafting.type_of,
        languages=[OFFERED_LANGUAGES[one] for one in row.definition["languages"]],
        both_forms=Form,
        report=row.definition.get("import_report", []),
        outcomes=wording.OUTCOMES,
        why=wording.import_reason,
    )
    return page, 422 if refusal or (section_form is not None) else 200


def _item_page(row: QuestionnaireDraft, form: ItemForm, *, item: dict[str, Any] | None) -> ResponseReturnValue:
    page = render_template(
        "surveys/item.html", draft=row, form=form, item=item, back=url_for("surveys.draft", draft_id=row.id)
    )
    return page, 422 if form.errors else 200


def _explain(form: ItemForm, no: DraftRefused) -> None:
    field = {
        DraftRefused.CODE_TAKEN: form.code, DraftRefused.BAD_RANGE: form.maximum
    }.get(no.why, form.options)  # fmt: skip
    field.errors = [wording.draft_refusal(no)]


def _sections(row: QuestionnaireDraft) -> list[tuple[str, str]]:
    language = current_language()
    return [
        (one["code"], one["title"].get(language) or next(iter(one["title"].values()), one["code"]))
        for one in row.definition["sections"]
    ]


def _earlier(definition: Mapping[str, Any], code: str) -> list[tuple[dict[str, Any], list[tuple[str, str]]]]:
    """List the items before one, each with its answers as (code, words)."""
    language = current_language()
    found = []
    for one in definition["items"]:
        if one["code"] == code:
            break
        if one["kind"] == Kind.NUMBER:
            numbers = range(one["minimum"], one["maximum"] + 1)
            answers = [(str(number), str(number)) for number in numbers] if len(numbers) <= MOST_NUMBERS else []
        else:
            answers = [
                (option["code"], option.get(language) or option["code"])
                for option in definition["option_sets"].get(one.get("options"), [])
            ]
        if answers:
            found.append((one, answers))
    return found

"""Pages of agreements, acts of data protection, and their documents."""

import uuid

from flask import current_app, flash, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from prevention.core import access, clock, files, intake, lists, web
from prevention.core.access import NotYours
from prevention.core.intake import Upload
from prevention.core.web import redirect_303
from prevention.network import governance_wording as wording
from prevention.network import lists as network_lists
from prevention.network import service
from prevention.network.governance_forms import ActForm, AgreementForm, DocumentForm, file_of
from prevention.network.governance_models import DOCUMENT_SHELF, Agreement, Document
from prevention.network.governance_rules import DOCUMENT_REFUSALS, GovernanceRefusal, check_document, standing_on
from prevention.network.views.blueprint import bp
from prevention.roles import Role

READERS = (Role.OFFICE, Role.FACILITATOR, Role.PARTNER)


@bp.get("/network/agreements")
@access.roles(*READERS)
def agreements() -> ResponseReturnValue:
    """List the agreements that concern this person."""
    query = service.agreements_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.agreements(), query, file_format)
    listing = lists.shown(network_lists.agreements(), query)
    return render_template("network/agreements.html", listing=listing, words=wording, standing_on=standing_on)


@bp.route("/network/agreements/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_agreement() -> ResponseReturnValue:
    """Add an agreement."""
    return _agreement_form(None)


@bp.route("/network/agreements/<uuid:agreement_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_agreement(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Change an agreement."""
    return _agreement_form(service.agreement_for(access.require_actor(), agreement_id))


@bp.get("/network/agreements/<uuid:agreement_id>")
@access.roles(*READERS)
def agreement(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Show an agreement and its documents."""
    found = service.agreement_for(access.require_actor(), agreement_id)
    return _agreement_page(found, DocumentForm(formdata=None))


@bp.post("/network/agreements/<uuid:agreement_id>/documents")
@access.roles(Role.OFFICE)
def attach(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Add a document to an agreement."""
    actor = access.require_actor()
    web.read_first()
    found = service.agreement_for(actor, agreement_id)
    form = DocumentForm()
    given = file_of(form)
    if form.validate_on_submit() and given is not None:
        try:
            document = keep(given)
            service.attach(actor, service.agreement_for(actor, agreement_id), document)
            flash(_("The document was added."), "success")
            return redirect_303("network.agreement", agreement_id=agreement_id)
        except DOCUMENT_REFUSALS as no:
            form.file.errors = [wording.refusal_words(no)]
    return _agreement_page(found, form)


@bp.get("/network/acts")
@access.roles(*READERS)
def acts() -> ResponseReturnValue:
    """List the acts of data protection that bind this person's organisations."""
    query = service.acts_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.acts(), query, file_format)
    listing = lists.shown(network_lists.acts(), query)
    return render_template("network/acts.html", listing=listing, words=wording, standing_on=standing_on)


@bp.route("/network/acts/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_act() -> ResponseReturnValue:
    """Add a version of an act of data protection."""
    actor = access.require_actor()
    web.read_first()
    form = ActForm()
    form.offer(service.organisation_choices())
    if form.validate_on_submit():
        try:
            given = file_of(form)
            document = keep(given) if given else None
            if document is None:
                web.start_writing()
            service.add_act(actor, form.plan(), document)
            flash(_("The act was added. The version before it ends on the day before."), "success")
            return redirect_303("network.acts")
        except DOCUMENT_REFUSALS as no:
            form.form_errors.append(wording.refusal_words(no))
    page = render_template("network/act_form.html", form=form)
    return page, 422 if form.errors else 200


@bp.get("/network/documents/<uuid:document_id>")
@access.roles(*READERS)
def document(document_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a document out, to be saved."""
    return hand_out(service.document_for(access.require_actor(), document_id))


def hand_out(found: Document) -> ResponseReturnValue:
    """Send a document as an attachment that no browser shows or runs."""
    try:
        content = service.open_document(found)
    except FileNotFoundError as error:
        raise NotYours(found.id) from error
    response = send_file(content, mimetype=found.media_type)
    for name, value in files.attachment_headers(found.file_name).items():
        response.headers[name] = value
    response.call_on_close(content.close)
    return response


def keep(given: FileStorage) -> Document:
    """Take a file in, which lasts a moment, then begin the transaction that writes; see `web.read_first`.

    Raises:
        WrongDocument, IntakeRefusal: it was not kept.
    """
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    upload = Upload(stream=given.stream, file_name=given.filename or "")
    kept = intake.keep(upload, max_bytes=limit, shelf=DOCUMENT_SHELF, keeps_signed=True)
    check_document(kept.media_type)
    web.start_writing()
    return service.add_document(kept, now=clock.now())


def _agreement_form(found: Agreement | None) -> ResponseReturnValue:
    form = AgreementForm(obj=found)
    form.offer(service.organisation_choices())
    if request.method == "GET" and found is not None:
        form.party_ids.data = [str(each.id) for each in found.parties]
    if form.validate_on_submit():
        try:
            saved = service.save_agreement(access.require_actor(), found, form.plan())
            flash(_("The agreement was saved."), "success")
            return redirect_303("network.agreement", agreement_id=saved.id)
        except GovernanceRefusal as no:
            form.form_errors.append(wording.refusal_words(no))
    page = render_template("network/agreement_form.html", form=form, agreement=found)
    return page, 422 if form.errors else 200


def _agreement_page(found: Agreement, form: DocumentForm) -> ResponseReturnValue:
    page = render_template("network/agreement.html", agreement=found, form=form, words=wording, standing_on=standing_on)
    return page, 422 if form.errors else 200

"""The anonymous side: a code, the questions, the answers, help. Nothing here knows or asks who answers.

- No sign-in, no session, no cookie, and therefore no CSRF token: the code is itself the capability. Somebody
  else's page that made a pupil's browser post here could send nothing without a code, and with a code it
  needs no pupil.
- The code travels in the fragment of a QR address, which browsers do not send, and in the bodies of two
  posts; it is in no URL, no log and, once redeemed, in no page. Requests of this blueprint are not logged at
  all.
- An unusable code gives one and the same page, whatever is wrong with it.
- A submission is answered with its page directly instead of "see other": an address to return to would put
  one more line with a time into the log of a proxy.
"""

import secrets
import uuid
from collections.abc import Callable
from typing import cast

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from prevention.core import access, clock, web
from prevention.core.i18n import current_language
from prevention.network import service as network
from prevention.surveys import blind, interface, service
from prevention.surveys.codes import read_code
from prevention.surveys.express import ENTRY, HEADERS, LARGEST_SUBMISSION, SUBMISSION_BYTES, THANKS
from prevention.surveys.form_page import Shown, form_page
from prevention.surveys.kept_pages import kept
from prevention.surveys.packing import Page, pack, takes_gzip
from prevention.surveys.rules import (
    AnswerRefused,
    Answers,
    AssentMissing,
    Form,
    Questionnaire,
    check_answers,
    gives_assent,
    require_assent,
)
from prevention.surveys.service import Entry, Ticket
from prevention.surveys.wave_rules import CodeUnusable

# What the script calls the screen after the last question.
AT_THE_END = "end"

bp = Blueprint("answering", __name__, url_prefix="/s")
web.reads_own_forms(bp)


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.extensions["csrf"].exempt(bp)


@bp.before_request
def _take_no_note() -> None:
    web.leave_no_trace()
    web.read_first()
    request.max_content_length = LARGEST_SUBMISSION
    asked = request.args.get("language") if request.method == "GET" else _posted_language()
    interface.speak(asked)


@bp.after_request
def _set_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if response.mimetype == "text/html" and takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(pack(response.get_data()))
        response.content_encoding = "gzip"
    return response


@bp.get("/")
@access.public
def entry() -> ResponseReturnValue:
    """Show the field for a code. A code in the address's fragment is put in by the page's script."""
    return _entry_page()


@bp.post("/")
@access.public
def open_form() -> ResponseReturnValue:
    """Open the form behind a code, or show it again in another language with what was filled in."""
    typed = request.form.get("code", "")
    if "submission" not in request.form and request.form.get("switch"):
        return _entry_page(typed=typed)
    try:
        opened = service.enter(typed, clock.now())
        if opened.is_spent:
            raise CodeUnusable
    except CodeUnusable as no:
        return _unusable_page(no)
    if "submission" not in request.form:
        return _form_page(opened, Shown(code=_tidy(typed), submission=secrets.token_urlsafe(SUBMISSION_BYTES)))
    return _form_page(opened, _shown_again(service.questionnaire_of(opened), at=request.form.get("at", "")))


@bp.post("/answers")
@access.public
def send_answers() -> ResponseReturnValue:
    """Take the answers: spend the code and drop the ballot. The same page sent twice is thanked twice.

    Everything that takes time is done before the transaction that writes begins.
    """
    submission = request.form.get("submission", "")
    try:
        opened = service.enter(request.form.get("code", ""), clock.now())
        if service.is_spent_for_another_page(opened, submission):
            raise CodeUnusable
        return _take(opened, lambda answers: service.cast_ballot(opened, answers, submission=submission))
    except CodeUnusable as no:
        return _unusable_page(no)


@bp.post("/key")
@access.public
def give_key() -> ResponseReturnValue:
    """Give the public key by which the class of a code gets its credentials; drawn when the first one asks."""
    try:
        opened = service.enter(request.form.get("code", ""), clock.now())
        if opened.is_spent:
            raise CodeUnusable
    except CodeUnusable as no:
        return _no_credential(no)
    key = service.credential_key(opened)
    if key is None:
        drawn = blind.generate_key()
        web.start_writing()
        key = service.keep_credential_key(opened, drawn)
    return jsonify(mark=blind.as_text(blind.key_mark(key)), modulus=blind.as_text(blind.modulus(key)))


@bp.post("/credential")
@access.public
def sell_credential() -> ResponseReturnValue:
    """Spend a code and sign what the browser blinded; asked again for the same, the same signature."""
    try:
        blinded = _as_bytes("blinded")
        opened = service.enter(request.form.get("code", ""), clock.now())
        if service.is_sold_for_another(opened, blinded):
            raise CodeUnusable
        key = service.credential_key(opened)
        if key is None:
            raise CodeUnusable
        signature = blind.blind_sign(key, blinded)
        web.start_writing()
        service.sell_credential(opened, blinded)
    except CodeUnusable as no:
        return _no_credential(no)
    except blind.BadBlinding:
        return _no_credential(CodeUnusable())
    return jsonify(signature=blind.as_text(signature))


@bp.post("/ballot")
@access.public
def send_ballot() -> ResponseReturnValue:
    """Take the answers that come with a credential instead of a code; see `service.credentials`."""
    try:
        ticket = service.present(_as_bytes("key"), _as_bytes("credential"), _as_bytes("signature"), clock.now())
        return _take(ticket, lambda answers: service.cast_with_ticket(ticket, answers))
    except CodeUnusable as no:
        return _unusable_page(no)


@bp.get("/questions/<uuid:questionnaire_id>/<form>")
@access.public
def questions(questionnaire_id: uuid.UUID, form: str) -> ResponseReturnValue:
    """Show a form without a code, the same for everybody: the script takes another language from here."""
    if form not in set(Form):
        raise NotFound
    language = _language_for(questionnaire_id)
    questionnaire = service.questionnaire_in(questionnaire_id, language)
    return form_page(questionnaire_id, questionnaire, Form(form), Shown(code="", submission=""))


@bp.get("/privacy")
@access.public
def privacy() -> ResponseReturnValue:
    """Say in plain words what is sent, what is stored and what is not protected."""
    return render_template(
        "surveys/answering/privacy.html",
        help_lines=network.help_services(),
        languages=interface.spoken_languages(),
    )


@bp.errorhandler(LookupError)
def _show_nothing_there(_error: LookupError) -> ResponseReturnValue:
    return _show_trouble(NotFound())


@bp.errorhandler(HTTPException)
def _show_trouble(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    page = render_template("surveys/answering/trouble.html", code=error.code, help_lines=network.help_services())
    return page, error.code or 500


@bp.errorhandler(OperationalError)
def _show_database_trouble(error: OperationalError) -> ResponseReturnValue:
    # What failed is not logged with its parameters: they are answers.
    current_app.logger.error("answering: database trouble %s", type(error.orig).__name__)
    return _show_trouble(ServiceUnavailable())


def _take(opened: Entry | Ticket, cast_ballot: Callable[[Answers], object]) -> ResponseReturnValue:
    """Check what was sent, cast it in a transaction of its own, thank; or show what is to be looked at again.

    Raises:
        CodeUnusable: what the ballot came with was spent meanwhile.
    """
    questionnaire = service.published_questionnaire(opened.questionnaire_id)
    submitted = _submitted(questionnaire)
    try:
        require_assent(questionnaire, submitted)
        answers = check_answers(questionnaire, opened.form, submitted)
    except AssentMissing:
        again = _shown_again(questionnaire, at=questionnaire.assent_item or "", refused="missing")
        return _form_page(opened, again), 422
    except AnswerRefused as refused:
        return _form_page(opened, _shown_again(questionnaire, at=refused.item, refused=str(refused.reason))), 422
    page = _thanks_page(has_answered=gives_assent(questionnaire, answers))
    web.start_writing()
    cast_ballot(answers)
    return page


def _no_credential(no: CodeUnusable) -> ResponseReturnValue:
    """Answer the script as `_unusable_page` answers a person: the same whatever is wrong."""
    _count_wrong_try(no)
    return jsonify(signature=None), 422


def _as_bytes(name: str) -> bytes:
    """Read a field of the script, base64url without padding.

    Raises:
        CodeUnusable: it is not.
    """
    try:
        return blind.as_bytes(request.form.get(name, ""))
    except ValueError:
        raise CodeUnusable from None


def _language_for(questionnaire_id: uuid.UUID) -> str:
    return interface.speak_for(questionnaire_id, current_language())


def _posted_language() -> str | None:
    return request.form.get("switch") or request.form.get("language")


def _tidy(typed: str) -> str:
    """Write a code that was read as it stands on the slip; anything else is not echoed."""
    code = read_code(typed)
    return str(code) if code else ""


def _submitted(questionnaire: Questionnaire) -> dict[str, list[str]]:
    form = request.form
    return {item.code: form.getlist(item.code) for item in questionnaire.items if item.code in form}


def _shown_again(questionnaire: Questionnaire, *, at: str, refused: str = "") -> Shown:
    known = {item.code for item in questionnaire.items} | {AT_THE_END}
    return Shown(
        code=_tidy(request.form.get("code", "")),
        submission=request.form.get("submission", ""),
        submitted=_submitted(questionnaire),
        at=at if at in known else "",
        refused=refused,
    )


def _form_page(opened: Entry | Ticket, shown: Shown) -> str:
    questionnaire = service.questionnaire_in(opened.questionnaire_id, _language_for(opened.questionnaire_id))
    return form_page(opened.questionnaire_id, questionnaire, opened.form, shown)


def _entry_page(*, typed: str = "") -> str:
    if typed:
        return _build_entry_page(is_refused=False, typed=_tidy(typed))
    return str(kept(ENTRY, lambda: Page.of(_build_entry_page(is_refused=False))))


def _unusable_page(no: CodeUnusable) -> ResponseReturnValue:
    page = kept("unusable", lambda: Page.of(_build_entry_page(is_refused=True)))
    _count_wrong_try(no)
    return make_response(str(page), 422)


def _count_wrong_try(no: CodeUnusable) -> None:
    web.start_writing()
    service.count_wrong_try(no, clock.now())
    # The count must outlive the refusal.
    web.keep_writes()


def _build_entry_page(*, is_refused: bool, typed: str = "") -> str:
    return render_template(
        "surveys/answering/entry.html",
        is_refused=is_refused,
        typed=typed,
        help_lines=network.help_services(),
        languages=interface.spoken_languages(),
    )


def _thanks_page(*, has_answered: bool) -> str:
    def build() -> Page:
        lines = network.help_services()
        return Page.of(render_template("surveys/answering/thanks.html", has_answered=has_answered, help_lines=lines))

    return str(kept((THANKS, has_answered), build))

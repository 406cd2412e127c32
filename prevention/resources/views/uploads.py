"""Files that come in pieces: the tus protocol 1.0.0 with creation, expiration and termination.

(tus.io/protocols/resumable-upload, read 2026-11-27.) The address of a file on its way is for the person who announced
it; requests carry the form's token as ``X-CSRFToken``. A piece may be as large as any request (``MAX_UPLOAD_MIB``).
Where something on the way lets no PATCH through, POST with ``X-HTTP-Method-Override`` does the same. Refusals are
sentences in the reader's language, as plain text.
"""

import base64
import binascii
import uuid
from datetime import datetime
from http import HTTPStatus

from flask import Response, abort, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.http import http_date

from prevention.core import access, clock, files, intake, parts, web
from prevention.core.access import Actor, NotYours
from prevention.core.parts import Part
from prevention.core.web import Refusal, redirect_303
from prevention.resources import rules, service, wording
from prevention.resources.models import ResourceUpload
from prevention.resources.views.blueprint import bp
from prevention.resources.views.editing import AUTHORS
from prevention.resources.views.handing_in import dropping, keys_of, most_bytes

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
# Taking a file in needs it three times for a moment: its parts, the copy that is looked at, the clean one.
COPIES = 3
_STATUS: dict[type[Refusal], HTTPStatus] = {
    rules.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    rules.PieceMisplaced: HTTPStatus.CONFLICT,
    rules.StoreIsFull: HTTPStatus.INSUFFICIENT_STORAGE,
    rules.StoreIsAway: HTTPStatus.SERVICE_UNAVAILABLE,
}


@bp.route("/uploads/", methods=["OPTIONS"], provide_automatic_options=False)
@access.roles(*AUTHORS)
def upload_options() -> ResponseReturnValue:
    """Say what of the protocol is spoken here."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,termination",
        "Tus-Max-Size": str(most_bytes()),
    }
    return _answer(HTTPStatus.NO_CONTENT, headers)


@bp.route("/uploads/", methods=["POST"], provide_automatic_options=False)
@access.roles(*AUTHORS)
def announce_upload() -> ResponseReturnValue:
    """Announce a file: how long it is, and its name."""
    actor = access.require_actor()
    _check_version()
    size = _whole_number("Upload-Length")
    try:
        if not files.has_room_for(COPIES * min(size, most_bytes())):
            raise rules.StoreIsFull
        begun = service.announce_upload(
            actor, file_name=files.safe_name(_file_name()), size=size, most=most_bytes(), now=clock.now()
        )
    except rules.REFUSALS as refusal:
        return _refuse(refusal)
    return _answer(
        HTTPStatus.CREATED,
        {"Location": url_for("resources.upload", upload_id=begun.id), **_expiry(begun.touched_at)},
    )


@bp.route("/uploads/<uuid:upload_id>", methods=["HEAD", "PATCH", "DELETE", "POST"])
@access.roles(*AUTHORS)
def upload(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Say how much of a file is there (HEAD), take its next piece (PATCH), or forget it (DELETE)."""
    actor = access.require_actor()
    _check_version()
    method = request.method
    if method == "POST":
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if method not in {"PATCH", "DELETE"}:
            abort(HTTPStatus.METHOD_NOT_ALLOWED)
    if method == "PATCH":
        web.read_first()
    found = service.upload_for(actor, upload_id, now=clock.now())
    if method == "HEAD":
        return _tell(found)
    return _take_piece(actor, found) if method == "PATCH" else _discard(actor, found)


@bp.post("/uploads/<uuid:upload_id>/discard")
@access.roles(*AUTHORS)
def discard_upload(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Forget a file on its way, by the button of a page."""
    actor = access.require_actor()
    found = service.upload_for(actor, upload_id, now=clock.now())
    keys = keys_of(found)
    service.discard_upload(actor, upload_id)
    flash(_("The file was thrown away."), "info")
    return dropping(keys, make_response(redirect_303("resources.new_resource")))


@bp.after_request
def _name_version(response: Response) -> Response:
    if (request.endpoint or "").endswith(("upload", "upload_options")):
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            response.headers["Tus-Version"] = VERSION
    return response


def _tell(found: ResourceUpload) -> Response:
    headers = {"Upload-Offset": str(found.received), "Upload-Length": str(found.size), "Cache-Control": "no-store"}
    return _answer(HTTPStatus.OK, headers | _expiry(found.touched_at))


def _take_piece(actor: Actor, found: ResourceUpload) -> ResponseReturnValue:
    length, start = _piece_length(), _whole_number("Upload-Offset")
    upload_id, left = found.id, found.size - found.received
    try:
        rules.check_place(start, received=found.received)
        if length > left:
            abort(HTTPStatus.BAD_REQUEST)
        with intake.telling_the_store(max_bytes=left):
            part = parts.keep(request.stream, whole=upload_id, max_bytes=left)
    except (rules.StoreIsFull, rules.StoreIsAway, rules.PieceMisplaced) as refusal:
        return _refuse(refusal)
    if part is None:
        return _taken(start, found.touched_at)
    try:
        if start == 0:
            _check_beginning(part, size=found.size)
        return _add_piece(actor, upload_id, part, start=start)
    except (NotYours, rules.PieceMisplaced, rules.FileRefused, rules.FileTooLarge, rules.StoreIsAway) as refusal:
        parts.drop([part.key])
        if isinstance(refusal, NotYours):
            raise
        if isinstance(refusal, (rules.FileRefused, rules.FileTooLarge)):
            _forget(actor, upload_id)
        return _refuse(refusal)


def _add_piece(actor: Actor, upload_id: uuid.UUID, part: Part, *, start: int) -> Response:
    web.start_writing()
    now = clock.now()
    received = service.add_piece(actor, upload_id, part, start=start, now=now)
    return _taken(received, now)


def _taken(received: int, touched_at: datetime) -> Response:
    return _answer(HTTPStatus.NO_CONTENT, {"Upload-Offset": str(received), **_expiry(touched_at)})


def _check_beginning(part: Part, *, size: int) -> None:
    with intake.telling_the_store(max_bytes=size), parts.joined([part.key]) as stream:
        kind = files.content_kind(stream)
    rules.check_beginning(kind, size=size, most=most_bytes())


def _forget(actor: Actor, upload_id: uuid.UUID) -> None:
    """Forget a file that need not be sent to its end, although the answer is a refusal."""
    web.start_writing()
    service.discard_upload(actor, upload_id)
    web.keep_writes()


def _discard(actor: Actor, found: ResourceUpload) -> Response:
    keys = keys_of(found)
    service.discard_upload(actor, found.id)
    return dropping(keys, _answer(HTTPStatus.NO_CONTENT))


def _refuse(refusal: rules.ResourceRefusal | rules.IntakeRefusal) -> Response:
    status = _STATUS.get(type(refusal), HTTPStatus.UNPROCESSABLE_ENTITY)
    response = Response(wording.refusal_words(refusal), status=status, mimetype="text/plain")
    if isinstance(refusal, rules.PieceMisplaced):
        response.headers["Upload-Offset"] = str(refusal.received)
    return response


def _answer(status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
    return Response(status=status, headers=headers)


def _expiry(touched_at: datetime) -> dict[str, str]:
    return {"Upload-Expires": http_date(rules.expires_at(touched_at))}


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        abort(HTTPStatus.PRECONDITION_FAILED)


def _whole_number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        abort(HTTPStatus.BAD_REQUEST)
    return int(text)


def _piece_length() -> int:
    if request.mimetype != PIECE_TYPE:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if request.content_length is None:
        abort(HTTPStatus.LENGTH_REQUIRED)
    return request.content_length


def _file_name() -> str:
    """Read the name from ``Upload-Metadata``: pairs of a key and a value in Base64, with commas between them."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                abort(HTTPStatus.BAD_REQUEST)
    return ""

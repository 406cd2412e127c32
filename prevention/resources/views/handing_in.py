"""The file of a form: in the form itself, or sent before in pieces (`uploads`) and named by the form."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, current_app

from prevention.core import clock, intake, parts, web
from prevention.core.access import Actor
from prevention.core.intake import Kept, Upload
from prevention.resources import rules, service
from prevention.resources.forms import ResourceForm, VersionForm, upload_of
from prevention.resources.models import SHELF, ResourceUpload


@dataclass(slots=True)
class HandedIn:
    """What a form hands in; `sent_id` is the file that was sent in pieces, `keys` its parts once it was read."""

    actor: Actor
    upload: Upload | None
    sent_id: uuid.UUID | None
    keys: Sequence[str] = ()
    is_over: bool = False
    is_forgotten: bool = False

    @classmethod
    def of(cls, actor: Actor, form: ResourceForm | VersionForm) -> "HandedIn":
        """Read a form. A file in the form itself goes before one that was sent earlier."""
        upload = upload_of(form)
        return cls(actor=actor, upload=upload, sent_id=None if upload else form.sent_id())

    def keep(self) -> Kept | None:
        """Take the file in, whichever way it came: the same checks. Touches no row; None when there is no file.

        Raises:
            ResourceRefusal, IntakeRefusal: it was not taken. One that will not be taken later either is forgotten.
        """
        if self.sent_id is None:
            return _keep(self.upload, max_bytes=request_bytes()) if self.upload else None
        sent = service.finished_upload(self.actor, self.sent_id, now=clock.now())
        name, self.keys = sent.file_name, keys_of(sent)
        try:
            # A bucket may be away when the parts are read, too.
            with intake.telling_the_store(max_bytes=most_bytes()), parts.joined(self.keys) as stream:
                return _keep(Upload(stream=stream, file_name=name), max_bytes=most_bytes())
        except (rules.FileRefused, rules.FileTooLarge):
            web.start_writing()
            service.discard_upload(self.actor, self.sent_id)
            web.keep_writes()
            self.is_over = self.is_forgotten = True
            raise

    def claim(self) -> None:
        """Take the file away from those on their way, so that no second form hands it in.

        Raises:
            UploadGone: another form was faster.
        """
        if self.sent_id is not None:
            service.claim_upload(self.actor, self.sent_id)
            self.is_over = True

    def give_back(self) -> None:
        """Undo what this request wrote, as it ends in a refusal: the file is on its way again."""
        if self.is_over and not self.is_forgotten:
            web.start_writing()
            self.is_over = False

    def finish(self, response: Response) -> Response:
        """Have the parts taken away with the answer, if the file was handed in or refused."""
        return dropping(self.keys, response) if self.is_over else response

    def still_sent(self) -> ResourceUpload | None:
        """Give the file that was sent in pieces, for a form that is shown again; None when it is gone."""
        if self.sent_id is None or self.is_over:
            return None
        try:
            return service.finished_upload(self.actor, self.sent_id, now=clock.now())
        except (rules.UploadGone, rules.UploadUnfinished):
            return None


def _keep(upload: Upload, *, max_bytes: int) -> Kept:
    return intake.keep(upload, max_bytes=max_bytes, shelf=SHELF)


def keys_of(sent: ResourceUpload) -> list[str]:
    """Give the keys of a file's parts, in order."""
    return [piece.part for piece in sent.pieces]


def dropping(keys: Sequence[str], response: Response) -> Response:
    """Have parts taken away once the response is out: were they gone before, a failed commit would lose the file."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # every proxy has it

    def drop() -> None:
        with app.app_context():
            parts.drop(keys)

    if keys:
        response.call_on_close(drop)
    return response


def request_bytes() -> int:
    """Give how many bytes a request may have, and so a file that comes in one."""
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    return limit


def most_bytes() -> int:
    """Give how many bytes a file may have that comes in pieces; never less than one that comes at once."""
    most: int = current_app.config["SETTINGS"].max_material_mib * rules.MEBIBYTE
    return max(most, request_bytes())

"""The office's look into the outbox."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from prevention.core import access
from prevention.core.web import paginate
from prevention.messages import service
from prevention.messages.models import MessageStatus
from prevention.roles import Role

bp = Blueprint("messages", __name__, url_prefix="/messages")


@bp.get("/")
@access.roles(Role.OFFICE)
def outbox() -> ResponseReturnValue:
    """List messages, newest first, of one status when asked."""
    asked = request.args.get("status", "")
    status = MessageStatus(asked) if asked in set(MessageStatus) else None
    return render_template(
        "messages/outbox.html",
        page=paginate(service.messages(status)),
        status=status,
        has_mail_server=current_app.config["SETTINGS"].mail_server is not None,
    )

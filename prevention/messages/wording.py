"""Words of this room: why a text or a correction is refused, and why a mail did not go out."""

from collections.abc import Callable
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.messages import rules
from prevention.messages.models import MessageStatus
from prevention.messages.rules import MessagesRefusal

STATUS: dict[MessageStatus, LazyString] = {
    MessageStatus.WAITING: _l("Waiting"),
    MessageStatus.SENDING: _l("Being sent"),
    MessageStatus.SENT: _l("Sent"),
    MessageStatus.DEAD: _l("Given up"),
}


def refusal(no: MessagesRefusal) -> str:
    """Say why the rules said no."""
    return _SENTENCES[type(no)](no)


def trouble(last_error: str) -> str:
    """Say in words why the last try failed; `last_error` as the outbox keeps it."""
    kind, _colon, answer = last_error.partition(": ")
    if kind == "SMTPRecipientsRefused":
        words = _("The mail server refused the address.")
    elif kind in ("SMTPDataError", "SMTPSenderRefused", "SMTPAuthenticationError", "SMTPNotSupportedError"):
        words = _("The mail server did not take the mail.")
    else:
        words = _("The mail server could not be reached.")
    return f"{words} ({answer})" if answer else words


def _unknown(no: rules.UnknownPlaceholder) -> str:
    values = {"name": f"{{{no.name}}}", "line": no.line, "column": no.column}
    if no.nearest is None:
        return _("Line %(line)s, column %(column)s: %(name)s is not one of the places listed below.", **values)
    return _(
        "Line %(line)s, column %(column)s: there is no place %(name)s. Did you mean %(nearest)s?",
        nearest=f"{{{no.nearest}}}",
        **values,
    )


_SENTENCES: dict[type[MessagesRefusal], Callable[[Any], str]] = {
    rules.UnknownPlaceholder: _unknown,
    rules.StrayBrace: lambda no: _(
        "Line %(line)s, column %(column)s: a brace that belongs to no place. A place is written like {…}.",
        line=no.line,
        column=no.column,
    ),
    rules.ChangedMeanwhile: lambda _no: _(
        "Somebody else changed this text in the meantime. Open the page again to see theirs; yours is still below."
    ),
    rules.NotGivenUp: lambda _no: _("This message is on its way or was sent: there is nothing to try again."),
    rules.AddressTaken: lambda _no: _("Another person has this address."),
}

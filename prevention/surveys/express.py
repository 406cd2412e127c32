"""The short way of the three requests that every pupil makes: the first page, open the form, hand the answers in.

A class of 25 arrives within a minute, a school within a lesson. Nine in ten of these requests are the plain case: a
good code, answers as the page offers them. This layer stands before the application and serves just that, with the
same service, rules and kept pages as `answering.py`, but without session, language negotiation, request hooks and
URL matching, which were two thirds of the work. Whatever is not the plain case (an unusable code, a change of
language, an answer to look at again, a page that is not built yet, a database in trouble) goes on to the application
as if nothing had been read, and is answered there; so there is one place for every refusal. Handing a request on is
always safe, even after a commit whose outcome nobody knows: the same submission twice is stored once.

Measured with `bench/answers.py` on SQLite, in whole respondents (open and send) beside a bare view with one INSERT in
the same round: 0.2 of it without this layer, 0.5 with it, 0.9 to 1.3 on a busy machine since pages are packed once
(`packing.py`) and writers queue (`core/turns.py`), which the bare view does not. On PostgreSQL, where a respondent
costs more journeys to the server than one INSERT, it is 0.4.
"""

import io
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from prevention.core import clock, web
from prevention.core.db import short_transaction
from prevention.core.web import Refusal
from prevention.surveys import service
from prevention.surveys.codes import read_code
from prevention.surveys.form_page import opened_page
from prevention.surveys.kept_pages import kept_before
from prevention.surveys.packing import Page, takes_gzip
from prevention.surveys.rules import check_answers, gives_assent, require_assent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/s/"
FORM_TYPE = "application/x-www-form-urlencoded"

# A whole senior form is some 2 kB.
LARGEST_SUBMISSION = 64 * 1024

SUBMISSION_BYTES = 16

# The names of the pages that are kept.
ENTRY = "entry"
THANKS = "thanks"

# What the browser is told on every page of the anonymous side. The page may load our own files and post back to us.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Encoding",
}

Fields = Mapping[str, list[str]]
# What was sent, and whether the page is to be packed; gives the page.
Way = Callable[[Fields, bool], bytes]


class NotPlain(Exception):
    """This request is not the plain case: the application answers it."""


class Express:
    """A WSGI layer before an application; see the module."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self.app, self.inner = app, inner
        standing = {**web.standing_headers(app), **HEADERS, "Content-Type": "text/html; charset=utf-8"}
        self.headers = list(standing.items())
        self.headers_packed = [*self.headers, ("Content-Encoding", "gzip")]
        self.ways: dict[tuple[str, str], Way] = {
            ("GET", PREFIX): show_entry,
            ("POST", PREFIX): open_form,
            ("POST", f"{PREFIX}answers"): send_answers,
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve the plain case; hand everything else on, with its body put back."""
        way = self.ways.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if way is None or environ["QUERY_STRING"]:
            return self.inner(environ, start_response)
        body = b""
        if way is not show_entry:
            length = environ.get("CONTENT_LENGTH") or ""
            is_form = environ.get("CONTENT_TYPE") == FORM_TYPE
            if not is_form or not length.isdecimal() or int(length) > LARGEST_SUBMISSION:
                return self.inner(environ, start_response)
            body = environ["wsgi.input"].read(int(length))
        packs = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        try:
            with self.app.app_context():
                page = way(read_form(body), packs)
        except (NotPlain, Refusal, SQLAlchemyError):
            environ["wsgi.input"] = io.BytesIO(body)
            return self.inner(environ, start_response)
        start_response(
            "200 OK", [*(self.headers_packed if packs else self.headers), ("Content-Length", str(len(page)))]
        )
        return [page]


def read_form(body: bytes) -> dict[str, list[str]]:
    """Read a form as browsers send it: field name to its values, in the order sent.

    Raises:
        NotPlain: it has a byte that such a form cannot have.
    """
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise NotPlain from None
    fields: dict[str, list[str]] = {}
    for pair in text.split("&"):
        name, _equals, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name), unquote_plus(value)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def show_entry(_fields: Fields, packs: bool) -> bytes:
    """Give the page on which a code is typed, in the language of the site.

    Raises:
        NotPlain: see the module.
    """
    page = kept_before(ENTRY, "", Page)
    if page is None:
        raise NotPlain
    return page.packed if packs else page.plain


def open_form(fields: Fields, packs: bool) -> bytes:
    """Give the page behind a code that opens one; one reading transaction.

    Raises:
        NotPlain: see the module.
        CodeUnusable: the code opens nothing.
    """
    if "submission" in fields or "switch" in fields:
        raise NotPlain
    code = read_code(_first(fields, "code"))
    with short_transaction(writes=False) as connection:
        opened = service.enter(str(code or ""), clock.now(), connection=connection)
    if opened.is_spent:
        raise NotPlain
    page = opened_page(opened.questionnaire_id, opened.form, _first(fields, "language"))
    if page is None:
        raise NotPlain
    values = str(code).encode("ascii"), secrets.token_urlsafe(SUBMISSION_BYTES).encode("ascii")
    return page.filled_and_packed(*values) if packs else page.filled(*values)


def send_answers(fields: Fields, packs: bool) -> bytes:
    """Spend the code, drop the ballot, and thank; everything that takes time comes before the writing transaction.

    Raises:
        NotPlain: see the module.
        Refusal: the code opens nothing, or an answer cannot be taken.
    """
    if "switch" in fields:
        raise NotPlain
    with short_transaction(writes=False) as connection:
        opened = service.enter(_first(fields, "code"), clock.now(), connection=connection)
    if opened.is_spent:
        raise NotPlain
    questionnaire = service.known_questionnaire(opened)
    if questionnaire is None or questionnaire.asks_personal_code:
        raise NotPlain
    require_assent(questionnaire, fields)
    answers = check_answers(questionnaire, opened.form, fields)
    thanks = kept_before((THANKS, gives_assent(questionnaire, answers)), _first(fields, "language"), Page)
    if thanks is None:
        raise NotPlain
    with short_transaction(writes=True) as connection:
        service.cast_ballot(opened, answers, submission=_first(fields, "submission"), connection=connection)
    return thanks.packed if packs else thanks.plain


def _first(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""

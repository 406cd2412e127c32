"""The short way of the requests that every pupil makes: the first page, open the form, hand the answers in.

A class of 25 arrives within a minute, a school within a lesson. Nine in ten of these requests are the plain case: a
good code, answers as the page offers them. This layer stands before the application and serves just that, with the
same service, rules and kept pages as `answering.py`, but without session, language negotiation, request hooks and
URL matching, which were two thirds of the work. Whatever is not the plain case (an unusable code, a change of
language, an answer to look at again, a page that is not built yet, a database in trouble) goes on to the application
as if nothing had been read, and is answered there; so there is one place for every refusal. Handing a request on is
always safe, even after a commit whose outcome nobody knows: the same submission twice is stored once.

Measured with `bench/answers.py`, in whole respondents (open and send) beside a bare view with one INSERT in the same
round. On SQLite: 0.2 of it without this layer, 0.5 with it, 0.6 since pages are packed once (`packing.py`), forms read
by a table (`plain_form.py`) and answers packed (`stored_answers.py`): 1.1 ms of the server's processor for a respondent
and 0.55 for the bare view. On a busy machine it is 0.9 to 1.3, because writers queue (`core/turns.py`), which the bare
view does not. On PostgreSQL, where each word to the server is a journey: 0.2 with two transactions of twelve journeys,
0.4 with statements that are their own transaction, 0.6 since opening is one journey and sending another
(`service/short_way.py`). With a credential that is signed blindly, four requests of which two write and one signs: 0.04
through the application with the interpreter's exponentiation, 0.2 by this layer with GMP's (`blind.py`).
"""

import io
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from prevention.core import clock, web
from prevention.core.prepared import one_statement, short_transaction
from prevention.core.web import Refusal
from prevention.surveys import blind, service
from prevention.surveys.blind import as_bytes, as_text
from prevention.surveys.codes import read_code
from prevention.surveys.form_page import opened_page
from prevention.surveys.kept_pages import kept_before
from prevention.surveys.packing import Page, takes_gzip
from prevention.surveys.plain_form import first_of, pairs_of, read_pairs
from prevention.surveys.rules import Answers, gives_assent

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

Pairs = Sequence[str]
# The pairs that were sent, and whether the page is to be packed; gives the page.
Way = Callable[[Pairs, bool], bytes]


class NotPlain(Exception):
    """This request is not the plain case: the application answers it."""


class Express:
    """A WSGI layer before an application; see the module."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self.app, self.inner = app, inner
        standing = {**web.standing_headers(app), **HEADERS, "Content-Type": "text/html; charset=utf-8"}
        self.headers = list(standing.items())
        self.headers_packed = [*self.headers, ("Content-Encoding", "gzip")]
        self.headers_json = list({**standing, "Content-Type": "application/json"}.items())
        self.ways: dict[tuple[str, str], Way] = {
            ("GET", PREFIX): show_entry,
            ("POST", PREFIX): open_form,
            ("POST", f"{PREFIX}answers"): send_answers,
            ("POST", f"{PREFIX}key"): give_key,
            ("POST", f"{PREFIX}credential"): sell_credential,
            ("POST", f"{PREFIX}ballot"): send_ballot,
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
                page = way(pairs_of(body), packs)
        except (NotPlain, UnicodeDecodeError, SQLAlchemyError):
            environ["wsgi.input"] = io.BytesIO(body)
            return self.inner(environ, start_response)
        headers = self.headers_packed if packs else self.headers
        if way in FOR_THE_SCRIPT:
            headers = self.headers_json
        start_response("200 OK", [*headers, ("Content-Length", str(len(page)))])
        return [page]


def show_entry(_pairs: Pairs, packs: bool) -> bytes:
    """Give the page on which a code is typed, in the language of the site.

    Raises:
        NotPlain: see the module.
    """
    page = kept_before(ENTRY, "", Page)
    if page is None:
        raise NotPlain
    return page.packed if packs else page.plain


def open_form(pairs: Pairs, packs: bool) -> bytes:
    """Give the page behind a code that opens one; one query.

    Raises:
        NotPlain: see the module.
    """
    fields = read_pairs(pairs)
    if "submission" in fields or "switch" in fields:
        raise NotPlain
    typed = first_of(pairs, "code")
    slip = _slip(typed)
    with one_statement() as connection:
        is_good = service.is_good(slip, clock.now(), connection)
    page = opened_page(slip.of.questionnaire_id, slip.of.form, first_of(pairs, "language"))
    code = read_code(typed)
    if not is_good or page is None or code is None:
        raise NotPlain
    values = str(code).encode("ascii"), secrets.token_urlsafe(SUBMISSION_BYTES).encode("ascii")
    return page.filled_and_packed(*values) if packs else page.filled(*values)


def send_answers(pairs: Pairs, packs: bool) -> bytes:
    """Spend the code, drop the ballot, and thank; everything that takes time comes before anything is written.

    Raises:
        NotPlain: see the module.
    """
    slip = _slip(first_of(pairs, "code"))
    answers, thanks = _answers_and_thanks(slip.of, pairs)
    if thanks is None:
        # Whoever tries codes out with answers that cannot be taken learns no more in this way than in another.
        slip = service.no_good(slip)
    submission, now = first_of(pairs, "submission"), clock.now()
    with (one_statement if service.casts_in_one_statement() else short_transaction)() as connection:
        is_cast = service.cast_slip(slip, answers, submission=submission, now=now, connection=connection)
        if not is_cast or thanks is None:
            raise NotPlain
    return thanks.packed if packs else thanks.plain


def give_key(pairs: Pairs, _packs: bool) -> bytes:
    """Give the public key of the class of a good slip; one query.

    Raises:
        NotPlain: see the module.
    """
    _slip, key = _good_slip_and_key(pairs)
    return _as_json(mark=as_text(key.mark), modulus=as_text(key.modulus))


def sell_credential(pairs: Pairs, _packs: bool) -> bytes:
    """Spend the code of a good slip for the signature on what the browser blinded.

    Raises:
        NotPlain: see the module.
    """
    # A code that is no good is not signed for, here as there: a signature takes time, and would tell.
    slip, key = _good_slip_and_key(pairs)
    blinded = _bytes_of(pairs, "blinded")
    try:
        signature = blind.blind_sign(key.private, blinded)
    except blind.BadBlinding:
        raise NotPlain from None
    with (one_statement if service.casts_in_one_statement() else short_transaction)() as connection:
        if not service.sell_for_slip(slip, blinded, now=clock.now(), connection=connection):
            raise NotPlain
    return _as_json(signature=as_text(signature))


def send_ballot(pairs: Pairs, packs: bool) -> bytes:
    """Spend a credential, drop the ballot that comes with it, and thank.

    Raises:
        NotPlain: see the module.
    """
    key = service.known_key(_bytes_of(pairs, "key"))
    credential, signature = _bytes_of(pairs, "credential"), _bytes_of(pairs, "signature")
    if key is None or len(credential) != blind.CREDENTIAL_BYTES:
        raise NotPlain
    if not blind.is_signed(key.private, credential, signature):
        raise NotPlain
    answers, thanks = _answers_and_thanks(key.of, pairs)
    if thanks is None:
        raise NotPlain
    with short_transaction() as connection:
        if not service.cast_with_credential(key, credential, answers, now=clock.now(), connection=connection):
            raise NotPlain
    return thanks.packed if packs else thanks.plain


# What answers the script and is no page.
FOR_THE_SCRIPT = frozenset({give_key, sell_credential})


def _good_slip_and_key(pairs: Pairs) -> tuple[service.Slip, service.ClassKey]:
    slip = _slip(first_of(pairs, "code"))
    with one_statement() as connection:
        is_good = service.is_good(slip, clock.now(), connection)
    key = service.known_key(slip.of.part_hash)
    if not is_good or key is None:
        raise NotPlain
    return slip, key


def _bytes_of(pairs: Pairs, name: str) -> bytes:
    try:
        return as_bytes(first_of(pairs, name))
    except ValueError:
        raise NotPlain from None


def _as_json(**values: str) -> bytes:
    return json.dumps(values, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _answers_and_thanks(of: service.AnsweringClass, pairs: Pairs) -> tuple[Answers, Page | None]:
    """Check the answers and find the page that thanks for them; None when either is for the application."""
    form = service.known_form(of.questionnaire_id, of.form)
    if form is None:
        return {}, None
    try:
        answers, others = form.read(pairs)
    except Refusal:
        return {}, None
    if "switch" in others:
        return {}, None
    return answers, kept_before((THANKS, gives_assent(form.questionnaire, answers)), first_of(pairs, "language"), Page)


def _slip(typed: str) -> service.Slip:
    slip = service.slip_of(typed)
    if slip is None:
        raise NotPlain
    return slip

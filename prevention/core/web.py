"""What every request shares: the one commit, security headers, error pages, formats for templates."""

import re
import secrets
import time
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_datetime, format_decimal, format_percent
from flask_sqlalchemy.pagination import Pagination, SelectPagination
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from sqlalchemy import Select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.blobs import BucketAway
from prevention.core.db import begin_writing, db, end_writing
from prevention.core.files import FULL
from prevention.core.i18n import LANGUAGES, current_language

log = structlog.get_logger()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What may stand in an address and not in a page (HTML Standard, section 13.2.3.5).
_OWN_FORMS = "blueprints that read their own forms"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
ROWS_PER_PAGE = 25
PAGED_ERRORS = (400, 401, 403, 404, 405, 413, 422, 429, 500, 503, 507)


class Refusal(Exception):
    """A named no: the person may not, or not now. Subclasses carry the values; the view finds the words (422)."""


def keep_writes() -> None:
    """Commit this request's writes although its answer is a refusal, e.g. a count of failed tries."""
    g.keeps_writes = True


def read_first() -> None:
    """Let this request read before it writes, although its method says that it may write.

    On SQLite a writing transaction holds the only write lock from its first statement on. A request that reads,
    computes and shows a page before it writes two rows would keep everybody else waiting meanwhile.
    """
    end_writing()


def start_writing() -> None:
    """End what this request only read and begin the transaction that writes; see `read_first`."""
    db.session.rollback()
    begin_writing()


def standing_headers(app: Flask) -> dict[str, str]:
    """Give the headers that every response carries unless it says otherwise, whatever it holds."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def leave_no_trace() -> None:
    """Mark this request as one of the anonymous side: it is not logged and opens no session."""
    g.is_anonymous_side = True


def redirect_303(endpoint: str, **values: Any) -> BaseResponse:
    """Answer a successful form with "see other"."""
    return redirect(url_for(endpoint, **values), 303)


def csp_nonce() -> str:
    """Give the nonce that lets a script or style block of this very page run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def paginate(rows: Select[*tuple[Any, ...]], *, per_page: int = ROWS_PER_PAGE) -> Pagination:
    """Give the page of `rows` that the query parameter ``page`` asks for; an impossible page is a 404."""
    return db.paginate(rows, per_page=per_page, max_per_page=per_page)


class _RowPages(SelectPagination):
    """Pages of rows with several parts; the extension's own keep the first part only."""

    def _query_items(self) -> list[Any]:
        query = self._query_args["select"].limit(self.per_page).offset(self._query_offset)
        return list(self._query_args["session"].execute(query))


def paginate_rows(rows: Select[*tuple[Any, ...]], *, per_page: int = ROWS_PER_PAGE) -> Pagination:
    """Give a page of a query that selects several things for each row; see `paginate`."""
    return _RowPages(select=rows, session=db.session, per_page=per_page, max_per_page=per_page)


def commit_after_request(response: Response) -> Response:
    """Commit what the view wrote, unless it refused. The only commit of a request."""
    if request.method not in SAFE_METHODS and (response.status_code < 400 or g.get("keeps_writes")):
        db.session.commit()
    else:
        db.session.rollback()
    return response


class _InsufficientStorage(HTTPException):
    """The disk is full (RFC 4918, section 11.5)."""

    code = HTTPStatus.INSUFFICIENT_STORAGE.value
    description = "There is no room left on the server."


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, and none for the anonymous side.

    A library may touch the session of a request behind our back, e.g. to mark a sign-in as no longer fresh.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, unless the request is to leave no trace."""
        if not g.get("is_anonymous_side"):
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Bind all of it to the application; called before any other before_request is registered."""
    app.session_interface = _Sessions()
    app.extensions[_OWN_FORMS] = set()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce,
        current_language=current_language,
        languages=LANGUAGES,
        own_address=own_address,
        today=clock.today,
    )
    app.jinja_env.filters.update(day=day, moment=moment, clock_time=clock_time, number=number, percent=percent)
    app.before_request(_begin)
    app.after_request(_set_headers)
    app.after_request(_log_request)
    # Registered last, so that it runs first: nothing is promised to the reader before it is kept.
    app.after_request(commit_after_request)
    app.teardown_request(_end)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(NotYours, _show_not_yours)
    app.register_error_handler(OperationalError, _show_database_trouble)
    app.register_error_handler(OSError, _show_store_trouble)


def day(value: date | datetime, style: str = "long") -> str:
    """Write a day in the reader's language, e.g. "23 novembre 2026"."""
    return format_date(clock.day_of(value) if isinstance(value, datetime) else value, style, rebase=False)


def moment(value: datetime, style: str = "d MMMM y, HH:mm") -> str:
    """Write a moment in Rome's time, in the reader's language."""
    return format_datetime(value, style)


def clock_time(value: datetime) -> str:
    """Write the time of day in Rome, e.g. "09:55"."""
    return format_datetime(value, "HH:mm")


def number(value: float | Decimal | None) -> str:
    """Write a number with the reader's separators; nothing for None."""
    return "" if value is None else format_decimal(value)


def percent(share: float | None) -> str:
    """Write a share of 1 as a whole percentage."""
    return "" if share is None else format_percent(share, "#,##0 %")


def own_address() -> str:
    """Give the path of this request, with its query when it only reads, as text that a page may hold."""
    asked = request.full_path if request.query_string and request.method == "GET" else request.path
    return _CONTROLS.sub("", asked)


def address_of(endpoint: str, **values: object) -> str:
    """Give the full address of a page, e.g. for a mail; also outside a request."""
    base: str = current_app.config["SETTINGS"].base_url
    return base + current_app.url_map.bind("localhost").build(endpoint, values)


def _begin() -> None:
    g.began_at = time.perf_counter()
    _refuse_nul()
    if request.method not in SAFE_METHODS:
        begin_writing()


def reads_own_forms(blueprint: Blueprint) -> None:
    """Leave the forms of a blueprint unread until its views read them, within limits and with refusals of their own."""

    def note(state: BlueprintSetupState) -> None:
        state.app.extensions[_OWN_FORMS].add(blueprint.name)

    blueprint.record(note)


def _refuse_nul() -> None:
    """Turn requests with a NUL away: nobody types one, PostgreSQL keeps none, and no page may hold one."""
    if "\0" in request.path:
        raise NotFound
    reads_form = request.method not in SAFE_METHODS and request.blueprint not in current_app.extensions[_OWN_FORMS]
    sent = (request.args, request.form) if reads_form else (request.args,)
    if any("\0" in text for values in sent for name, each in values.lists() for text in (name, *each)):
        raise BadRequest


def _end(_error: BaseException | None) -> None:
    end_writing()


def _log_request(response: Response) -> Response:
    # The endpoint, never the path: a path may hold a secret, an address never helps. Files are not worth a line.
    if not g.get("is_anonymous_side") and request.endpoint != "static":
        log.info(
            "request_served",
            endpoint=request.endpoint,
            method=request.method,
            status=response.status_code,
            took_ms=round((time.perf_counter() - g.get("began_at", time.perf_counter())) * 1000, 1),
        )
    return response


def _set_headers(response: Response) -> Response:
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'{nonce}; style-src 'self'{nonce}; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    for name, value in standing_headers(current_app).items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _show_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # The database may be what is in trouble: the page about it must not ask it who is there.
        access.ask_nothing_more()
    page = code if code in PAGED_ERRORS else (400 if code < 500 else 500)
    return render_template([f"errors/{page}.html", "errors/500.html"], error=error), code


def _show_csrf_error(error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/400.html", error=error), 400


def _show_not_yours(_error: NotYours) -> ResponseReturnValue:
    return _show_http_error(NotFound())


def _show_database_trouble(error: OperationalError) -> ResponseReturnValue:
    # A full disk, a lock held too long, a server that went away: nothing was kept, and the page says so.
    log.error("database_trouble", reason=type(error.orig).__name__, exc_info=error)
    db.session.rollback()
    return _show_http_error(ServiceUnavailable())


def _show_store_trouble(error: OSError) -> ResponseReturnValue:
    # A disk without room, a bucket that does not answer: nothing was kept, and the page says so.
    is_full = error.errno in FULL
    if not is_full and not isinstance(error, BucketAway):
        raise error
    log.error("store_trouble", reason=str(error))
    db.session.rollback()
    return _show_http_error(_InsufficientStorage() if is_full else ServiceUnavailable())

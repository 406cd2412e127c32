"""A test browser: every request in a context of its own, every page parsed strictly."""

import contextvars
import re
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core.db import db


class Client(FlaskClient):
    """A client that parses what it gets.

    A request runs without the test's application context, so that it has its own `g` and its own session, as in
    life; what the test has flushed it sees, because both stand on one connection.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make the request, then parse the page."""
        has_context = _cv_app.get(None) is not None
        if has_context:
            db.session.flush()

        def alone() -> TestResponse:
            _cv_app.set(None)  # type: ignore[arg-type]  # what it is before any application context
            return super(Client, self).open(*args, **kwargs)

        response = contextvars.copy_context().run(alone)
        if has_context:
            db.session.expire_all()
        if response.mimetype == "text/html" and response.data:
            parse_strictly(response.get_data(as_text=True))
        return response

    def sign_in(self, user: User) -> None:
        """Sign a person in without the form."""
        with self.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = 0.0
            session["identity"] = None

    def page(self, address: str, *, status: int = 200) -> BeautifulSoup:
        """Get a page, check its status and give it parsed."""
        response = self.get(address)
        assert response.status_code == status, (address, response.status_code)
        return soup(response)


# Values and texts without a mark of the language: they can be no fault, and pages differ by little else.
_PLAIN_VALUE, _PLAIN_TEXT = re.compile(r'="[^"<>&]*"'), re.compile(r">[^<>&]+<")
_whole: set[int] = set()


def parse_strictly(page: str) -> None:
    """Refuse a page that a browser would have to mend; one that differs from an earlier one in words alone is not."""
    marks = hash(_PLAIN_TEXT.sub("><", _PLAIN_VALUE.sub('=""', page)))
    if marks not in _whole:
        html5lib.HTMLParser(strict=True).parse(page)
        _whole.add(marks)


def soup(response: TestResponse) -> BeautifulSoup:
    """Give a response's page parsed."""
    return BeautifulSoup(response.get_data(as_text=True), "lxml")


def use_strict_client(app: Flask) -> None:
    """Make `app.test_client()` give a `Client`."""
    app.test_client_class = Client

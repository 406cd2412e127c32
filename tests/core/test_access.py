"""Default deny: every door has a mark, and the mark holds."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from prevention.accounts.models import User
from prevention.core import access
from prevention.core.db import db
from prevention.roles import Role
from tests.support.databases import Databases, build_app
from tests.support.http import Client


def test_every_route_carries_an_access_mark(app: Flask) -> None:
    unmarked = sorted(
        {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if access.mark_of(app, rule.endpoint) is None and not rule.endpoint.startswith("security.")
        }
    )

    assert [] == unmarked


def test_doors_of_the_sign_in_library_that_nobody_marked_stay_shut(app: Flask, client: Client) -> None:
    unmarked = [
        rule
        for rule in app.url_map.iter_rules()
        if access.mark_of(app, rule.endpoint) is None and not rule.arguments and "GET" in (rule.methods or ())
    ]

    assert {404} >= {client.get(rule.rule).status_code for rule in unmarked}


def _address(rule: Rule) -> str:
    """Fill a route's parameters with something that does not exist, and a choice with its first word."""

    def filled(match: re.Match[str]) -> str:
        kind, words = match[1] or "", (match[2] or "").split(",")
        known = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "any": words[0].strip()}
        return known.get(kind, "xx" if "length=2" in words else "x")

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?\w+>", filled, rule.rule)


def test_every_guarded_page_sends_a_stranger_to_the_sign_in(app: Flask, client: Client) -> None:
    for rule in app.url_map.iter_rules():
        mark = access.mark_of(app, rule.endpoint)
        if mark is None or mark.is_public:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            response = client.open(_address(rule), method=method)

            if method == "GET":
                assert (303, True) == (response.status_code, "/sign-in" in response.headers["Location"]), rule
            else:
                assert 401 == response.status_code, (method, rule)


def test_every_door_of_a_role_refuses_people_without_it(
    app: Flask, dario: User, bruno: User, anna: User, sign_in: Callable[[User], Client]
) -> None:
    browsers = {
        Role.OFFICE: sign_in(anna),
        Role.COORDINATOR: sign_in(bruno),
        Role.FACILITATOR: sign_in(dario),
    }
    for rule in app.url_map.iter_rules():
        mark = access.mark_of(app, rule.endpoint)
        if mark is None or not mark.roles:
            continue
        for role in set(browsers) - {Role(name) for name in mark.roles}:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                status = browsers[role].open(_address(rule), method=method).status_code

                assert 403 == status, (role, method, rule)


def test_a_view_without_a_mark_answers_404(databases: Databases, tmp_path: Path) -> None:
    with databases.fresh() as url:
        app = build_app(tmp_path, url)
        bp = Blueprint("forgotten", __name__)
        bp.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="page")
        app.register_blueprint(bp)

        response = app.test_client().get("/forgotten")
        with app.app_context():
            db.engine.dispose()

    assert 404 == response.status_code
    assert b"secret" not in response.data


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_method_that_a_page_does_not_know_is_405(client: Client, method: str) -> None:
    assert 405 == getattr(client, method)("/").status_code

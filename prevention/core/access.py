"""Who may open which door: default deny.

Every view carries one mark: `public`, `signed_in` or `roles(...)`. A view without one answers 404, and a test lists
every route and fails on it. Marks say who may knock; whose row it is, the authorising loader of the room's
`service` decides (`x_for(actor, id)`), and answers `NotYours`, which becomes a 404.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import structlog
from flask import Flask, abort, current_app, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue, RouteCallable

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """The person who acts: what they are called, their roles, and what they may act for.

    `scope` holds the ids of the bodies they act for; `sees_all` lifts that limit.
    """

    id: uuid.UUID
    name: str
    email: str
    language: str
    roles: frozenset[str]
    scope: frozenset[uuid.UUID]
    sees_all: bool

    def has(self, role: str) -> bool:
        """Say whether the person holds `role`."""
        return role in self.roles

    def may_act_for(self, body: uuid.UUID | None) -> bool:
        """Say whether the person may act for the body with this id."""
        return self.sees_all or body in self.scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a door asks for; an empty `roles` with `is_public` false means any person who has signed in."""

    is_public: bool
    roles: frozenset[str] = frozenset()


class NotYours(LookupError):
    """What was asked for is not there, or not for this person: the two look the same (404)."""


def public(view: View) -> View:
    """Open the door to everybody, signed in or not."""
    return _marked(view, Mark(is_public=True))


def signed_in(view: View) -> View:
    """Open the door to everybody who has signed in."""
    return _marked(view, Mark(is_public=False))


def roles(*names: str) -> Callable[[View], View]:
    """Open the door to people who hold at least one of the roles."""

    def decorate(view: View) -> View:
        return _marked(view, Mark(is_public=False, roles=frozenset(names)))

    return decorate


def _marked(view: View, mark: Mark) -> View:
    view.access_mark = mark  # type: ignore[attr-defined]  # the mark rides on the function itself
    return view


def mark_of(app: Flask, endpoint: str) -> Mark | None:
    """Give the mark of an endpoint, or None; endpoints of libraries are marked by `mark_endpoint`."""
    marks: dict[str, Mark] = app.extensions["access"].library_marks
    if endpoint in marks:
        return marks[endpoint]
    view: RouteCallable | None = app.view_functions.get(endpoint)
    return cast(Mark | None, getattr(view, "access_mark", None))


def mark_endpoint(app: Flask, endpoint: str, mark: Mark) -> None:
    """Mark an endpoint whose view belongs to a library."""
    app.extensions["access"].library_marks[endpoint] = mark


def actor() -> Actor | None:
    """Give the person of this request, or None; loaded once per request, on the first question."""
    if "actor" not in g:
        g.actor = current_app.extensions["access"].load_actor()
    return cast(Actor | None, g.actor)


def ask_nothing_more() -> None:
    """Take this request's person for nobody from here on, without a look at the database."""
    g.actor = None
    g.is_in_trouble = True


def require_actor() -> Actor:
    """Give the person of this request; a door marked for signed-in people has made sure of one."""
    person = actor()
    if person is None:
        abort(401)
    return person


@dataclass(slots=True)
class _State:
    load_actor: Callable[[], Actor | None]
    login_endpoint: str
    library_marks: dict[str, Mark]


def init_app(app: Flask, *, load_actor: Callable[[], Actor | None], login_endpoint: str) -> None:
    """Put the guard before every view."""
    app.extensions["access"] = _State(load_actor=load_actor, login_endpoint=login_endpoint, library_marks={})
    mark_endpoint(app, "static", Mark(is_public=True))
    app.before_request(_guard)
    app.context_processor(_actor_for_templates)


def _actor_for_templates() -> dict[str, Actor | None]:
    # The anonymous side never asks who is there; a paper or a mail made by a job has nobody.
    is_nobody = not has_request_context() or g.get("is_anonymous_side")
    return {"actor": None if is_nobody else actor()}


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    mark = mark_of(current_app, endpoint)
    if mark is None:
        log.error("door_without_mark", endpoint=endpoint)
        abort(404)
    if mark.is_public:
        return None
    person = actor()
    if person is None:
        if request.method in {"GET", "HEAD"}:
            return redirect(
                url_for(current_app.extensions["access"].login_endpoint, next=request.full_path.rstrip("?")), 303
            )
        abort(401)
    if mark.roles and not (mark.roles & person.roles):
        abort(403)
    return None

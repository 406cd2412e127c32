"""What `bench.answers` measures, as one WSGI application: the site, and under ``/bare`` a bare view beside it.

The bare view does what no intake of answers can do without: read a form of the same size, write it as JSON with one
INSERT, commit. It has no routing, no check, no code, no template and no ORM. Both run in the same server processes on
the same database file (SQLite) or database (PostgreSQL), each with its own connection.
"""

import json
import sqlite3
import uuid
from collections.abc import Callable
from threading import local
from typing import Any

import psycopg
from flask import Flask, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from prevention import create_app
from prevention.core.memory import settle

kept = local()


def bare_application(database_url: str) -> Flask:
    """Build the bare application."""
    bare = Flask("bare")
    insert = _insert_into_sqlite if database_url.startswith("sqlite") else _insert_into_postgresql

    @bare.post("/")
    def take() -> str:
        insert(database_url, json.dumps(request.form.to_dict()))
        return "ok"

    return bare


def _insert_into_sqlite(database_url: str, answers: str) -> None:
    connection = _kept(lambda: sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=20))
    if not hasattr(kept, "is_set_up"):
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        kept.is_set_up = True
    connection.execute("INSERT INTO bare VALUES (?, ?)", (uuid.uuid4().hex, answers))
    connection.commit()


def _insert_into_postgresql(database_url: str, answers: str) -> None:
    connection = _kept(lambda: psycopg.connect(database_url.replace("+psycopg", "")))
    connection.execute("INSERT INTO bare VALUES (%s, %s)", (uuid.uuid4().hex, answers))
    connection.commit()


def _kept(connect: Callable[[], Any]) -> Any:
    if not hasattr(kept, "connection"):
        kept.connection = connect()
    return kept.connection


app = create_app()
app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]  # how Flask mounts middleware
    app.wsgi_app, {"/bare": bare_application(app.config["SQLALCHEMY_DATABASE_URI"])}
)
settle()

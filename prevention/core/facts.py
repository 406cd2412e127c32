"""Facts about this installation, kept as rows and remembered for a moment by each process."""

import time

from flask import Flask, current_app, g
from sqlalchemy import select

from prevention.core.db import db
from prevention.core.models import InstallationFact

IS_DEMO = "is_demo"
REMEMBERED_S = 30.0


def init_app(app: Flask) -> None:
    """Give the application its memory of facts."""
    app.extensions["facts"] = {}
    app.context_processor(lambda: {"is_demo": not g.get("is_in_trouble") and is_demo()})


def is_demo() -> bool:
    """Say whether the rows of this installation are made up for a demonstration."""
    return fact(IS_DEMO) == "yes"


def fact(key: str) -> str | None:
    """Give a fact, or None; read at most every `REMEMBERED_S` seconds per process."""
    memory: dict[str, tuple[float, str | None]] = current_app.extensions["facts"]
    read_at, value = memory.get(key, (0.0, None))
    if not read_at or time.monotonic() - read_at > REMEMBERED_S:
        value = db.session.scalar(select(InstallationFact.value).where(InstallationFact.key == key))
        memory[key] = (time.monotonic(), value)
    return value


def state_fact(key: str, value: str) -> None:
    """Write a fact down, over an older one."""
    db.session.merge(InstallationFact(key=key, value=value))
    current_app.extensions["facts"].pop(key, None)

"""Permanent youth substance-use prevention programmes across the schools of a city and its province."""

import importlib
import importlib.util

from flask import Flask, g
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect

from prevention import config
from prevention.core import db, facts, i18n, log, web

ROOMS = (
    "home", "messages.views", "network.views", "schools.views", "programmes.views", "booking.views", "delivery.views",
    "resources.views", "surveys.views", "surveys.answering", "indicators.views", "reports.views", "opendata.views",
)  # fmt: skip
MODELS = ("network", "schools", "accounts", "programmes", "booking", "delivery", "resources", "surveys", "indicators", "reports")
COMMANDS = ("network", "schools", "booking", "surveys", "indicators", "reports")

csrf = CSRFProtect()


def create_app(settings: config.Settings | None = None, **overrides: object) -> Flask:
    """Build the application: settings, ground, rooms, commands.

    Args:
        settings: read from the environment when None.
        overrides: Flask settings on top, for tests.

    Raises:
        config.BadSetting: a setting is missing or cannot be used.
    """
    settings = settings or config.Settings.from_environment()
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.update(settings.flask_config())
    app.config.update(overrides)
    log.set_up(level=settings.log_level)
    web.init_app(app)
    i18n.init_app(app)
    csrf.init_app(app)
    for room in MODELS:
        _load(f"prevention.{room}.models")
    db.init_app(app)
    facts.init_app(app)
    from prevention.accounts import service as accounts

    accounts.init_app(app)
    for name in ROOMS:
        module = _load(f"prevention.{name}")
        if module is not None:
            app.register_blueprint(module.bp)
    app.url_build_error_handlers.append(lambda _e, endpoint, _v: f"#missing-{endpoint}")
    _register_commands(app)
    return app


def _load(name: str):
    parts = name.split(".")
    try:
        if importlib.util.find_spec(name) is None:
            return None
    except ModuleNotFoundError:
        return None
    return importlib.import_module(name)


def _register_commands(app: Flask) -> None:
    for room in COMMANDS:
        module = _load(f"prevention.{room}.commands")
        if module is not None:
            app.cli.add_command(module.group)
    module = _load("prevention.cli")
    if module is not None:
        module.register(app)

"""Permanent youth substance-use prevention programmes across the schools of a city and its province.

`create_app` is the only place that knows every room.
"""

import secrets
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_migrate import upgrade
from flask_wtf.csrf import CSRFProtect

from prevention import cli, home
from prevention.accounts import commands as accounts_commands
from prevention.accounts import following
from prevention.accounts import service as accounts
from prevention.booking import commands as booking_commands
from prevention.booking import service as booking
from prevention.booking import views as booking_views
from prevention.booking.letters import KINDS as BOOKING_LETTERS
from prevention.booking.papers import KINDS as BOOKING_PAPERS
from prevention.config import ROOT, Settings
from prevention.core import db, facts, i18n, log, web, wordsets
from prevention.delivery import views as delivery_views
from prevention.delivery.certificate import KINDS as DELIVERY_PAPERS
from prevention.delivery.concerns import schools_reached
from prevention.delivery.letters import KINDS as DELIVERY_LETTERS
from prevention.delivery.past_year import past_year
from prevention.demo import loading
from prevention.early_signals import views as early_signals_views
from prevention.early_signals.letters import KINDS as EARLY_SIGNALS_LETTERS
from prevention.indicators import commands as indicators_commands
from prevention.indicators import foresight, pair_views, profile_views, research_views, seal_views
from prevention.indicators import views as indicators_views
from prevention.indicators.concerns import published_figures
from prevention.messages import service as messages
from prevention.messages import views as messages_views
from prevention.network import commands as network_commands
from prevention.network import views as network_views
from prevention.network.letters import KINDS as NETWORK_LETTERS
from prevention.network.signals import concerns_asked
from prevention.opendata import said
from prevention.opendata import views as opendata_views
from prevention.programmes import commands as programmes_commands
from prevention.programmes import opening_views, quality_views
from prevention.programmes import views as programmes_views
from prevention.programmes.concerns import parts_and_payments
from prevention.programmes.signals import (
    editions_carried,
    months_asked,
    past_year_asked,
    places_asked,
    schools_asked,
)
from prevention.reports import commands as reports_commands
from prevention.reports import views as reports_views
from prevention.reports.mayor_letters import KINDS as REPORT_LETTERS
from prevention.reports.signals import data_asked
from prevention.reports.translated import PAPERS
from prevention.resources import commands as resources_commands
from prevention.resources import views as resources_views
from prevention.schools import commands as schools_commands
from prevention.schools import views as schools_views
from prevention.schools.signals import (
    coordinators_asked,
    following_withdrawn,
    institute_followed,
    meetings_asked,
)
from prevention.surveys import answering
from prevention.surveys import commands as surveys_commands
from prevention.surveys import views as surveys_views
from prevention.surveys.express import Express
from prevention.surveys.interface import PAGES
from prevention.surveys.signals import foresight_asked

BLUEPRINTS = (
    home.bp,
    messages_views.bp,
    network_views.bp,
    schools_views.bp,
    programmes_views.bp,
    quality_views.bp,
    opening_views.bp,
    booking_views.bp,
    booking_views.calendar_bp,
    delivery_views.bp,
    resources_views.bp,
    surveys_views.bp,
    answering.bp,
    indicators_views.bp,
    research_views.bp,
    pair_views.bp,
    seal_views.bp,
    profile_views.bp,
    early_signals_views.bp,
    reports_views.bp,
    opendata_views.bp,
)
COMMANDS = (
    accounts_commands.group,
    booking_commands.group,
    indicators_commands.group,
    network_commands.group,
    programmes_commands.group,
    reports_commands.group,
    resources_commands.group,
    schools_commands.group,
    surveys_commands.group,
    *cli.GROUPS,
)

# Tries to sign in to one account, whoever makes them: a whole school shares one address, so addresses do not count.
SIGN_IN_LIMIT = "10 per 10 minutes"

csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: request.form.get("email", "").strip().lower(), storage_uri="memory://")


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """Build the application: settings, ground, rooms, commands.

    Args:
        settings: read from the environment when None.
        overrides: Flask settings on top, for tests.

    Raises:
        BadSetting: a setting is missing or cannot be used.
    """
    settings = settings or Settings.from_environment()
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.update(settings.flask_config())
    app.config.update(overrides)
    log.set_up(level=settings.log_level)
    web.init_app(app)
    i18n.init_app(app)
    csrf.init_app(app)
    db.init_app(app)
    facts.init_app(app)
    accounts.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    letters = (*BOOKING_LETTERS, *DELIVERY_LETTERS, *EARLY_SIGNALS_LETTERS, *NETWORK_LETTERS, *REPORT_LETTERS)
    messages.register(app, (*letters, *BOOKING_PAPERS, *DELIVERY_PAPERS))
    wordsets.register(app, PAGES, PAPERS)
    for group in COMMANDS:
        app.cli.add_command(group)
    # The language switch stands on every public page; a token there would put a cookie on all of them.
    csrf.exempt(home.set_language)
    limiter.init_app(app)
    limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(app.view_functions["security.login"])
    # The sign-in page of a demo says whom to sign in as.
    app.extensions["security"].login_context_processor(loading.sign_in_hints)
    # What a lower room asks a higher one; see the signal.
    places_asked.connect(booking.free_places)
    months_asked.connect(booking.bookable_months)
    past_year_asked.connect(past_year)
    schools_asked.connect(booking.schools_of_editions)
    editions_carried.connect(booking.carry_reminders)
    foresight_asked.connect(foresight.answer)
    concerns_asked.connect(parts_and_payments)
    concerns_asked.connect(schools_reached)
    data_asked.connect(said.said_of)
    concerns_asked.connect(published_figures)
    meetings_asked.connect(booking.meetings_off_school)
    coordinators_asked.connect(following.coordinators_of)
    institute_followed.connect(following.let_coordinators_follow)
    following_withdrawn.connect(following.take_access_back)
    app.extensions["scratch"] = _scratch
    # A class answers within minutes: the plain case takes a shorter way than through all of the above.
    app.wsgi_app = Express(app, app.wsgi_app)  # type: ignore[method-assign]  # how Flask mounts middleware
    return app


def _scratch(folder: Path, database: str) -> Flask:
    """Build another installation, with an empty database of its own, for a command that tries something out."""
    scratch = create_app(
        Settings.from_environment(
            {
                "INSTANCE": str(folder),
                "DATABASE_URL": database,
                "SECRET_KEY": secrets.token_hex(32),
                "LOG_LEVEL": "ERROR",
            }
        )
    )
    with scratch.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    return scratch

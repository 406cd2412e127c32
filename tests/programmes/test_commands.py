"""The command that fills the catalogue."""

from flask import Flask
from sqlalchemy import func, select

from prevention.core.db import db
from prevention.programmes.models import Programme


def test_the_known_programmes_are_loaded_by_a_command_that_can_be_run_again(live_app: Flask) -> None:
    runner = live_app.test_cli_runner()

    first = runner.invoke(args=["programmes", "load-known"])
    second = runner.invoke(args=["programmes", "load-known"])

    assert (0, 0) == (first.exit_code, second.exit_code)
    assert "added unplugged\n" in first.output
    assert "0 added, 7 already there\n" == second.output
    with live_app.app_context():
        assert 7 == db.session.scalar(select(func.count()).select_from(Programme))

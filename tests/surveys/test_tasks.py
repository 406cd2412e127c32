"""What the clock and the command line do with surveys."""

import logging
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.core.db import db
from prevention.surveys import service
from prevention.surveys.models import Ballot, MixedAnswer, PublishedQuestionnaire
from prevention.surveys.tasks import mix_ballots
from tests.conftest import NOW
from tests.factories.surveys import ClassWithCodes, make_class_with_codes


def answered(number: int) -> ClassWithCodes:
    """Make a class of which so many have answered."""
    room = make_class_with_codes(number=max(number, 1))
    for place, code in enumerate(room.codes[:number]):
        service.cast_ballot(service.enter(code, NOW), {"T0": "yes"}, submission=str(place))
    return room


def count(table: type[Ballot] | type[MixedAnswer]) -> int:
    """Count the rows of a table."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_there_is_nothing_to_mix_in_an_empty_box(app: Flask) -> None:
    assert not mix_ballots()


def test_one_turn_mixes_the_box_of_one_wave(app: Flask) -> None:
    for number in (10, 12, 9):
        answered(number)

    assert [True, True, False] == [mix_ballots() for _turn in range(3)]

    assert (9, 22) == (count(Ballot), count(MixedAnswer))


def test_the_log_does_not_say_how_many_were_mixed(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Minute by minute it would be a live count."""
    answered(17)

    with caplog.at_level(logging.INFO):
        mix_ballots()

    assert "ballots_mixed" in caplog.text
    said = caplog.text.replace(str(db.session.scalar(select(MixedAnswer.wave_id))), "")
    # The line carries its own moment, in which any digits may stand.
    assert "17" not in re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", said)


def test_the_command_publishes_the_shipped_questionnaire_once(app: Flask) -> None:
    for _run in range(2):
        result = app.test_cli_runner().invoke(args=["surveys", "publish-questionnaire"])
        assert (0, "core 2026.1") == (result.exit_code, result.output.strip())

    assert 1 == db.session.scalar(select(func.count()).select_from(PublishedQuestionnaire))

"""Loading the demo, all of it or nothing, and saying how to walk in."""

import uuid
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from prevention.accounts import service as accounts
from prevention.config import Settings
from prevention.core import clock, facts
from prevention.core.access import NotYours
from prevention.core.db import db, unit_of_work
from prevention.demo.activity import last_institutes, run_year
from prevention.demo.coming import leave_to_come
from prevention.demo.district import (
    ANALYST_EMAIL,
    COORDINATOR_EMAIL,
    FACILITATOR_EMAIL,
    OFFICE_EMAIL,
    PASSWORD,
    SECOND_EMAIL,
    build_district,
)
from prevention.demo.last_report import write_last_years_report
from prevention.demo.library import fill_library
from prevention.demo.network_life import PARTNER_EMAIL, run_network
from prevention.demo.permanence import show_permanence
from prevention.demo.school_days import keep_school_time
from prevention.demo.survey_year import open_feedback, open_trial_wave, run_pair, run_wave
from prevention.messages import service as messages
from prevention.messages.models import MessageStatus, OutboxMessage
from prevention.programmes import service as programmes
from prevention.reports import service as reports
from prevention.schools.models import Institute
from prevention.schools.rules import school_year_label, school_year_of
from prevention.surveys import service as surveys
from prevention.surveys.wave_rules import WaveRefused

SEED = 20260912
LOOK_BACK = timedelta(days=60)
TRIAL_CLASS = "demo_trial_class"
# More people than sit at one desk at once, fewer than a class.
TRIAL_CODES = 3


class NotEmpty(Exception):
    """The database holds rows already."""


def load(register: Path | None = None) -> str:
    """Fill an empty database with the demo and give a sentence that says what there is.

    Raises:
        NotEmpty: there are schools or people already.
    """
    today = clock.today()
    year = school_year_of(today - LOOK_BACK)
    rng = Random(SEED)  # noqa: S311  # to be the same again, not to be secret
    with unit_of_work():
        if db.session.scalar(select(func.count()).select_from(Institute)) or accounts.find_user(OFFICE_EMAIL):
            raise NotEmpty
        facts.state_fact(facts.IS_DEMO, "yes")
        db.session.flush()
        programmes.load_known()
        district = build_district(register, years=(year - 1, year), rng=rng)
        keep_school_time(district, years=(year - 1, year, year + 1))
        # One school was never reached, another one not this year.
        never, not_now = last_institutes(district)
        run_year(district, school_year=year - 1, today=today, busyness=0.55, rng=rng, unreached=(never,))
        run_year(district, school_year=year, today=today, busyness=0.8, rng=rng, unreached=(never, not_now))
        leave_to_come(district, school_year=year, today=today, rng=rng)
        run_wave(district, school_year=year - 1, most_answers=1_900, year_effect=0.4, rng=rng)
        run_wave(district, school_year=year, most_answers=2_000, year_effect=0.0, rng=rng)
        # With numbers of its own, so that all that is made up after it stays as it was.
        run_pair(district, school_year=year - 1, rng=Random(SEED + 1))  # noqa: S311  # to be the same again
        trial = open_trial_wave(district, school_year=year, today=today)
        facts.state_fact(TRIAL_CLASS, str(trial.id))
        fill_library(district, rng=rng)
        show_permanence(district, rng=rng)
        run_network(district, school_year=year, today=today, rng=Random(SEED + 2))  # noqa: S311  # to be the same again
        open_feedback(district, school_year=year, today=today)
        # The mails of a made-up past were never meant for anybody.
        db.session.execute(update(OutboxMessage).values(status=MessageStatus.SENT, sent_at=OutboxMessage.queued_at))
        _give_one_mail_up()
        reports.request_report(
            accounts.actor_of(district.people.office), school_year=year - 1, language="it", now=clock.now(),
            today=today,
        )  # fmt: skip
        write_last_years_report(district, school_year=year - 1, today=today)
    return f"Demo loaded: school years {school_year_label(year - 1)} and {school_year_label(year)}, made up."


def _give_one_mail_up() -> None:
    """Leave one mail undelivered, so that the office can see what to do about it."""
    newest = db.session.scalar(messages.messages().limit(1))
    if newest is not None:
        messages.mark_failed(
            newest.id, clock.now(), reason="SMTPRecipientsRefused: 550 5.1.1 no such mailbox", is_final=True
        )


def build_report(folder: Path) -> Path:
    """Make the report of the demo's closed school year into a folder and give its path."""
    today = clock.today()
    with unit_of_work():
        name, pdf = reports.build_report(school_year_of(today - LOOK_BACK) - 1, language="it", today=today)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(pdf)
    return path


def sign_in_hints() -> dict[str, Any]:
    """Give the values that the sign-in page shows in a demo: whom to sign in as."""
    return {
        "demo_password": PASSWORD,
        "demo_people": (
            (_("Education office"), OFFICE_EMAIL),
            (_("Education office, the second person"), SECOND_EMAIL),
            (_("School coordinator"), COORDINATOR_EMAIL),
            (_("Facilitator"), FACILITATOR_EMAIL),
            (_("Municipality"), PARTNER_EMAIL),
            (_("Analyst"), ANALYST_EMAIL),
        ),
    }


def sign_ins() -> list[str]:
    """Say in lines whom to sign in as and, where the trial wave is open, with which fresh codes to answer."""
    settings: Settings = current_app.config["SETTINGS"]
    if not facts.is_demo():
        return ["This database holds no demo: sign in with the people you added."]
    lines = [
        f"  {role:<22} {email}   password: {PASSWORD}"
        for role, email in (
            ("education office", OFFICE_EMAIL),
            ("the second person", SECOND_EMAIL),
            ("school coordinator", COORDINATOR_EMAIL),
            ("facilitator", FACILITATOR_EMAIL),
            ("municipality", PARTNER_EMAIL),
            ("analyst", ANALYST_EMAIL),
        )
    ]
    lines += [f"  pupil, one answer      {settings.base_url}/s/#{code}" for code in _fresh_codes()]
    return lines


def _fresh_codes() -> list[str]:
    with unit_of_work():
        wave_class_id, office = facts.fact(TRIAL_CLASS), accounts.find_user(OFFICE_EMAIL)
        if wave_class_id is None or office is None:
            return []
        try:
            wave_class = surveys.wave_class_for(accounts.actor_of(office), uuid.UUID(wave_class_id))
            return surveys.make_codes(None, wave_class, number=TRIAL_CODES)
        except (NotYours, WaveRefused):
            # A visitor closed the wave: there is nothing to try any more.
            return []

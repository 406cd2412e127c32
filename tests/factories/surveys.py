"""Waves with classes and codes, made for tests. Every factory flushes; nothing commits."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from prevention.core.db import db
from prevention.schools.models import SchoolClass
from prevention.surveys import service
from prevention.surveys.models import Wave, WaveClass, WaveSecret
from prevention.surveys.service.secrets import fresh_key
from prevention.surveys.wave_rules import WaveMode, WaveStatus
from tests.factories.schools import SCHOOL_YEAR, make_school_class

_numbers = count(1)


def make_wave(*classes: SchoolClass, **values: Any) -> Wave:
    """Make an open wave around the frozen clock's day, with the core questionnaire, for some classes."""
    wave = Wave(
        **{
            "name": f"Wave {next(_numbers)}",
            "school_year": SCHOOL_YEAR,
            "questionnaire_id": service.publish_shipped().id,
            "mode": WaveMode.MONITORING,
            "opens_on": date(2026, 11, 16),
            "closes_on": date(2026, 11, 27),
            "status": WaveStatus.OPEN,
            "classes": [WaveClass(school_class_id=one.id) for one in classes],
            **values,
        }
    )
    db.session.add(wave)
    db.session.flush()
    db.session.add(WaveSecret(wave_id=wave.id, code_key=fresh_key(), cluster_key=fresh_key()))
    db.session.flush()
    return wave


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassWithCodes:
    """A class in a wave, and its codes as they stand on the slips."""

    wave: Wave
    wave_class: WaveClass
    codes: list[str]


def make_class_with_codes(school_class: SchoolClass | None = None, *, number: int = 3, **values: Any) -> ClassWithCodes:
    """Make a class of an open wave of its own, with codes."""
    wave = make_wave(school_class or make_school_class(), **values)
    wave_class = wave.classes[0]
    status, wave.status = wave.status, WaveStatus.OPEN
    codes = service.make_codes(None, wave_class, number=number)
    wave.status = status
    db.session.flush()
    return ClassWithCodes(wave=wave, wave_class=wave_class, codes=codes)

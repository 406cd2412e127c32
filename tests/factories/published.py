"""Published figures, made for tests: values by hand, and rows in the ledger. `publish` flushes; nothing commits."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.indicators import ledger
from prevention.indicators.models import SealedWave
from prevention.indicators.published import (
    Audience,
    Dimension,
    Measure,
    PublishedCell,
    PublishedTable,
    Reason,
)
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.schools import SCHOOL_YEAR
from tests.factories.surveys import make_wave

SEALED_ON = date(2026, 11, 20)

LABELS = {
    "all": Localised(it="Tutti", en="All"),
    "female": Localised(it="Ragazze", en="Girls"),
    "male": Localised(it="Ragazzi", en="Boys"),
    "other": Localised(it="In altro modo o non detto", en="In another way, or not said"),
    "primo_grado": Localised(it="Secondaria di I grado", en="Lower secondary"),
    "secondo_grado": Localised(it="Secondaria di II grado", en="Upper secondary"),
    "secondo_grado-1": Localised(it="Classi prime", en="1st year"),
    "secondo_grado-2": Localised(it="Classi seconde", en="2nd year"),
    "liceo": Localised(it="Licei", en="Licei (academic)"),
    "tecnico": Localised(it="Istituti tecnici", en="Technical schools"),
    "professionale": Localised(it="Istituti professionali", en="Vocational schools"),
}


def shown_cell(domain: str = "all", *, share: float = 0.18, low: float = 0.14, high: float = 0.22) -> PublishedCell:
    """Give an ordinary cell."""
    return PublishedCell(domain=domain, label=_label(domain), n_valid=412, share=share, low=low, high=high, shown=True)


def masked_cell(domain: str = "all", *, text: str = "<5") -> PublishedCell:
    """Give a cell that shows what is true of every small number."""
    return PublishedCell(
        domain=domain, label=_label(domain), n_valid=120, share=None, low=None, high=None, shown=True,
        reason=Reason.SMALL_NUMBER, text=text,
    )  # fmt: skip


def hidden_cell(domain: str = "all", *, reason: Reason = Reason.FEW_ANSWERS) -> PublishedCell:
    """Give a cell that shows nothing."""
    return PublishedCell(
        domain=domain, label=_label(domain), n_valid=None, share=None, low=None, high=None, shown=False, reason=reason
    )


def _label(domain: str) -> Localised:
    return LABELS.get(domain, Localised(it=domain, en=domain))


def make_table(*cells: PublishedCell, **values: Any) -> PublishedTable:
    """Give a table of a percentage over all pupils, unless `values` say otherwise."""
    table = PublishedTable(
        id=uuid.uuid4(),
        wave_id=uuid.uuid4(),
        indicator_id="I02",
        name=Localised(it="Sigarette, ultimi 30 giorni", en="Cigarettes, past 30 days"),
        definition=Localised(
            it="Ha fumato sigarette negli ultimi 30 giorni", en="Smoked cigarettes in the past 30 days"
        ),
        group="tobacco",
        measure=Measure.PERCENT,
        scale=(0.0, 1.0),
        school_year=SCHOOL_YEAR,
        wave_name="Rilevazione",
        dimension=Dimension.ALL,
        audience=Audience.DISTRICT,
        cells=cells or (shown_cell(),),
        classes=24,
        schools=9,
        missing=0.03,
        wording="a" * 16,
        policy="2026-11",
        sealed_on=SEALED_ON,
    )
    return replace(table, **values)


def publish(
    *tables: PublishedTable,
    school_year: int = SCHOOL_YEAR,
    wave_name: str = "Rilevazione",
    sealed_on: date = SEALED_ON,
    questionnaire: str = "core",
) -> Sequence[PublishedTable]:
    """Write tables into the ledger as those of one new sealed wave, and give them as they stand there."""
    wave = make_wave(school_year=school_year, name=wave_name, status=WaveStatus.SEALED)
    seal = SealedWave(
        wave_id=wave.id,
        school_year=school_year,
        wave_name=wave_name,
        file_name=f"{wave.id}.parquet",
        sha256="0" * 64,
        manifest={"questionnaire": {"code": questionnaire, "version": "2026.1"}},
        sealed_on=sealed_on,
    )
    db.session.add(seal)
    db.session.flush()
    entered = [
        replace(table, wave_id=wave.id, school_year=school_year, wave_name=wave_name, sealed_on=sealed_on)
        for table in tables
    ]
    ledger.enter(seal.id, entered, published_on=sealed_on)
    return entered

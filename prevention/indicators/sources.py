"""What tables of a sealed wave say besides figures, and what its cleaning rules do: shared by all that make them."""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from prevention.core.db import db
from prevention.indicators import seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import Rule
from prevention.indicators.engines import connect
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.sensitivity import Effect, effects, pattern_totals
from prevention.indicators.tables import Source
from prevention.network.models import Municipality
from prevention.schools.models import Site
from prevention.surveys.models import Wave
from prevention.surveys.wave_rules import WaveMode


def source_of(sealed: SealedWave, *, today: date) -> Source:
    """Give the source of new tables of a sealed wave. Reads the file for the places in it; two queries."""
    path = seal.checked(sealed.file_name, sha256=sealed.sha256)
    with connect() as engine:
        found = engine.execute("SELECT DISTINCT site_code, municipality FROM read_parquet(?)", [str(path)]).fetchall()
    return Source(
        wave_id=sealed.wave_id,
        wave_name=sealed.wave_name,
        school_year=sealed.school_year,
        sealed_on=today,
        wordings=sealed.manifest["wordings"],
        places=names_of({str(code) for code, _town in found}, {str(town) for _code, town in found}),
    )


def engine_address() -> str:
    """Give the address of the engine that reads sealed files (`engines`), as set."""
    return current_app.config["SETTINGS"].analytics_engine  # type: ignore[no-any-return]  # the config is untyped


def names_of(sites: Collection[str], towns: Collection[str]) -> dict[str, str]:
    """Give the names of schools and municipalities by their codes."""
    names = {site.code: site.display_name for site in db.session.scalars(select(Site).where(Site.code.in_(sites)))}
    query = select(Municipality.istat_code, Municipality.name).where(Municipality.istat_code.in_(towns))
    return names | {town.istat_code: town.name for town in db.session.execute(query)}


def effects_in(path: Path, *, switches: Mapping[Rule, bool], items: frozenset[str]) -> dict[Rule, Effect]:
    """Say what turning each rule's switch would do to the figures of a sealed file; `items` are its questions."""
    patterns = pattern_totals(
        path, catalogue().answerable(items), zero_if=catalogue().zero_if, address=engine_address()
    )
    return effects(patterns, switches=switches, policy=policy())


def is_of_the_district(wave_id: UUID) -> bool:
    """Say whether a wave is a picture of the district, of which tables are published. One query.

    A programme's before and after, or feedback on it, speak of those who took part: what comes out of them is the
    result of the pair (`panel_gate`), and no table that stands beside those of all.
    """
    return db.session.get_one(Wave, wave_id).mode is WaveMode.MONITORING

"""A before and after of which both waves are sealed: worked out once, kept as it was released, read back.

Reading and working out take no lock; entering is one insert, and of two processes the second finds the pair's row
there.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import aliased

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.indicators import seal
from prevention.indicators.effects import detectable_difference, detectable_size
from prevention.indicators.estimates import WORKING_ICC
from prevention.indicators.foresight import SHARE
from prevention.indicators.models import PanelRow, SealedWave
from prevention.indicators.panel_gate import Panel
from prevention.indicators.panel_links import let_all_out
from prevention.indicators.panels import all_who_answered, comparable, found_again
from prevention.indicators.policy import nearest_count, policy
from prevention.indicators.rules import SealBroken
from prevention.roles import Role
from prevention.surveys import service as surveys
from prevention.surveys.models import PairedWave, Wave, WavePair
from prevention.surveys.wave_rules import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedPair:
    """A pair with the seals in force of its two waves, the before first."""

    pair: WavePair
    seals: tuple[SealedWave, SealedWave]

    @property
    def is_joined(self) -> bool:
        """Say whether pupils were joined by their code."""
        return self.pair.is_linked and self.pair.report is not None


def next_sealed_pair() -> SealedPair | None:
    """Give a pair of which both waves are sealed and nothing is released, or None. One query."""
    pre, post = aliased(PairedWave), aliased(PairedWave)
    before, after = aliased(SealedWave), aliased(SealedWave)
    later = aliased(SealedWave)
    query = (
        select(WavePair, before, after)
        .join(pre, (pre.pair_id == WavePair.id) & (pre.stage == Stage.PRE))
        .join(post, (post.pair_id == WavePair.id) & (post.stage == Stage.POST))
        .join(before, before.wave_id == pre.wave_id)
        .join(after, after.wave_id == post.wave_id)
        .where(
            ~select(PanelRow.id).where(PanelRow.pair_id == WavePair.id).exists(),
            ~select(later.id).where(later.corrects_id.in_([before.id, after.id])).exists(),
        )
        .order_by(WavePair.id)
        .limit(1)
    )
    found = db.session.execute(query).first()
    return None if found is None else SealedPair(pair=found[0], seals=(found[1], found[2]))


def worked_out(found: SealedPair, *, today: date) -> Panel:
    """Compare the two waves of a pair, as far as it may be shown. Writes nothing.

    Raises:
        SealBroken: a sealed file is gone, or not what was sealed.
    """
    paths = [seal.checked(one.file_name, sha256=one.sha256) for one in found.seals]
    address = current_app.config["SETTINGS"].analytics_engine
    indicators = comparable(*(one.manifest["wordings"] for one in found.seals))
    everybody = all_who_answered(paths[0], paths[1], indicators, address=address)
    again = found_again(paths[0], paths[1], indicators, address=address) if found.is_joined else ()
    figures = let_all_out(everybody, again, policy=policy())
    kept = [one.manifest["participation"]["kept"] for one in found.seals]
    report = found.pair.report or {}
    joined = report.get("exact", 0) + report.get("one_off", 0)
    step = policy().count_step
    return Panel(
        pair_id=found.pair.id,
        name=found.pair.name,
        school_year=found.seals[1].school_year,
        is_linked=found.is_joined,
        answers=(nearest_count(kept[0], step), nearest_count(kept[1], step)),
        found=nearest_count(joined, step) if found.is_joined else None,
        figures=tuple(figures),
        policy=policy().version,
        published_on=today,
    )


def enter(panel: Panel) -> None:
    """Release the result of a pair. Flushes; an IntegrityError says that another process was first."""
    payload = panel.to_json()
    db.session.add(
        PanelRow(
            pair_id=panel.pair_id,
            school_year=panel.school_year,
            payload=payload,
            sha256=_digest(payload),
            published_on=panel.published_on,
        )
    )
    audit.record(None, "indicators.panel_released", panel.pair_id, figures=len(panel.figures))
    db.session.flush()


def pair_for(actor: Actor, pair_id: uuid.UUID) -> tuple[WavePair, Panel | None]:
    """Load a pair for the office, with what is released of it. Four queries.

    Raises:
        NotYours: there is none, or the person is not of the office.
        SealBroken: what is kept is not what was released.
    """
    if not actor.has(Role.OFFICE):
        raise NotYours
    pair = surveys.pair_for(actor, pair_id)
    row = db.session.scalar(select(PanelRow).where(PanelRow.pair_id == pair_id))
    return pair, None if row is None else _read(row)


def others_of_year(panel: Panel) -> tuple[Panel, ...]:
    """Give the other released pairs of a school year, by name; one may be of classes that waited. One query."""
    query = select(PanelRow).where(PanelRow.school_year == panel.school_year, PanelRow.pair_id != panel.pair_id)
    found = (_read(row) for row in db.session.scalars(query))
    return tuple(sorted(found, key=lambda one: (one.name, str(one.pair_id))))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasedPair:
    """A released before and after, how it was made, and what it could have found at all.

    Attributes:
        before_from to after_until: the days on which pupils could answer.
        questionnaires: code and version, of the before and of the after.
        classes: of the smaller of the two waves.
        difference: the smallest change of a share of `foresight.SHARE` that would probably have been found, 0 to 1;
            `size`: of a mean, as Cohen's d. None with fewer than two classes.
    """

    panel: Panel
    before_from: date
    before_until: date
    after_from: date
    after_until: date
    questionnaires: tuple[str, ...]
    classes: int
    difference: float | None
    size: float | None


def released_pairs(school_year: int) -> tuple[ReleasedPair, ...]:
    """Give the released pairs of a school year, by name. One query.

    Raises:
        SealBroken: what is kept is not what was released.
    """
    pre, post = aliased(PairedWave), aliased(PairedWave)
    before, after = aliased(SealedWave), aliased(SealedWave)
    first, second = aliased(Wave), aliased(Wave)
    query = (
        select(PanelRow, before, after, first, second)
        .join(pre, (pre.pair_id == PanelRow.pair_id) & (pre.stage == Stage.PRE))
        .join(post, (post.pair_id == PanelRow.pair_id) & (post.stage == Stage.POST))
        .join(before, (before.wave_id == pre.wave_id) & before.corrects_id.is_(None))
        .join(after, (after.wave_id == post.wave_id) & after.corrects_id.is_(None))
        .join(first, first.id == pre.wave_id)
        .join(second, second.id == post.wave_id)
        .where(PanelRow.school_year == school_year)
    )
    found = [_released(*row) for row in db.session.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.panel.name, str(one.panel.pair_id))))


def _released(row: PanelRow, before: SealedWave, after: SealedWave, first: Wave, second: Wave) -> ReleasedPair:
    panel = _read(row)
    seals = (before, after)
    classes = min(one.manifest["participation"]["classes"] for one in seals)
    # From the rounded numbers of answers: what is said here tells no more than they do.
    per_class = min(panel.answers) / classes if classes else 0.0
    is_enough = classes > 1 and per_class > 0
    about = {"classes": classes, "pupils_per_class": per_class, "icc": WORKING_ICC}
    return ReleasedPair(
        panel=panel,
        before_from=first.opens_on,
        before_until=first.closes_on,
        after_from=second.opens_on,
        after_until=second.closes_on,
        questionnaires=tuple(
            f"{one.manifest['questionnaire']['code']} {one.manifest['questionnaire']['version']}" for one in seals
        ),
        classes=classes,
        difference=detectable_difference(share=SHARE, **about) if is_enough else None,
        size=detectable_size(**about) if is_enough else None,
    )


def _read(row: PanelRow) -> Panel:
    if _digest(row.payload) != row.sha256:
        raise SealBroken(f"panel {row.id}")
    return Panel.from_json(row.payload)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""What the method annex says of the rules that were applied and of the acts in force, written from their data."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import day, number
from prevention.indicators.ledger import WaveFacts
from prevention.network.governance_wording import ACT_KINDS
from prevention.reports.chapters.values import ActInForce, PolicyFacts
from prevention.reports.figures import YearFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class ActRow:
    """One version of an act, in words; `surveys` names those during which it was in force."""

    kind: str
    title: str
    version: str
    days: str
    parties: str
    surveys: str


def policy_rules(figures: YearFigures) -> tuple[str, ...]:
    """Say the disclosure rules with their numbers; nothing where the tables passed another version."""
    policy = figures.chapters.policy if figures.chapters is not None else None
    versions = {table.policy for table in figures.tables}
    if policy is None or (versions and versions != {policy.version}):
        return ()
    return tuple(_rules(policy))


def _rules(one: PolicyFacts) -> Iterable[str]:
    yield _(
        "A group within the whole is shown from %(answers)s answers, the whole and a single school from %(school)s; "
        "always from at least %(classes)s classes.",
        answers=number(one.answers),
        school=number(one.answers_school),
        classes=number(one.classes),
    )
    yield _(
        "Fewer than %(small)s pupils, or all but fewer than %(small)s, are never printed as a number.",
        small=number(one.small_number),
    )
    yield _("Shares are whole hundredths; below %(group)s answers, multiples of five.", group=number(one.small_group))
    yield _(
        "All tables together are searched for what could be worked out from them: a hidden number keeps at least "
        "%(values)s possible values, else more is hidden.",
        values=number(one.recovery_values),
    )


def act_rows(figures: YearFigures) -> tuple[ActRow, ...]:
    """List the acts of data protection in force while pupils answered, with the surveys they cover."""
    if figures.chapters is None:
        return ()
    return tuple(_act(one, figures) for one in figures.chapters.acts)


def _act(one: ActInForce, figures: YearFigures) -> ActRow:
    names = {survey.wave_id: survey.wave_name for survey in figures.surveys}
    waves = figures.chapters.waves if figures.chapters is not None else ()
    covered = [names[wave.wave_id] for wave in waves if wave.wave_id in names and _covers(one, wave)]
    return ActRow(
        kind=str(ACT_KINDS[one.kind]),
        title=one.title,
        version=_("version %(version)s", version=one.version),
        days=_days(one),
        parties=" – ".join(name for name in (one.controller, one.partner) if name),
        surveys="; ".join(covered) or _("no survey of this year"),
    )


def _covers(act: ActInForce, wave: WaveFacts) -> bool:
    return act.starts_on <= wave.closed_on and (act.ends_on is None or act.ends_on >= wave.opened_on)


def _days(one: ActInForce) -> str:
    first = day(one.starts_on, "medium")
    if one.ends_on is None:
        return _("since %(first)s", first=first)
    return _("from %(first)s to %(last)s", first=first, last=day(one.ends_on, "medium"))

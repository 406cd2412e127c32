"""Where each programme stands at the stages of the European quality standards (EDPQS), and what is missing."""

from collections import Counter
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core.web import day, number
from prevention.programmes.quality_rules import StageState
from prevention.programmes.quality_wording import STAGES, STATES
from prevention.reports.chapters.values import ProgrammeStages, StageAt
from prevention.reports.figures import YearFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class StageRow:
    """One stage of one programme. `is_open` says that nobody wrote about it."""

    name: str
    state: str
    is_open: bool
    done: str
    gap: str
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StagesView:
    """One programme at all stages that somebody wrote about; `untouched` names the others."""

    programme: str
    counts: tuple[str, ...]
    rows: tuple[StageRow, ...]
    untouched: tuple[str, ...]


def stages(figures: YearFigures) -> tuple[StagesView, ...]:
    """Arrange the stages of the year's programmes, those with most worked out first."""
    chapters = figures.chapters
    if chapters is None:
        return ()
    order = (StageState.DONE, StageState.PARTLY, StageState.OPEN)
    counted = [(Counter(stage.state for stage in one.stages), one) for one in chapters.stages]
    counted.sort(key=lambda pair: (*(-pair[0][state] for state in order[:2]), pair[1].slug))
    return tuple(_view(one, tuple(number(counts[state]) for state in order)) for counts, one in counted)


def _view(one: ProgrammeStages, counts: tuple[str, ...]) -> StagesView:
    written = [stage for stage in one.stages if stage.reviewed_on is not None]
    return StagesView(
        programme=one.programme.text(),
        counts=counts,
        rows=tuple(_row(stage) for stage in written),
        untouched=tuple(_name(stage) for stage in one.stages if stage.reviewed_on is None),
    )


def _row(stage: StageAt) -> StageRow:
    return StageRow(
        name=_name(stage),
        state=str(STATES[stage.state]),
        is_open=stage.state is StageState.OPEN,
        done=stage.done,
        gap=stage.gap,
        about="; ".join(_about(stage)),
    )


def _name(stage: StageAt) -> str:
    return f"{stage.stage.number}. {STAGES[stage.stage]}"


def _about(stage: StageAt) -> list[str]:
    said = []
    if stage.owner:
        said.append(_("seen to by %(owner)s", owner=stage.owner))
    if stage.evidence:
        said.append(ngettext("%(num)d document", "%(num)d documents", stage.evidence))
    if stage.reviewed_on is not None:
        said.append(_("looked at on %(day)s", day=day(stage.reviewed_on, "medium")))
    return said

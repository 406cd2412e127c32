"""The district's yearly impact report.

The template gets values and words and decides nothing. What a chapter says is worked out in `activity` and `results`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from prevention.core.i18n import DEFAULT_LANGUAGE
from prevention.indicators.ledger import WaveFacts
from prevention.indicators.published import Dimension, PublishedTable, Reason
from prevention.indicators.service import SealedManifest
from prevention.reports import activity, maps, names, printed, profiles, rows
from prevention.reports.attachments import attachments_of
from prevention.reports.chapters import before_after, equity, fidelity, method, money, others, over_years, plan, quality
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Content, Paper
from prevention.reports.profiles import ProfileView
from prevention.reports.results import GroupView, groups_of, plain_sentence
from prevention.reports.rich_text import rendered
from prevention.schools.rules import SCHOOL_YEAR_FIRST_MONTH, school_year_label

# Indicators told on the first page, in this order, where they were asked and may be shown.
HEADLINES = ("I02", "I05", "I11", "I12", "I17", "I29", "I40", "I41")


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyView:
    """One sealed survey as the report shows it."""

    manifest: SealedManifest
    groups: tuple[GroupView, ...]
    facts: WaveFacts | None

    @property
    def response_rate(self) -> float | None:
        """Answers kept, as a share of the pupils enrolled (P05); None unless every class reported its pupils."""
        who = self.manifest
        return who.kept / who.enrolled if who.enrolled and who.reported == who.classes else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hidden:
    """How many figures are not shown for one reason, in words."""

    words: str
    cells: int


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the report says."""
    return Content(
        template="reports/impact.html",
        title=title(figures),
        stem=_("yearly-report"),
        values=values(figures, language=paper.language),
        attachments=attachments_of(figures),
    )


def values(figures: YearFigures, *, language: str) -> dict[str, Any]:
    """Give the template's values: words, rows, charts; see the chapters of ``reports/impact/``."""
    totals = figures.activity.totals
    surveys = survey_views(figures)
    district_map = maps.hours_map(figures)
    year_ends = date(figures.school_year + 1, SCHOOL_YEAR_FIRST_MONTH, 1)
    return {
        "activity": figures.activity,
        "office": texts_of(figures, language=language),
        "totals": totals,
        "district": printed.of_district(totals),
        "year_before": school_year_label(figures.school_year - 1),
        "is_running": figures.as_of < year_ends,
        "done": activity.done_sentences(totals),
        "reach": activity.reach_sentences(totals),
        "equity": tuple(activity.equity_sentence(gap) for gap in figures.activity.equity),
        "comparisons": activity.comparisons(figures),
        "programmes": rows.programme_rows(figures.activity.programmes),
        "schools": rows.school_rows(figures.activity.schools),
        "municipalities": rows.municipality_rows(figures.activity.municipalities),
        "never_reached": rows.missed_rows(figures.activity.never_reached, names.told_apart(figures.activity.schools)),
        "school_charts": activity.school_charts(figures.activity.schools),
        "plan": plan.plan_rows(figures),
        "years_table": plan.years_table(figures),
        "group_tables": equity.group_tables(figures),
        "has_areas": equity.has_areas(figures),
        "break_tables": equity.break_tables(figures),
        "fidelity": fidelity.fidelity(figures),
        "stages": quality.stages(figures),
        "money": money.money(figures),
        "district_map": district_map,
        "municipality_charts": activity.municipality_charts(figures.activity.municipalities)
        if not district_map
        else (),
        "years_views": over_years.over_years(figures),
        "others_views": others.others(figures),
        "pairs": before_after.pairs(figures),
        "policy_rules": method.policy_rules(figures),
        "acts": method.act_rows(figures),
        "headlines": tuple(headlines(figures.tables)),
        "surveys": surveys,
        "profiles": tuple(_profiles(figures)),
        "attachments": attachments_of(figures),
        "hidden": _hidden(figures.tables),
        "cells": sum(len(table.cells) for table in figures.tables),
        "hidden_cells": sum(cell.reason is not None for table in figures.tables for cell in table.cells),
        "policies": tuple(sorted({table.policy for table in figures.tables})),
    }


def texts_of(figures: YearFigures, *, language: str) -> dict[str, Any]:
    """Give the office's own texts as HTML; that of the first language where it wrote one in no other.

    `stands_in` names the parts that are in the first language instead of this one, so that the page says so.
    """
    own, first = figures.texts_in(language), figures.texts_in(DEFAULT_LANGUAGE)
    parts = {name: (getattr(own, name), getattr(first, name)) for name in ("conclusions", "plan", "changes")}
    return {
        **{name: rendered(mine or other) for name, (mine, other) in parts.items()},
        "stands_in": tuple(name for name, (mine, other) in parts.items() if other and not mine),
    }


def expected_pages(figures: YearFigures) -> int:
    """Guess how many pages the report will have, for the progress bar only."""
    indicators = sum(table.dimension is Dimension.ALL for table in figures.tables)
    return 10 + len(figures.activity.schools) // 14 + indicators // 3


def title(figures: YearFigures) -> str:
    """Name the report."""
    year = school_year_label(figures.school_year)
    return _("Yearly impact report %(year)s – %(district)s", year=year, district=figures.district)


def survey_views(figures: YearFigures) -> tuple[SurveyView, ...]:
    """Arrange each sealed survey under its headings, last year beside it."""
    facts = {one.wave_id: one for one in (figures.chapters.waves if figures.chapters is not None else ())}
    return tuple(
        SurveyView(
            manifest=survey,
            groups=groups_of(
                [table for table in figures.tables if table.wave_id == survey.wave_id],
                before=figures.tables_before,
                names=figures.groups,
            ),
            facts=facts.get(survey.wave_id),
        )
        for survey in figures.surveys
    )


def _profiles(figures: YearFigures) -> Iterator[ProfileView]:
    for survey in figures.surveys:
        found = profiles.of_all([table for table in figures.tables if table.wave_id == survey.wave_id])
        if found is not None:
            yield found


def headlines(tables: tuple[PublishedTable, ...]) -> list[str]:
    """Say the main results as sentences for anybody; what was not asked or may not be shown is left out."""
    said = []
    for indicator_id in HEADLINES:
        for table in tables:
            if table.indicator_id == indicator_id and table.dimension is Dimension.ALL:
                sentence = plain_sentence(table)
                if sentence is not None:
                    said.append(sentence)
    return said


def _hidden(tables: tuple[PublishedTable, ...]) -> tuple[Hidden, ...]:
    counts = Counter(cell.reason for table in tables for cell in table.cells if cell.reason is not None)
    return tuple(Hidden(words=_reason_words(reason), cells=counts[reason]) for reason in Reason if counts[reason])


def _reason_words(reason: Reason) -> str:
    return {
        Reason.FEW_ANSWERS: _("Too few pupils of this group answered: somebody could be recognised."),
        Reason.ONE_CLASS: _("All answers of this group come from one class."),
        Reason.ONE_SCHOOL: _("All answers of this group come from one school."),
        Reason.COMPLEMENTARY: _("With this figure, another one that is hidden could be worked out."),
        Reason.DIFFERENCE: _("It differs by a few pupils only from a figure that was published before."),
        Reason.SMALL_NUMBER: _("Almost nobody, or almost everybody: only “fewer than” or “more than” is printed."),
    }[reason]

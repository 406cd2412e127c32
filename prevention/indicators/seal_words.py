"""What the pages of sealed surveys say: refusals, and lines of the trail. No query, no request."""

from flask_babel import gettext as _

from prevention.core.i18n import Localised
from prevention.indicators.cleaning import NAMES, Rule
from prevention.indicators.published import Audience, PublishedTable
from prevention.indicators.rules import TableRefused, WhyRefused
from prevention.indicators.table_words import dimension_title


def refusal_words(refusal: TableRefused) -> list[str]:
    """Say why a table may not come out, and beside which earlier ones; those are named, not their figures."""
    words = [why_words(refusal.why)]
    words += [_("Beside: %(table)s", table=one) for one in dict.fromkeys(map(table_words, refusal.earlier))]
    return words


def why_words(why: WhyRefused) -> str:
    """Say in a sentence why a table is refused."""
    return {
        WhyRefused.DIFFERS_TOO_LITTLE: _(
            "This table and one that is published already differ by so few pupils, or by one class only, that "
            "subtraction would show what those answered."
        ),
        WhyRefused.GIVES_AWAY: _(
            "Together with what is published already, this table would give away a number that is hidden."
        ),
        WhyRefused.NOTHING_TO_SHOW: _("Nothing of this table may be shown: its groups are too small."),
        WhyRefused.NOBODY: _("Nobody in this part of the district was asked this, or none of them told it apart."),
        WhyRefused.ALREADY_PUBLISHED: _("This very table is published already."),
        WhyRefused.CORRECTED: _("A correction has taken the place of this seal: ask of the one in force."),
    }[why]


def table_words(table: PublishedTable) -> str:
    """Name a table without its figures: "Alcohol in life, by sex"."""
    title = dimension_title(table.dimension)
    return f"{table.name.text()} \u2013 {title[0].lower()}{title[1:]}"


def audience_words(audience: Audience) -> str:
    """Say whom a table is for."""
    return {Audience.DISTRICT: _("everybody"), Audience.SCHOOL: _("each school, its own row")}[audience]


def action_words(action: str) -> str:
    """Say what became of a table that was asked for."""
    return {
        "indicators.table_tested": _("tested: it may come out"),
        "indicators.table_refused": _("refused"),
        "indicators.table_released": _("published"),
    }[action]


def rule_name(rule: str) -> str:
    """Name a cleaning rule."""
    name: Localised = NAMES[Rule(rule)]
    return name.text()

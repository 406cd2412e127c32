"""Main results in words that a child's parent, and a child, can read; and how easy a text is to read.

Only indicators of what pupils did or know, and only shares: "about 18 in 100". The reading ease is the Gulpease index
(P. Lucisano, M. E. Piemontese, "Gulpease: una formula per la predizione della difficoltà dei testi in lingua
italiana", Scuola e Città 3, 1988): 89 + (300 x sentences - 10 x letters) / words, from 0 to 100; from 60 on a text is
easy for who has finished lower secondary school.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext
from markupsafe import Markup, escape

from prevention.indicators.published import Dimension, Measure, PublishedTable
from prevention.network.help_file import HelpLine
from prevention.network.rules import HelpServiceKind, HelpServiceScope
from prevention.reports.printed import Figure
from prevention.reports.results import in_100

# Whole sentences, in the order in which they are told: other languages order words in other ways. Each says how many in
# 100; then, where most did not, the question and the answer of the slides.
IN_100: dict[str, LazyString] = {
    "I02": lazy_gettext("%(share)s in 100 smoked in the last month."),
    "I05": lazy_gettext("%(share)s in 100 vaped in the last month."),
    "I11": lazy_gettext("%(share)s in 100 drank alcohol in the last month."),
    "I17": lazy_gettext("%(share)s in 100 used cannabis in the last month."),
    "I29": lazy_gettext("%(share)s in 100 gambled for money in the last year."),
    "I40": lazy_gettext("%(share)s in 100 have an adult to talk to."),
    "I41": lazy_gettext("%(share)s in 100 know a service that helps."),
}  # fmt: skip
ASKED: dict[str, LazyString] = {
    "I02": lazy_gettext("In 100 of us, how many smoked in the last month?"),
    "I05": lazy_gettext("In 100 of us, how many vaped in the last month?"),
    "I11": lazy_gettext("In 100 of us, how many drank alcohol in the last month?"),
    "I17": lazy_gettext("In 100 of us, how many used cannabis in the last month?"),
    "I29": lazy_gettext("In 100 of us, how many gambled for money in the last year?"),
}  # fmt: skip
ANSWERED: dict[str, LazyString] = {
    "I02": lazy_gettext("About %(share)s in 100 smoked in the last month (between %(low)s and %(high)s)."),
    "I05": lazy_gettext("About %(share)s in 100 vaped in the last month (between %(low)s and %(high)s)."),
    "I11": lazy_gettext("About %(share)s in 100 drank alcohol in the last month (between %(low)s and %(high)s)."),
    "I17": lazy_gettext("About %(share)s in 100 used cannabis in the last month (between %(low)s and %(high)s)."),
    "I29": lazy_gettext("About %(share)s in 100 gambled for money in the last year (between %(low)s and %(high)s)."),
}  # fmt: skip

# The overestimate that belongs to an indicator, where pupils were asked to guess.
GUESSES = {"I02": "I37a", "I11": "I37b", "I17": "I37c"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainResult:
    """How many in 100 did something, as told to everybody; `overestimate` in points, where pupils guessed."""

    indicator_id: str
    share: int
    low: int
    high: int
    overestimate: int | None

    @property
    def others(self) -> int:
        """How many in 100 did not."""
        return 100 - self.share

    @property
    def sentence(self) -> Markup:
        """Say it in one sentence, the number marked."""
        return escape(str(IN_100[self.indicator_id])) % {
            "share": Markup('<strong class="number">%s</strong>') % self._figure
        }

    @property
    def question(self) -> str:
        """Ask how many there are."""
        return str(ASKED[self.indicator_id])

    @property
    def answer(self) -> Markup:
        """Say how many there are, and how sure that is."""
        return escape(str(ANSWERED[self.indicator_id])) % {"share": self._figure, "low": self.low, "high": self.high}

    @property
    def excess(self) -> Figure | None:
        """Print by how many in 100 pupils overestimate, where they guessed."""
        if self.overestimate is None:
            return None
        return Figure(str(self.overestimate), name=f"{plain_name(self.indicator_id)}.overestimate")

    @property
    def _figure(self) -> Figure:
        return Figure(str(self.share), name=plain_name(self.indicator_id))


def plain_name(indicator_id: str) -> str:
    """Name the whole number in 100 that stands on the leaf and on the slides."""
    return f"plain.{indicator_id}"


def plain_results(tables: Sequence[PublishedTable]) -> tuple[PlainResult, ...]:
    """Give the main results of the newest survey that may be shown with an interval."""
    whole: dict[str, PublishedTable] = {}
    for table in tables:
        if table.dimension is Dimension.ALL:
            whole.setdefault(table.indicator_id, table)
    found = []
    for indicator in IN_100:
        one = whole.get(indicator)
        if one is None or one.measure is not Measure.PERCENT:
            continue
        cell = one.cells[0]
        if cell.shown and cell.share is not None and cell.low is not None and cell.high is not None:
            found.append(
                PlainResult(
                    indicator_id=indicator, share=in_100(cell.share), low=in_100(cell.low),
                    high=in_100(cell.high), overestimate=_overestimate(whole.get(GUESSES.get(indicator, ""))),
                )
            )  # fmt: skip
    return tuple(found)


def to_call(lines: Sequence[HelpLine], *, most: int) -> tuple[HelpLine, ...]:
    """Choose the services with a number that listen or help with addiction, those of the district first.

    Emergency numbers are left out: a paper says 112 in a sentence of its own.
    """
    kinds = (HelpServiceKind.LISTENING, HelpServiceKind.ADDICTION)
    found = [line for line in lines if line.phone and line.kind in kinds]
    return tuple(sorted(found, key=lambda line: (line.scope is not HelpServiceScope.LOCAL, line.position))[:most])


def _overestimate(table: PublishedTable | None) -> int | None:
    """Give the points by which pupils overestimate; None unless the whole interval lies above zero."""
    if table is None or table.measure is not Measure.POINTS:
        return None
    cell = table.cells[0]
    is_clear = cell.shown and cell.share is not None and cell.low is not None and cell.low > 0
    return in_100(cell.share) if is_clear and cell.share is not None else None


def gulpease(text: str) -> float:
    """Say how easy an Italian text is to read, 0 to 100.

    Raises:
        ValueError: it has no word.
    """
    words = re.findall(r"[^\W_]+", text)
    if not words:
        raise ValueError("a text without a word has no reading ease")
    sentences = max(1, len(re.findall(r"[.!?:;]+(?=\s|$)", text)))
    letters = sum(map(len, words))
    return min(100.0, 89 + (300 * sentences - 10 * letters) / len(words))

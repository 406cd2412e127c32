"""Which records of a wave are kept, and why the others are not. Pure.

The rules are numbered as in the project's method. Each has a switch, and each is counted whether it is on or not, so
that a report can say what it would have changed. A record that breaks several rules is discarded by the first. The
switches of the office stand in `policy.toml`; those of one wave can be set otherwise by a correction (`corrections`),
which is why a discarded record stays in the sealed file with the numbers of the rules that it breaks.

Two rules stand in the list and find nothing, with the reason beside them (`WHY_NOT_MEASURED`): R7 (answered too fast)
needs times, and none are kept; R10 (a code used twice) cannot happen, because a code is spent by its first answer.
One switch cannot be turned: who did not agree to take part (R1) is in no sealed file.

What is a quality mark elsewhere (ESPAD counts the made-up drug and contradictions, and does not always delete) is a
switch here, and the counts are printed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prevention.core.i18n import Localised
from prevention.indicators.policy import policy
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answers, Form, Questionnaire
from prevention.surveys.service import SurveyRow

# A record that leaves more than this share of the core unanswered says too little (ESPAD: more than half).
MOST_CORE_MISSING = 0.5
# The rule speaks of questionnaires that ask so much of the core at least: of a short form two questions are no half.
LEAST_CORE = 10
# From so many contradictions on a record is not believed.
CONTRADICTIONS = 3
# Grids answered all alike, from so many on.
STRAIGHT_GRIDS = 3

CORE = (
    "B1", "B2", "B3", "B4", "C1", "C2", "C3", "C4", "C5", "C6", "D1", "D2", "D3", "E1", "E2a", "E2c", "E3a", "E4",
    "F1", "F2", "F3", "F4", "G1", "H1a", "H3a", "K1c", "K2a", "K2c", "M2", "N1", "N2", "N3", "N4", "P1a",
)  # fmt: skip
# Sex and year of birth.
PERSON = ("A1", "A2")
DUMMY = "E2i"
ILLICIT = ("E2a", "E2b", "E2c", "E2d", "E2e", "E2f", "E2g", "E2h")
GRIDS = (
    ("H2a", "H2b", "H2c"),
    ("H4a", "H4b", "H4c"),
    ("K1a", "K1b", "K1c", "K1d", "K1e"),
    ("K2a", "K2b", "K2c", "K2d", "K2e", "K2f"),
    ("N6a", "N6b", "N6c"),
)

# The answers of one set in rising order; a shorter window cannot hold more than a longer one.
OCCASIONS = ("0", "1-2", "3-5", "6-9", "10-19", "20-39", "40+")
NOT_MORE_THAN = (
    ("C2", "C1"), ("C3", "C2"), ("C3", "C1"), ("C5", "C1"), ("C6", "C5"), ("D2", "D1"), ("D3", "D2"), ("D3", "D1"),
)  # fmt: skip
# (age at first time, what was done, the answers that mean "never"). Asked of all, also to compare them here.
FIRST_TIMES = (
    ("F1", "B1", ("0",)),
    ("F2", "B3", ("never",)),
    ("F3", "C1", ("0",)),
    ("F4", "C5", ("0",)),
    ("F5", "D1", ("0",)),
)
NEVER = "never"
# Gambled in the last twelve months, and never in life. The other way round is no contradiction.
GAMBLED = ("F7", "G1", NEVER)


class Rule(StrEnum):
    """The rules by their numbers."""

    NO_ASSENT = "R1"
    NOBODY = "R2"
    CORE_MISSING = "R3"
    DUMMY_DRUG = "R4"
    ALL_AT_MOST = "R5"
    CONTRADICTIONS = "R6"
    TOO_FAST = "R7"
    STRAIGHT_LINES = "R8"
    NOT_HONEST = "R9"
    CODE_REUSED = "R10"


NAMES: Mapping[Rule, Localised] = {
    Rule.NO_ASSENT: Localised(it="Non ha dato il consenso", en="Did not agree to take part"),
    Rule.NOBODY: Localised(it="Né sesso né anno di nascita indicati", en="Neither sex nor year of birth answered"),
    Rule.CORE_MISSING: Localised(
        it="Più di metà delle domande principali senza risposta", en="More than half of the core unanswered"
    ),
    Rule.DUMMY_DRUG: Localised(it="Dice di usare una sostanza inventata", en="Says to use a drug that does not exist"),
    Rule.ALL_AT_MOST: Localised(
        it="Tutte le sostanze illegali alla frequenza massima", en="All illicit substances at the highest frequency"
    ),
    Rule.CONTRADICTIONS: Localised(it="Tre contraddizioni o più", en="Three contradictions or more"),
    Rule.TOO_FAST: Localised(it="Ha risposto troppo in fretta", en="Answered too fast"),
    Rule.STRAIGHT_LINES: Localised(
        it="Sempre la stessa risposta in tre griglie o più", en="The same answer throughout three grids or more"
    ),
    Rule.NOT_HONEST: Localised(it="Dice di non aver risposto sinceramente", en="Says not to have answered honestly"),
    Rule.CODE_REUSED: Localised(it="Codice usato due volte", en="Code used twice"),
}

WHY_NOT_MEASURED: Mapping[Rule, Localised] = {
    Rule.TOO_FAST: Localised(
        it="Non si misura: dei questionari non si conserva alcun orario",
        en="Not measured: no time of a questionnaire is kept",
    ),
    Rule.CODE_REUSED: Localised(
        it="Non può accadere: il codice si spende con la prima risposta",
        en="Cannot happen: a code is spent by its first answer",
    ),
}
# Without assent there is nothing to keep, whatever anybody switches.
LOCKED = frozenset({Rule.NO_ASSENT})
MEASURED = tuple(rule for rule in Rule if rule not in WHY_NOT_MEASURED)


def switches_with(off: Iterable[str]) -> dict[Rule, bool]:
    """Give all switches, those of the rules named `off`.

    Raises:
        ValueError: one is no rule, or one that cannot be switched off.
    """
    rules = {Rule(one) for one in off}
    if rules & LOCKED:
        raise ValueError(f"cannot be switched off: {', '.join(sorted(rules & LOCKED))}")
    return {rule: rule not in rules for rule in Rule}


# Straight lines are counted and kept: in a grid of dangers or of habits one answer throughout can be the truth.
SWITCHES: Mapping[Rule, bool] = switches_with(policy().rules_off)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleCount:
    """One rule in one wave: how many records break it, and how many it discarded (those no rule before it did)."""

    rule: Rule
    is_on: bool
    found: int
    discarded: int

    @property
    def is_measured(self) -> bool:
        """Say whether the rule can find anything here."""
        return self.rule not in WHY_NOT_MEASURED


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A record with assent, and the rules that it breaks, in their order."""

    row: SurveyRow
    broken: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """A wave after cleaning.

    Attributes:
        judged: the records of those who agreed to take part, kept or not.
        kept: those that break no rule that is on.
        counts: what each rule did.
        contradictions: how many records hold so many contradictions.
    """

    judged: tuple[Judged, ...]
    kept: tuple[SurveyRow, ...]
    counts: tuple[RuleCount, ...]
    contradictions: Mapping[int, int]


def clean(
    rows: Sequence[SurveyRow], *, questionnaire: Questionnaire, switches: Mapping[Rule, bool] = SWITCHES
) -> Cleaned:
    """Apply the rules to the records of a wave."""
    tests = _tests(questionnaire)
    many = [contradictions(row.answers) for row in rows]
    judged = [
        Judged(row=row, broken=tuple(rule for rule, is_broken in tests.items() if is_broken(row, number)))
        for row, number in zip(rows, many, strict=True)
    ]
    return Cleaned(
        judged=tuple(one for one in judged if Rule.NO_ASSENT not in one.broken),
        kept=tuple(one.row for one in judged if discarded_by(one.broken, switches) is None),
        counts=count_rules(Counter(one.broken for one in judged), switches=switches),
        contradictions=dict(sorted(Counter(many).items())),
    )


def discarded_by(broken: Sequence[Rule], switches: Mapping[Rule, bool]) -> Rule | None:
    """Give the first rule of those that a record breaks which is on; None when the record is kept."""
    return next((rule for rule in broken if switches[rule]), None)


def count_rules(patterns: Mapping[tuple[Rule, ...], int], *, switches: Mapping[Rule, bool]) -> tuple[RuleCount, ...]:
    """Count what each rule does.

    Args:
        patterns: how many records break exactly these rules, in their order.
        switches: which rules are on.
    """
    found: Counter[Rule] = Counter()
    discarded: Counter[Rule] = Counter()
    for broken, records in patterns.items():
        found.update(dict.fromkeys(broken, records))
        by = discarded_by(broken, switches)
        if by is not None:
            discarded[by] += records
    return tuple(
        RuleCount(rule=rule, is_on=switches[rule], found=found[rule], discarded=discarded[rule]) for rule in Rule
    )


def contradictions(answers: Answers) -> int:
    """Count the pairs of answers that cannot both be true."""
    said = {item: answer for item, answer in answers.items() if answer not in (NOT_ASKED, DECLINED)}
    more = sum(
        OCCASIONS.index(str(said[short])) > OCCASIONS.index(str(said[long]))
        for short, long in NOT_MORE_THAN
        if short in said and long in said
    )
    first = sum(
        (said[age] == NEVER) != (said[deed] in never)
        for age, deed, never in FIRST_TIMES
        if age in said and deed in said
    )
    age, deed, never = GAMBLED
    return more + first + (said.get(age) == NEVER and said.get(deed, never) != never)


def _tests(questionnaire: Questionnaire) -> dict[Rule, Callable[[SurveyRow, int], bool]]:
    """Give the test of each rule, of a record and the number of its contradictions."""
    asked_of = {
        level: [item.code for item in questionnaire.items_for(form)]
        for level, form in (("primo_grado", Form.JUNIOR), ("secondo_grado", Form.SENIOR))
    }
    core = {level: [item for item in asked if item in CORE] for level, asked in asked_of.items()}

    # A short form asks neither: there, nobody can be blamed for it.
    anonymous = {level for level, asked in asked_of.items() if set(PERSON).isdisjoint(asked)}

    def nobody(row: SurveyRow, _contradictions: int) -> bool:
        return row.level not in anonymous and row.answers.keys().isdisjoint(PERSON)

    def no_assent(row: SurveyRow, _contradictions: int) -> bool:
        item = questionnaire.assent_item
        return item is not None and row.answers.get(item) != questionnaire.assent_given

    def core_missing(row: SurveyRow, _contradictions: int) -> bool:
        asked = core.get(row.level, ())
        missing = sum(row.answers.get(item, DECLINED) == DECLINED for item in asked)
        return len(asked) >= LEAST_CORE and missing > MOST_CORE_MISSING * len(asked)

    def straight_lines(row: SurveyRow, _contradictions: int) -> bool:
        return sum(_is_straight(row.answers, grid) for grid in GRIDS) >= STRAIGHT_GRIDS

    return {
        Rule.NO_ASSENT: no_assent,
        Rule.NOBODY: nobody,
        Rule.CORE_MISSING: core_missing,
        Rule.DUMMY_DRUG: lambda row, _number: row.answers.get(DUMMY, "0") not in ("0", NOT_ASKED, DECLINED),
        Rule.ALL_AT_MOST: lambda row, _number: all(row.answers.get(item) == "3+" for item in ILLICIT),
        Rule.CONTRADICTIONS: lambda _row, number: number >= CONTRADICTIONS,
        Rule.STRAIGHT_LINES: lambda row, _number: (
            sum(_is_straight(row.answers, grid) for grid in GRIDS) >= STRAIGHT_GRIDS
        ),
        Rule.NOT_HONEST: lambda row, _number: row.answers.get("Q1") in ("little", "no"),
    }


def _is_straight(answers: Answers, grid: tuple[str, ...]) -> bool:
    given = [answers[item] for item in grid if item in answers]
    return len(given) > 1 and len(set(map(str, given))) == 1 and given[0] not in (NOT_ASKED, DECLINED)

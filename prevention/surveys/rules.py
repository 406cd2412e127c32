"""What a questionnaire is, which of its items a person is asked, and which answers may be stored. Pure.

Routing in one sentence: an item is asked when none of its `skipped_if` alternatives holds and, if it has `asked_if`
alternatives, at least one of them does; an alternative holds when every item it names has one of the answers it
lists. Conditions look only backwards, so one pass in questionnaire order settles everything. Before assent is given
only the assent item is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from prevention.core.i18n import Localised
from prevention.core.web import Refusal

# Markers that stand in the place of an answer. An item that was asked and left empty has no entry at all.
NOT_ASKED = "not_asked"
DECLINED = "declined"
RESERVED_CODES = frozenset({NOT_ASKED, DECLINED})

Answer = str | list[str]
Answers = dict[str, Answer]
Alternative = Mapping[str, frozenset[str]]


class Form(StrEnum):
    """The two forms of a questionnaire: I grado (11-13 years) and II grado (14-19 years)."""

    JUNIOR = "junior"
    SENIOR = "senior"


class Kind(StrEnum):
    """How an item is answered: one option, several options, or a whole number."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    NUMBER = "number"


class Reason(StrEnum):
    """Why one submitted answer cannot be stored."""

    NOT_AN_OPTION = "not_an_option"
    MORE_THAN_ONE = "more_than_one"
    NOT_IN_RANGE = "not_in_range"


class AnswerRefused(Refusal):
    """An answer that the questionnaire does not offer; nothing of the submission is stored."""

    def __init__(self, *, item: str, reason: Reason) -> None:
        super().__init__(f"{item}: {reason}")
        self.item = item
        self.reason = reason


class AssentMissing(Refusal):
    """The first question, whether to take part, has no answer yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One answer offered. A dummy does not exist in the world; an exclusive one rules the others out."""

    code: str
    text: Localised
    is_dummy: bool = False
    is_exclusive: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One question, with one answer.

    `lead` is the text shared by the items of one `group`, shown before `text`. `instrument` names a validated
    instrument whose wording is not ours; without a loaded text such an item is in no form. The answer to a
    `is_code_element` is part of a personal code and is never stored as it is; see `sgic.py`.
    """

    code: str
    section: str
    kind: Kind
    forms: frozenset[Form]
    text: Localised
    text_junior: Localised | None = None
    lead: Localised | None = None
    hint: Localised | None = None
    group: str | None = None
    options: tuple[Option, ...] = ()
    minimum: int = 0
    maximum: int = 0
    asked_if: tuple[Alternative, ...] = ()
    skipped_if: tuple[Alternative, ...] = ()
    is_dummy: bool = False
    is_code_element: bool = False
    instrument: str | None = None
    source: str = ""
    # Every answer that may be stored for the item, `DECLINED` aside.
    values: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work the values out once: they are asked for at every answer."""
        numbers = range(self.minimum, self.maximum + 1) if self.kind is Kind.NUMBER else ()
        values = frozenset(map(str, numbers)) or frozenset(option.code for option in self.options)
        object.__setattr__(self, "values", values)

    @property
    def is_loaded(self) -> bool:
        """Say whether the item has a text and can be asked."""
        return bool(self.text)

    def text_for(self, form: Form) -> Localised:
        """Give the wording of the item in `form`."""
        return self.text_junior if form is Form.JUNIOR and self.text_junior else self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A run of items with a title."""

    code: str
    title: Localised


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """A validated instrument: who holds the wording, and how it is scored."""

    code: str
    name: Localised
    holder: str
    scoring: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Questionnaire:
    """One published version: ordered items, two forms, and the item by which a person agrees to take part."""

    code: str
    version: str
    title: Localised
    languages: tuple[str, ...]
    published_on: date
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    instruments: tuple[Instrument, ...] = ()
    assent_item: str | None = None
    assent_given: str = ""
    # Whether an item is part of a personal code, whose answers take a way of their own.
    asks_personal_code: bool = field(init=False, repr=False, compare=False)
    # Codes of the items that make up a personal code; none in most questionnaires.
    code_elements: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _by_form: Mapping[Form, tuple[Item, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work the two forms and the code out once: they are asked for at every answer."""
        loaded = [item for item in self.items if item.is_loaded]
        by_form = {form: tuple(item for item in loaded if form in item.forms) for form in Form}
        object.__setattr__(self, "_by_form", by_form)
        object.__setattr__(self, "asks_personal_code", any(item.is_code_element for item in loaded))
        elements = tuple(item.code for item in self.items if item.is_code_element)
        object.__setattr__(self, "code_elements", elements)

    def items_for(self, form: Form) -> tuple[Item, ...]:
        """Give the items that `form` asks, in order; items without a loaded text are left out."""
        return self._by_form[form]

    def item(self, code: str) -> Item:
        """Give the item with this code.

        Raises:
            KeyError: there is none.
        """
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    def section(self, code: str) -> Section:
        """Give the section with this code.

        Raises:
            KeyError: there is none.
        """
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)


def is_asked(questionnaire: Questionnaire, item: Item, answers: Mapping[str, Answer]) -> bool:
    """Say whether `item` is asked of a person whose earlier answers are `answers`."""
    assent = questionnaire.assent_item
    if assent is not None and item.code != assent and answers.get(assent) != questionnaire.assent_given:
        return False
    if item.skipped_if and _one_holds(item.skipped_if, answers):
        return False
    return not item.asked_if or _one_holds(item.asked_if, answers)


def check_answers(questionnaire: Questionnaire, form: Form, submitted: Mapping[str, str | list[str]]) -> Answers:
    """Turn what a browser sent into the answers that may be stored.

    Args:
        questionnaire: the frozen version that was shown.
        form: the form that was shown.
        submitted: item code to what was chosen; keys that are no item of the form are ignored.

    Returns:
        Item code to an option code, a list of option codes (multiple choice, in questionnaire order), a whole number
        as text, `DECLINED`, or `NOT_ASKED` when routing left the item out, whatever was sent for it. An item that
        was asked and not answered has no key. Keys are in questionnaire order.

    Raises:
        AnswerRefused: an item that was asked got something that it does not offer.
    """
    answers: Answers = {}
    # Written for speed: a whole school hands in within one lesson. What most items are (asked of everybody who takes
    # part, one of the listed answers) is settled without a call.
    takes_part = questionnaire.assent_item is None
    for item in questionnaire.items_for(form):
        is_plain = takes_part and not item.asked_if and not item.skipped_if
        if not is_plain and not is_asked(questionnaire, item, answers):
            answers[item.code] = NOT_ASKED
            continue
        sent = submitted.get(item.code)
        if not sent:
            continue
        if len(sent) == 1 and item.kind is not Kind.MULTIPLE and sent[0] in item.values:
            answer: Answer | None = sent[0]
        else:
            answer = answer_to(item, sent)
        if answer is not None:
            answers[item.code] = answer
        if item.code == questionnaire.assent_item:
            takes_part = answer == questionnaire.assent_given
    return answers


def require_assent(questionnaire: Questionnaire, submitted: Mapping[str, str | list[str]]) -> None:
    """Make sure that the assent item was answered, with yes or with no.

    Raises:
        AssentMissing: it was left empty; the caller shows the form again, with all that was filled in.
    """
    if questionnaire.assent_item is not None and not _chosen(submitted.get(questionnaire.assent_item)):
        raise AssentMissing


def gives_assent(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> bool:
    """Say whether these checked answers begin with a yes to taking part."""
    return questionnaire.assent_item is None or (answers.get(questionnaire.assent_item) == questionnaire.assent_given)


def _one_holds(alternatives: tuple[Alternative, ...], answers: Mapping[str, Answer]) -> bool:
    # Loops and not `any` and `all`: some twenty of these are asked of every submission.
    for alternative in alternatives:
        for code, wanted in alternative.items():
            if not is_among(answers.get(code), wanted):
                break
        else:
            return True
    return False


def is_among(answer: Answer | None, wanted: frozenset[str]) -> bool:
    """Say whether an answer is one of those that a condition wants, or one of several ticked is."""
    if answer is None:
        return False
    return answer in wanted if isinstance(answer, str) else not wanted.isdisjoint(answer)


def _chosen(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """Give the distinct things chosen, in the order sent; empty strings are no choice."""
    values = (value,) if isinstance(value, str) else tuple(value or ())
    return tuple(dict.fromkeys(one for one in values if one))


def answer_to(item: Item, sent: str | list[str]) -> Answer | None:
    """Turn what was sent for an item that is asked into its answer; None when nothing was chosen.

    Raises:
        AnswerRefused: it is nothing that the item offers.
    """
    chosen = _chosen(sent)
    if not chosen:
        return None
    refused = set(chosen) - item.values - {DECLINED}
    if refused:
        reason = Reason.NOT_IN_RANGE if item.kind is Kind.NUMBER else Reason.NOT_AN_OPTION
        raise AnswerRefused(item=item.code, reason=reason)
    if item.kind is Kind.MULTIPLE:
        # Who ticks "prefer not to answer" beside other boxes has withdrawn them.
        return DECLINED if DECLINED in chosen else _without_contradiction(item, chosen)
    if len(chosen) > 1:
        raise AnswerRefused(item=item.code, reason=Reason.MORE_THAN_ONE)
    return chosen[0]


def _without_contradiction(item: Item, chosen: tuple[str, ...]) -> list[str]:
    """Keep the options in questionnaire order; "none of these" gives way to anything ticked beside it."""
    ticked = [option for option in item.options if option.code in chosen]
    concrete = [option for option in ticked if not option.is_exclusive]
    return [option.code for option in (concrete or ticked[:1])]

"""A form as browsers send it, read and checked at once: one look into a table for each answer.

A browser writes an answer that a form offers in one way only, and that way is known beforehand ("B1=0"). So each of
them stands in a table, made once for each form, and eighty fields are read in one sweep instead of one by one. What is
not in the table is read field by field: the code, the mark of the submission, questions with several answers, whatever
somebody made up. And whatever is out of the ordinary (an answer that is not offered, two of them to one question, no
yes to taking part) is left to `rules.check_answers`, which is the rule. Both say the same of every body; in
`tests/surveys/test_plain_form.py` hypothesis tries to tell them apart.

Measured on the 89 questions of the senior form: 37 us, where reading and checking one after the other took 100 us.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote_plus, unquote_plus

from prevention.surveys.rules import (
    DECLINED,
    NOT_ASKED,
    Answers,
    Form,
    Item,
    Kind,
    Questionnaire,
    answer_to,
    check_answers,
    is_among,
    is_asked,
    require_assent,
)

Fields = Mapping[str, list[str]]

# What the page itself sends beside the answers; no item is looked up under these names.
FIELDS_OF_THE_PAGE = frozenset({"code", "submission", "language", "switch", "at", "key", "credential", "signature"})


def pairs_of(body: bytes) -> list[str]:
    """Cut a body into the pairs of names and values that it holds, as sent.

    Raises:
        UnicodeDecodeError: it has a byte that such a form cannot have.
    """
    return body.decode("ascii").split("&")


def read_pairs(pairs: Iterable[str]) -> dict[str, list[str]]:
    """Read pairs: field name to its values, in the order sent."""
    fields: dict[str, list[str]] = {}
    for pair in pairs:
        name, _equals, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name), unquote_plus(value)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def first_of(pairs: Iterable[str], name: str) -> str:
    """Give the first value of a field whose name holds only letters; empty when there is none."""
    beginning = f"{name}="
    for pair in pairs:
        if pair.startswith(beginning):
            return unquote_plus(pair[len(beginning) :])
    return ""


class PlainForm:
    """One form of one questionnaire, ready to read what is handed in."""

    def __init__(self, questionnaire: Questionnaire, form: Form) -> None:
        self.questionnaire, self._form = questionnaire, form
        items = questionnaire.items_for(form)
        self._answer_of = {
            f"{quote_plus(item.code)}={quote_plus(value)}": (item.code, value)
            for item in items
            if item.kind is not Kind.MULTIPLE and item.code not in FIELDS_OF_THE_PAGE
            for value in (*item.values, DECLINED)
        }
        self._steps = [(item.code, item, _route(questionnaire, item)) for item in items]

    def read(self, pairs: Sequence[str]) -> tuple[Answers, Fields]:
        """Turn what a browser sent into the answers that may be stored, and the fields that stood in no table.

        Raises:
            AssentMissing: see `rules.require_assent`.
            AnswerRefused: see `rules.check_answers`.
        """
        known = self._answer_of
        found = [known[pair] for pair in pairs if pair in known]
        sent = dict(found)
        others = read_pairs([pair for pair in pairs if pair not in known])
        assent = self.questionnaire.assent_item
        takes_part = assent is None or sent.get(assent) == self.questionnaire.assent_given
        if not takes_part or len(sent) < len(found) or not others.keys().isdisjoint(sent):
            fields = read_pairs(pairs)
            require_assent(self.questionnaire, fields)
            return check_answers(self.questionnaire, self._form, fields), fields
        answers: Answers = {}
        for code, item, route in self._steps:
            if route is not None and not route(answers):
                answers[code] = NOT_ASKED
            elif code in sent:
                answers[code] = sent[code]
            elif code in others and (answer := answer_to(item, others[code])) is not None:
                answers[code] = answer
        return answers, others


def _route(questionnaire: Questionnaire, item: Item) -> Callable[[Answers], bool] | None:
    """Give what says whether an item is asked of somebody who takes part; None when it always is."""
    if not item.asked_if and not item.skipped_if:
        return None
    alternatives = (*item.asked_if, *item.skipped_if)
    if len(alternatives) > 1 or len(alternatives[0]) > 1:
        return lambda answers: is_asked(questionnaire, item, answers)
    # What most conditions are: one answer, to one question.
    ((named, wanted),) = alternatives[0].items()
    if item.asked_if:
        return lambda answers: is_among(answers.get(named), wanted)
    return lambda answers: not is_among(answers.get(named), wanted)

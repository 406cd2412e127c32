"""The blueprint of the delivery room, with the words and tones of outcomes; the modules beside this one fill it."""

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, request

from prevention.delivery import rules, wording

Choice = TypeVar("Choice", bound=StrEnum)

bp = Blueprint("delivery", __name__)


@bp.app_template_filter("outcome_words")
def outcome_words(outcome: rules.Outcome) -> str:
    """Say what became of a meeting."""
    return str(wording.OUTCOMES[outcome])


@bp.app_template_filter("outcome_tone")
def outcome_tone(outcome: rules.Outcome) -> str:
    """Give the tone of an outcome's badge."""
    return wording.OUTCOME_TONES[outcome]


bp.add_app_template_filter(wording.group_words, "group_words")


def asked(choices: type[Choice], name: str, otherwise: Choice) -> Choice:
    """Read one of a fixed set of values from the query; anything else becomes `otherwise`."""
    given = request.args.get(name, "")
    return choices(given) if given in list(choices) else otherwise

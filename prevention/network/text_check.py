"""Putting the check for names (`identifying`) beside a form's field: each passage with its line and the reason."""

from collections.abc import Collection, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import Field, Form
from wtforms.validators import ValidationError

from prevention.network.identifying import Clue, Finding, find_identifying

# So many passages are named; a text with more is rewritten anyway.
MOST_NAMED = 5

CLUE_WORDS: Mapping[Clue, LazyString] = {
    Clue.EMAIL: _l("a mail address"),
    Clue.PROFILE: _l("a page of a social network"),
    Clue.HANDLE: _l("a name on a social network"),
    Clue.TAX_CODE: _l("a tax code"),
    Clue.PLATE: _l("a number plate"),
    Clue.PHONE: _l("a telephone number"),
    Clue.ADDRESS: _l("an address with its house number"),
    Clue.BIRTH: _l("a day of birth"),
    Clue.CLASS: _l("a single class"),
    Clue.INITIALS: _l("the initials of a person"),
    Clue.TITLE: _l("a person with their title"),
    Clue.NAME: _l("the name of a person"),
}


def findings_in_words(findings: Collection[Finding]) -> str:
    """Say which passages may tell who is meant, each with its place, and what to do."""
    named = [_named(each) for each in list(findings)[:MOST_NAMED]]
    return _("Describe the matter without saying who is meant: %(passages)s.", passages="; ".join(named))


def _named(finding: Finding) -> str:
    return _(
        "line %(line)s: “%(passage)s” looks like %(what)s",
        line=finding.line,
        passage=finding.passage,
        what=CLUE_WORDS[finding.clue],
    )


class NamesNobody:
    """A validator: refuses a text in which something may identify a person. What was typed stays in the field."""

    def __init__(self, clues: Collection[Clue] = frozenset(Clue)) -> None:
        self.clues = clues

    def __call__(self, _form: Form, field: Field) -> None:
        """Refuse the field's text."""
        findings = find_identifying(field.data or "", clues=self.clues)
        if findings:
            raise ValidationError(findings_in_words(findings))

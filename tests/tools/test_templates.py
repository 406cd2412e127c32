"""The check that no template shows words which never reach a catalogue."""

import pytest
from jinja2 import Environment

from tools.check_templates import loose_words

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Benvenuti</p>", ["Benvenuti"]),
        ('<button aria-label="Close it">{{ icon }}</button>', ["Close it"]),
        ("<p>{{ _('Welcome') }}, dear {{ name }}</p>", [", dear"]),
    ],
)
def test_words_outside_the_catalogues_are_found(source: str, words: list[str]) -> None:
    assert words == loose_words(ENVIRONMENT, source)


@pytest.mark.parametrize(
    "source",
    [
        "<p class='lead'>{{ _('Welcome') }}</p>",
        "{# A note for those who read templates. #}<p>{{ name }}: 12 %</p>",
        "{% trans %}Welcome{% endtrans %}",
        "<a href='/x.csv'>CSV</a>",
        "<script>const words = 'not for readers';</script>",
        "{% if late %}<b>{{ _('Late') }}</b>{% endif %}",
    ],
)
def test_markup_comments_and_catalogued_words_are_left_alone(source: str) -> None:
    assert [] == loose_words(ENVIRONMENT, source)

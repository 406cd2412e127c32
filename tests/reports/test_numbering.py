"""Words in the margins of a paper: CSS writes them, and must write all of them."""

import pytest
import tinycss2
from flask import Flask

from prevention.core.i18n import in_language
from prevention.reports.papers.numbering import css_words, page_of_pages


@pytest.mark.parametrize(
    "words",
    ["Relazione 2025/26 – Cremona", "L'anno \u201cin breve\u201d", 'a"b</style>\\c', "é – f – 0"],
    ids=["dash", "quotes", "the end of a string", "letters that could be part of an escape"],
)
def test_what_css_reads_is_what_was_written(words: str) -> None:
    (read,) = tinycss2.parse_component_value_list(str(css_words(words)))

    assert words == read.value


@pytest.mark.parametrize(("language", "between"), [("it", " di "), ("en", " of ")])
def test_page_numbers_keep_the_spaces_around_them(words_app: Flask, language: str, between: str) -> None:
    with in_language(language):
        read = tinycss2.parse_component_value_list(str(page_of_pages()), skip_comments=True)

    assert [between] == [one.value for one in read if one.type == "string" and one.value]
    assert ["page", "pages"] == [one.arguments[0].value for one in read if one.type == "function"]

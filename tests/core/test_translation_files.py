"""Files for translators go out and come back the same; a wrong one is refused with its row, and nothing changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.core.csv_reading import FileFault, FileRefused
from prevention.core.translation_files import (
    NS_12,
    NS_20,
    Format,
    TranslationFault,
    Work,
    read_translation,
    write_translation,
)
from prevention.surveys.questionnaire import shipped
from prevention.surveys.units import units

UNITS = units(shipped("core"))
CORE = Work(
    name="core 2026.1",
    language="ar",
    italian={unit: text["it"] for unit, text in UNITS.items()},
    english={unit: text["en"] for unit, text in UNITS.items()},
)
SMALL = Work(
    name="pages",
    language="ro",
    italian={"a": "Domanda %(number)s", "b": "Invia", "options.B2.<1w": "meno di una"},
    english={"a": "Question %(number)s", "b": "Send", "options.B2.<1w": "less than one"},
)


@pytest.mark.parametrize("kind", list(Format))
def test_a_file_of_the_core_questionnaire_comes_back_the_same(kind: Format) -> None:
    texts = {unit: f"«{unit}» & <ص> “,;”" for number, unit in enumerate(CORE.italian) if number % 3}

    assert texts == read_translation(write_translation(CORE, texts, kind=kind), CORE, file_name="x")
    assert {} == read_translation(write_translation(CORE, {}, kind=kind), CORE, file_name="x")


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="%{}"), min_size=1)


@given(WORDS.map(str.strip).filter(bool), st.sampled_from(list(Format)))
def test_any_text_that_a_person_can_write_comes_back_the_same(text: str, kind: Format) -> None:
    given_texts = {"b": text}

    assert given_texts == read_translation(write_translation(SMALL, given_texts, kind=kind), SMALL, file_name="x")


def csv(*rows: str, header: str = "unit,source_it,source_en,translation") -> bytes:
    return "\n".join([header, *rows]).encode()


def xliff(body: str, *, original: str = "pages", language: str = "ro") -> bytes:
    return (
        f'<xliff xmlns="{NS_12}" version="1.2"><file original="{original}" source-language="it"'
        f' target-language="{language}" datatype="plaintext"><body>{body}</body></file></xliff>'
    ).encode()


def unit(name: str, source: str, target: str) -> str:
    return f'<trans-unit id="{name}"><source>{source}</source><target>{target}</target></trans-unit>'


GOOD = unit("b", "Invia", "Trimite")


@pytest.mark.parametrize(
    ("content", "fault", "row", "column"),
    [
        (b"", FileFault.EMPTY, None, None),
        (csv("b,Invia,Send,Trimite", header="unit;translation"), FileFault.OTHER_DELIMITER, 1, None),
        (csv("b,Trimite", header="unit,target"), FileFault.MISSING_COLUMN, 1, "source_it"),
        (csv("b,Invia,Send"), FileFault.RAGGED_ROW, 2, None),
        (csv("b,Invia,Send,Trimite", "x,Invia,Send,Trimite"), TranslationFault.UNKNOWN_UNIT, 3, "x"),
        (csv("b,Invia,Send,Trimite", "b,Invia,Send,Da"), TranslationFault.UNIT_TWICE, 3, "b"),
        (csv("b,Manda,Send,Trimite"), TranslationFault.SOURCE_CHANGED, 2, "b"),
        (csv("a,Domanda %(number)s,x,Intrebare"), TranslationFault.OTHER_PLACEHOLDERS, 2, "a"),
        (csv("a,Domanda %(number)s,x,Intrebare %(numar)s"), TranslationFault.OTHER_PLACEHOLDERS, 2, "a"),
        (csv("b,Invia,Send,Tri\x07mite"), TranslationFault.CONTROL_CHARACTERS, 2, "b"),
        (csv(f"b,Invia,Send,{'x' * 2001}"), TranslationFault.TOO_LONG, 2, "b"),
        (b"<xliff", TranslationFault.DAMAGED, 1, None),
        (b"<html></html>", TranslationFault.NOT_XLIFF, None, None),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', TranslationFault.DAMAGED, None, None),
        (xliff(GOOD, original="core 2025.1"), TranslationFault.OTHER_TEXT, None, None),
        (xliff(GOOD, language="ar"), TranslationFault.OTHER_LANGUAGE, None, None),
        (xliff(""), TranslationFault.NO_UNITS, None, None),
        (xliff(GOOD + GOOD), TranslationFault.UNIT_TWICE, 2, "b"),
        (xliff(GOOD + unit("z", "Z", "Z")), TranslationFault.UNKNOWN_UNIT, 2, "z"),
        (xliff(unit("b", "Manda", "Trimite")), TranslationFault.SOURCE_CHANGED, 1, "b"),
        (b"<" + b"x" * (5 * 1024 * 1024), TranslationFault.TOO_BIG, None, None),
    ],
)
def test_a_wrong_file_is_refused_with_its_row_and_text(
    content: bytes, fault: object, row: int | None, column: str | None
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_translation(content, SMALL, file_name="ro.csv")

    assert (fault, row, column) == (refused.value.fault, refused.value.row, refused.value.column)


def test_what_translation_tools_add_is_left_alone() -> None:
    tool = (
        '<trans-unit id="b" xml:space="preserve" approved="yes"><source>Invia</source>'
        '<target state="final">Tri<g id="1">mite</g></target><alt-trans><target>Manda</target></alt-trans></trans-unit>'
    )
    segments = (
        f'<xliff xmlns="{NS_20}" version="2.0" srcLang="it" trgLang="ro-RO"><file id="f" original="pages">'
        '<unit id="u1" name="options.B2.&lt;1w"><segment><source>meno di</source><target>mai</target></segment>'
        "<segment><source>una</source><target>puțin</target></segment></unit></file></xliff>"
    )

    assert {"b": "Trimite"} == read_translation(xliff(tool, language="ro-RO"), SMALL, file_name="x")
    assert {"options.B2.<1w": "mai puțin"} == read_translation(segments.encode(), SMALL, file_name="x")

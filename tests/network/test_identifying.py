"""A text that may say who is meant is found, with place and reason; one about a matter is left alone."""

from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from prevention.core.i18n import in_language
from prevention.network.identifying import Clue, NamesSomebody, check_names_nobody, find_identifying
from prevention.network.text_check import findings_in_words

NAMED = [
    ("Marco ha portato le sigarette", Clue.NAME, "Marco"),
    ("ieri marco e altri erano in bagno", Clue.NAME, "marco"),
    ("Un ragazzo, Mohamed, vende", Clue.NAME, "Mohamed"),
    ("il fratello di Yassine", Clue.NAME, "Yassine"),
    ("MARCO HA PORTATO", Clue.NAME, "MARCO"),
    ("di Rosa Esposito", Clue.NAME, "Rosa Esposito"),
    ("con Chiara dopo la festa", Clue.NAME, "Chiara"),
    ("con Vittoria Colonna", Clue.NAME, "Vittoria Colonna"),
    ("il giovane Rossi", Clue.NAME, "Rossi"),
    ("alla fine Kevin Zanardi", Clue.NAME, "Kevin Zanardi"),
    ("anche Harpreet", Clue.NAME, "Harpreet"),
    ("lo sa Qwerto Zxcvon", Clue.NAME, "Qwerto Zxcvon"),
    ("la prof.ssa Bianchi riferisce", Clue.TITLE, "prof.ssa Bianchi"),
    ("don Mario lo sa", Clue.TITLE, "don Mario"),
    ("L'alunno M.R. ha detto", Clue.INITIALS, "M.R."),
    ("lo studente K. di terza", Clue.INITIALS, "studente K."),
    ("gira nella 3B", Clue.CLASS, "3B"),
    ("nella terza B", Clue.CLASS, "terza B"),
    ("in 2ª C", Clue.CLASS, "2ª C"),
    ("chiamare 0372 123456", Clue.PHONE, "0372 123456"),
    ("+39 333 123 4567", Clue.PHONE, "+39 333 123 4567"),
    ("scrivere a a.b@example.org", Clue.EMAIL, "a.b@example.org"),
    ("il profilo @bad_boy_03", Clue.HANDLE, "@bad_boy_03"),
    ("su instagram.com/pippo_7", Clue.PROFILE, "instagram.com/pippo_7"),
    ("cf RSSMRA85T10A562S", Clue.TAX_CODE, "RSSMRA85T10A562S"),
    ("in via Dante 12 si vende", Clue.ADDRESS, "via Dante 12"),
    ("auto AB123CD fuori", Clue.PLATE, "AB123CD"),
    ("nato il 3/4/2010", Clue.BIRTH, "nato il 3/4/2010"),
]

HARMLESS = [
    "Gira un nuovo prodotto: bustine alla nicotina vendute vicino alla stazione di Cremona.",
    "Durante la ricreazione, in bagno, molti usano sigarette usa e getta tipo Elf Bar o Lost Mary.",
    "A San Giovanni in Croce e Casalmaggiore alcuni negozi vendono senza chiedere l'età.",
    "In via Dante e in piazza Roma si ritrovano il sabato sera.",
    "Il Liceo Manin e l'Istituto Torriani hanno visto lo stesso.",
    "La rosa dei prodotti è ampia; chiara la richiesta di aiuto. Serena è la gestione finora.",
    "Pastiglie di Xanax e Rivotril nell'a.s. 2025/26, dal 12/11/2026 al 20.11.2026.",
    "Telefono Azzurro 1 96 96, Telefono Verde 800 186070, emergenza 112.",
    "Chiara la situazione. Vera emergenza. Rosa e altri colori.",
    "Tre episodi di alcol durante la gita; nessuno ha voluto andare al Pronto Soccorso.",
    "Challenge su TikTok con il 5G, per 3 ore.",
    "La Polizia Locale e i Carabinieri sono stati avvisati.",
    "Gioco d'azzardo: scommesse su Sisal e Gratta e Vinci, anche 50 euro.",
    "In classe prima e seconda, soprattutto.",
    "Nel Casalasco e nel Cremasco, lungo il Po.",
    "SITUAZIONE GRAVE: CONSUMO DI ALCOL PRIMA DELLE LEZIONI",
    'Sospetto uso di "purple drank" (sciroppo e Sprite).',
    "Malessere diffuso dopo Natale, con tagli sulle braccia.",
]


@pytest.mark.parametrize(("text", "clue", "passage"), NAMED)
def test_a_passage_that_may_identify_somebody_is_found(text: str, clue: Clue, passage: str) -> None:
    assert [(clue, passage)] == [(found.clue, found.passage) for found in find_identifying(text)]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_about_a_matter_is_left_alone(text: str) -> None:
    assert () == find_identifying(text)


def test_each_passage_says_where_it_stands() -> None:
    found = find_identifying("Prima riga.\nPoi Andrea, e 333 1234567.")

    assert [(2, 5), (2, 15)] == [(each.line, each.column) for each in found]


def test_a_text_that_names_somebody_is_refused_with_every_passage() -> None:
    with pytest.raises(NamesSomebody) as refusal:
        check_names_nobody("Andrea e la 3B")

    assert ["Andrea", "3B"] == [each.passage for each in refusal.value.findings]


def test_what_is_not_looked_for_is_not_refused() -> None:
    check_names_nobody("La 3B lavora bene.", clues=frozenset(Clue) - {Clue.CLASS})


def test_the_reasons_are_put_in_words(app: Flask) -> None:
    with in_language("en"):
        words = findings_in_words(find_identifying("Ieri Andrea in 3B"))

    assert "line 1: “Andrea” looks like the name of a person" in words
    assert "“3B” looks like a single class" in words


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_error_and_passages_never_overlap(text: str) -> None:
    found = find_identifying(text)

    assert all(text[each.start : each.end] == each.passage for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(
    before=st.sampled_from(["", "ieri ", "Gira voce che ", "\n"]), after=st.sampled_from([".", " vende", "\n", ", e"])
)
def test_a_name_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert "Andrea" in [each.passage for each in find_identifying(f"{before}Andrea{after}")]

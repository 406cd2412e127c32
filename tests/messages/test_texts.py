"""Texts of letters: filled, refused with the place of the fault, written by two people at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.core.access import NotYours
from prevention.messages import service
from prevention.messages.kinds import Text
from prevention.messages.rules import ChangedMeanwhile, StrayBrace, UnknownPlaceholder, check_text, fill_text

NAMES = ("classe", "date", "motivo")


def test_places_are_filled_and_a_line_of_empty_places_is_left_out() -> None:
    filled = fill_text("La {classe}:\n\nMotivo: {motivo}\n\n{ date }", {"classe": "2A", "motivo": "", "date": "- oggi"})

    assert "La 2A:\n\n- oggi" == filled


def test_braces_in_a_value_are_not_read_again() -> None:
    assert "{classe}" == fill_text("{motivo}", {"motivo": "{classe}", "classe": "2A", "date": ""})


@pytest.mark.parametrize(
    ("text", "fault", "place"),
    [
        ("Buongiorno\nla {clase}", UnknownPlaceholder, (2, 4)),
        ("la {}", UnknownPlaceholder, (1, 4)),
        ("la {classe", StrayBrace, (1, 4)),
        ("\n\nla classe}", StrayBrace, (3, 10)),
        ("{classe} {{date}}", StrayBrace, (1, 10)),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused_with_its_place(
    text: str, fault: type[Exception], place: tuple[int, int]
) -> None:
    with pytest.raises(fault) as refused:
        check_text(text, NAMES)

    assert place == (refused.value.line, refused.value.column)  # type: ignore[attr-defined]


def test_a_refusal_says_which_name_may_have_been_meant() -> None:
    with pytest.raises(UnknownPlaceholder) as refused:
        check_text("{Clase}", NAMES)

    assert "classe" == refused.value.nearest


@given(text=st.text(alphabet="ab{} \nclassedate", max_size=60))
def test_a_text_that_is_not_refused_can_be_filled(text: str) -> None:
    try:
        check_text(text, NAMES)
    except (UnknownPlaceholder, StrayBrace):
        return

    assert "{" not in fill_text(text, dict.fromkeys(NAMES, "x"))


def test_every_text_that_we_ship_can_be_filled_in_every_language(app: Flask) -> None:
    del app
    for kind in service.kinds():
        for language, text in kind.shipped.items():
            filled = service.fill(kind, text, service.sample_of(kind, language), language=language)

            assert all((filled.subject, filled.body)), (kind.key, language)


def test_the_texts_that_we_ship_say_the_same_things_in_both_languages(app: Flask) -> None:
    """A place that stands in the Italian text stands in the English one too."""
    del app
    for kind in service.kinds():
        asked = {
            language: {
                key for name, key in kind.names_in(language).items() if f"{{{name}}}" in text.subject + text.body
            }
            for language, text in kind.shipped.items()
        }

        assert asked["it"] == asked["en"], kind.key


def test_what_the_office_wrote_holds_until_it_goes_back_to_ours(anna: User) -> None:
    actor, kind = accounts.actor_of(anna), service.kind_of("booked")

    service.write_text(actor, kind, "it", Text(subject="Ecco {classe}", body="Sì"), revision=0)
    written = service.text_of(kind, "it")

    assert (True, 1, "Ecco {classe}") == (written.is_own, written.revision, written.text.subject)
    assert "Ecco {classe}" == service.texts_of("booked")["it"].subject
    assert service.reset_text(actor, kind, "it")
    assert not service.text_of(kind, "it").is_own
    assert not service.reset_text(actor, kind, "it")


def test_of_two_people_who_write_a_text_at_once_the_second_is_told(anna: User) -> None:
    actor, kind = accounts.actor_of(anna), service.kind_of("booked")
    service.write_text(actor, kind, "it", Text(subject="Uno", body="Uno"), revision=0)

    for stale in (0, 2):
        with pytest.raises(ChangedMeanwhile):
            service.write_text(actor, kind, "it", Text(subject="Due", body="Due"), revision=stale)

    assert "Uno" == service.text_of(kind, "it").text.subject


def test_an_unknown_letter_or_language_is_not_there(app: Flask) -> None:
    del app
    ask: list[Callable[[], object]] = [
        lambda: service.kind_of("nothing"),
        lambda: service.kind_of("booked", language="xx"),
    ]
    for question in ask:
        with pytest.raises(NotYours):
            question()

"""The verbs of letter texts: which kinds there are, the text in force, writing one anew, going back to ours."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import DEFAULT_LANGUAGE, in_language
from prevention.messages.kinds import Kind, Text
from prevention.messages.models import LetterText
from prevention.messages.rules import ChangedMeanwhile, check_text, fill_text, rename_places


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenText:
    """The text of a kind in a language, as it stands.

    Args:
        text: what is filled.
        is_own: the office wrote it; else it is ours.
        is_missing: there is none in this language, and `text` is the Italian one.
        revision: how often the office wrote it; 0 while it is ours.
    """

    text: Text
    is_own: bool
    is_missing: bool
    revision: int


def register(app: Flask, kinds_of_room: Iterable[Kind]) -> None:
    """Make the kinds of a room known; called once per room when the application is built."""
    known: dict[str, Kind] = app.extensions.setdefault("letter_kinds", {})
    for kind in kinds_of_room:
        if kind.key in known or DEFAULT_LANGUAGE not in kind.shipped:
            raise ValueError(f"letter {kind.key!r} is declared twice or has no Italian text")
        known[kind.key] = kind


def kinds() -> list[Kind]:
    """List the kinds of letters, in the order in which they were declared."""
    return list(_known().values())


def kind_of(key: str, *, language: str | None = None) -> Kind:
    """Give a kind; when a language is given, one that may be written in it.

    Raises:
        NotYours: there is no such kind, or not in this language.
    """
    kind = _known().get(key)
    if kind is None or (language is not None and language not in kind.languages):
        raise NotYours(key)
    return kind


def texts_of(key: str) -> dict[str, Text]:
    """Give language to text in force, for all languages in which there is one. One query."""
    own = db.session.execute(
        select(LetterText.language, LetterText.subject, LetterText.body).where(LetterText.kind == key)
    )
    return {
        **_known()[key].shipped,
        **{language: Text(subject=subject, body=body) for language, subject, body in own},
    }


def text_of(kind: Kind, language: str) -> WrittenText:
    """Give the text of a kind in a language; the Italian one, marked, where there is none. At most two queries."""
    row = db.session.scalar(select(LetterText).where(LetterText.kind == kind.key, LetterText.language == language))
    if row is not None:
        text = Text(subject=row.subject, body=row.body)
        return WrittenText(text=text, is_own=True, is_missing=False, revision=row.revision)
    ours = kind.shipped.get(language)
    if ours is None:
        return WrittenText(text=texts_of(kind.key)[DEFAULT_LANGUAGE], is_own=False, is_missing=True, revision=0)
    return WrittenText(text=ours, is_own=False, is_missing=False, revision=0)


def written_texts() -> frozenset[tuple[str, str]]:
    """Give (kind, language) of all texts that the office wrote. One query."""
    rows = db.session.execute(select(LetterText.kind, LetterText.language))
    return frozenset((kind, language) for kind, language in rows)


def fill(kind: Kind, text: Text, values: Mapping[str, str], *, language: str) -> Text:
    """Fill a text with values by key.

    Raises:
        UnknownPlaceholder, StrayBrace: the text asks for something that the kind does not have.
    """
    names = kind.names_in(language)
    for part in (text.subject, text.body):
        check_words(kind, part, language=language)
    by_name = {name: values[key] for name, key in names.items()}
    return Text(
        subject=" ".join(fill_text(text.subject, by_name).split()),
        body=fill_text(text.body, by_name),
    )


def check_words(kind: Kind, words: str, *, language: str) -> None:
    """Refuse words that the letters of a kind could not be written with.

    Raises:
        UnknownPlaceholder, StrayBrace: with the place of the first fault.
    """
    check_text(words, kind.names_in(language))


def text_to_start_from(kind: Kind, language: str, standing: WrittenText) -> Text:
    """Give the text that an editor begins with: the one that stands, its places named as in this language."""
    if not standing.is_missing:
        return standing.text
    names = {place.name_in(DEFAULT_LANGUAGE): place.name_in(language) for place in kind.placeholders}
    return Text(subject=rename_places(standing.text.subject, names), body=rename_places(standing.text.body, names))


def write_text(actor: Actor, kind: Kind, language: str, text: Text, *, revision: int) -> None:
    """Write the text of a kind in a language, over the one of `revision`. Flushes.

    Raises:
        ChangedMeanwhile: somebody wrote or reset it since.
    """
    now, values = clock.now(), {"subject": text.subject, "body": text.body}
    if revision:
        changed = update(LetterText).where(
            LetterText.kind == kind.key, LetterText.language == language, LetterText.revision == revision
        )
        written = db.session.scalar(
            changed.values(**values, revision=revision + 1, written_by=actor.id, written_at=now).returning(
                LetterText.id
            )
        )
    else:
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        row = {"id": uuid.uuid4(), "kind": kind.key, "language": language, "revision": 1, "written_by": actor.id}
        written = db.session.scalar(
            insert(LetterText)
            .values(**row, **values, written_at=now)
            .on_conflict_do_nothing(index_elements=["kind", "language"])
            .returning(LetterText.id)
        )
    if written is None:
        raise ChangedMeanwhile
    audit.record(actor, "messages.text_written", written, kind=kind.key, language=language)


def reset_text(actor: Actor, kind: Kind, language: str) -> bool:
    """Go back to the text that we ship; say whether there was another. Flushes."""
    gone = db.session.scalar(
        delete(LetterText).where(LetterText.kind == kind.key, LetterText.language == language).returning(LetterText.id)
    )
    if gone is not None:
        audit.record(actor, "messages.text_reset", gone, kind=kind.key, language=language)
    return gone is not None


def sample_of(kind: Kind, language: str) -> Mapping[str, str]:
    """Give values for a preview in a language."""
    with in_language(language):
        return kind.sample(language)


def _known() -> dict[str, Kind]:
    known: dict[str, Kind] = current_app.extensions.get("letter_kinds", {})
    return known

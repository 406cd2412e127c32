"""Bring the message catalogues in step with the code: `make messages`, after wording was added or changed.

New messages enter both catalogues. English is confirmed as written in the code; Italian is left empty for a person
to write (`make check` fails until then). Messages that the code no longer has are taken out. The files are sorted
and carry no line numbers, so that a change of wording is a change of those lines alone.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from tools.check_catalogues import LANGUAGES, PACKAGE, catalogue, extracted

HEADER = "# Messages of the site. English is written in the code; see CONTRIBUTING.md for how to change wording."
WIDTH = 110


def main() -> int:
    """Update both catalogues and say how many messages wait for a translation."""
    messages = extracted()
    for language in LANGUAGES:
        updated = update(messages, catalogue(language), language)
        write(updated, language)
        waiting = sum(1 for message in updated if message.id and not all(_forms(message)))
        print(f"{language}: {len(messages)} messages, {waiting} to translate")
    return 0


def update(messages: list[Message], old: Catalog, language: str) -> Catalog:
    """Give a catalogue of exactly these messages, with what the old one knew about them."""
    moment = datetime.now(UTC).replace(second=0, microsecond=0)
    new = Catalog(
        locale=language,
        project="prevention",
        version="0",
        header_comment=HEADER,
        creation_date=moment if isinstance(old.creation_date, str) else old.creation_date,
        fuzzy=False,
    )
    for message in messages:
        known = old.get(message.id, message.context)
        string = known.string if known is not None else None
        if language == "en":
            string = message.id
        new.add(message.id, string or ("" if isinstance(message.id, str) else ("", "")), context=message.context)
    new.revision_date = new.creation_date
    return new


def write(new: Catalog, language: str) -> Path:
    """Write a catalogue to its place, sorted by message."""
    path = PACKAGE / "translations" / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=WIDTH, sort_output=True, no_location=True, include_lineno=False)
    return path


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string or "",) if isinstance(string, str | None) else tuple(string)


if __name__ == "__main__":
    sys.exit(main())

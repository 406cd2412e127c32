"""Check that the message catalogues are complete: Italian translated, English confirmed.

Messages are written in English in the code. The English catalogue holds each of them all the same: a message is
in the English catalogue only once somebody has put it there, and its plural has both forms. For both languages:
nothing missing, nothing doubtful ("fuzzy"), nothing left over from deleted code, the same %(placeholders)s. For
the English messages themselves: no Italian words, which would reach the reader of either language unnoticed.
Words in a template that reach no catalogue at all are found by check_templates.py.

`extracted()` is also what updates the catalogues with new messages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "prevention"
LANGUAGES = ("it", "en")

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false"}, "templates/**.txt": {"silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
# Words that Italian sentences have and English ones do not; and the accents at the end of Italian words.
ITALIAN = re.compile(
    r"\b(?:che|della|delle|dello|degli|dei|nella|nelle|sono|questa|questo|anno|scuola|classe|alunni)\b|\w[àèéìòù]\b",
    re.IGNORECASE,
)


def main() -> int:
    """Print what is wrong and say by the exit code whether anything is."""
    messages = extracted()
    findings = [f"code: looks Italian: {message.id!r}" for message in messages if ITALIAN.search(_text(message.id))]
    for language in LANGUAGES:
        findings += [f"{language}: {finding}" for finding in compare(messages, catalogue(language))]
    for finding in findings:
        print(finding)
    if not findings:
        print(f"The catalogues are complete: {len(messages)} messages in {len(LANGUAGES)} languages.")
    return 1 if findings else 0


def extracted() -> list[Message]:
    """Collect each message of the package's code and templates once."""
    found = Catalog()
    for _path, _line, message, _comments, context in extract_from_dir(PACKAGE, METHODS, OPTIONS, keywords=KEYWORDS):
        found.add(message, context=context)
    return [message for message in found if message.id]


def catalogue(language: str) -> Catalog:
    """Read a committed catalogue; an empty one when there is none."""
    path = PACKAGE / "translations" / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compare(messages: list[Message], translated: Catalog) -> Iterator[str]:
    """Say what one catalogue lacks or has too much, beside the messages of the code."""
    wanted = {(message.id if isinstance(message.id, str) else message.id[0]) for message in messages}
    for message in messages:
        entry = translated.get(message.id, message.context)
        if entry is None or not all(_forms(entry.string)):
            yield f"missing: {message.id!r}"
        elif entry.fuzzy:
            yield f"doubtful: {message.id!r}"
        elif not _keeps_placeholders(message, _forms(entry.string)):
            yield f"other placeholders: {message.id!r} -> {entry.string!r}"
    for entry in translated:
        if entry.id and (entry.id if isinstance(entry.id, str) else entry.id[0]) not in wanted:
            yield f"no longer used: {entry.id!r}"
    for key in translated.obsolete:
        yield f"no longer used: {key!r}"


def _keeps_placeholders(message: Message, forms: tuple[str, ...]) -> bool:
    """Say whether a translation has the placeholders of the message; a singular may leave out its number."""
    wanted = _placeholders(_text(message.id))
    *singulars, last = forms
    return _placeholders(last) == wanted and all(_placeholders(form) <= wanted for form in singulars)


def _text(message_id: str | list[str] | tuple[str, ...]) -> str:
    """Give the text of a message; of one with a plural, the plural."""
    return message_id if isinstance(message_id, str) else message_id[-1]


def _forms(string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


if __name__ == "__main__":
    sys.exit(main())

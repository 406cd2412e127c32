"""What a room declares about a letter that it writes: its kind, the places to be filled, the text we ship.

A kind belongs to the room that writes the letter; it is declared once, when the application is built, so that the
office can change the words without anybody touching code. A placeholder is written ``{class}`` in an English text and
``{classe}`` in an Italian one: people who edit a text read it in its own language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_babel import LazyString


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A letter before it is filled: its subject (or title) and its body, both with placeholders."""

    subject: str
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Placeholder:
    """A place to be filled. `names` is language code to the name between the braces; other languages use English."""

    key: str
    names: Mapping[str, str]
    explained: LazyString

    def name_in(self, language: str) -> str:
        """Give the name as a text in `language` writes it."""
        return self.names.get(language, self.names["en"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of letter.

    Args:
        key: names it in addresses and rows, e.g. ``"booked"``.
        title: what the office calls it.
        occasion: when it is written, and to whom.
        placeholders: what its texts may hold.
        shipped: language code to the text that we ship; Italian is always there.
        sample: language code to values for a preview, from a real row where there is one.
        languages: languages in which the office may write it.
        is_paper: printed, not mailed.
    """

    key: str
    title: LazyString
    occasion: LazyString
    placeholders: tuple[Placeholder, ...]
    shipped: Mapping[str, Text]
    sample: Callable[[str], Mapping[str, str]]
    languages: tuple[str, ...]
    is_paper: bool = False

    def names_in(self, language: str) -> dict[str, str]:
        """Give name as written in `language` to key."""
        return {placeholder.name_in(language): placeholder.key for placeholder in self.placeholders}


def shipped_texts(folder: Path, key: str) -> dict[str, Text]:
    """Read the texts of a kind, ``<language>/<key>.txt``: the subject, an empty line, the body.

    Raises:
        ValueError: a file has no empty second line.
    """
    texts = {}
    for path in sorted(folder.glob(f"*/{key}.txt")):
        subject, gap, body = path.read_text(encoding="utf-8").split("\n", 2)
        if gap.strip():
            raise ValueError(f"{path}: the second line must be empty")
        texts[path.parent.name] = Text(subject=subject.strip(), body=body.strip())
    return texts

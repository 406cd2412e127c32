"""The words of the papers for families and pupils, which an office can have translated; see `core.wordsets`.

The approved words travel with the figures (`YearFigures.words`), so that a paper is made from what stood there when
the figures were collected: the same figures give the same bytes, and a signed edition does not change its wording.
"""

from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l

from prevention.core.wordsets import WordSet

_CODE = Path(__file__).parent / "papers"
_TEMPLATES = Path(__file__).parent.parent / "templates" / "reports" / "papers"

PAPERS = WordSet(
    key="papers",
    prefix="paper",
    places=(
        _TEMPLATES / "_base.html",
        _TEMPLATES / "leaf.html",
        _TEMPLATES / "norms.html",
        _CODE / "leaf.py",
        _CODE / "norms.py",
        _CODE / "plain.py",
        _CODE / "numbering.py",
    ),
    name=_l("Papers for families and pupils"),
    shown=_l("The leaf for parents and the slides for pupils are made in this language too, from the next figures on."),
    note=_l(
        "These are the words of the leaf for parents and of the slides for pupils. How easy they are to read is "
        "measured in Italian only (Gulpease index). No index is checked in other languages: ask for short sentences."
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One sentence of a paper: the message in English as the code has it, and its translation."""

    message: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperWords:
    """The approved words of the papers for families and pupils in a language that the site does not speak."""

    language: str
    words: tuple[Wording, ...]

    def texts(self) -> dict[str, str]:
        """Give them as message to text."""
        return {one.message: one.text for one in self.words}


def collected() -> tuple[PaperWords, ...]:
    """Give the words of each language that is complete and approved. One query."""
    return tuple(
        PaperWords(language=language, words=tuple(Wording(message=one, text=text) for one, text in texts.items()))
        for language, texts in PAPERS.approved().items()
    )

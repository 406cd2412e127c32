"""Which letters the fonts of our papers have, and what is printed where they lack one.

A letter that no font of ours has would be drawn with whatever font the machine happens to have: the same paper would
have other bytes elsewhere, or an empty box. So it is printed as the nearest letter that we have, or as a question mark;
forms that ask for texts of papers refuse it before, in words.
"""

import unicodedata
from functools import cache
from html import escape

from prevention.core.pdf import FONT_CUTS, FONT_FOLDER, SCRIPT_FONTS

UNKNOWN = "?"
# What has no compatible form in Unicode but an obvious one for a reader.
_NEAREST = {"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\u2192": "->", "\u2264": "<=", "\u2265": ">="}


def printable(page: str, *, language: str = "") -> str:
    """Write a finished HTML page in letters that the fonts of a paper in a language have.

    Nothing changes where the fonts were not built. What is put in is escaped: there are letters whose nearest one is
    "<" or a quote, and they were words before.
    """
    known = _letters(language)
    composed = unicodedata.normalize("NFC", page)
    if not known:
        return composed
    return composed.translate(
        {ord(one): escape(_nearest(one, known)) for one in set(composed) if not _is_known(one, known)}
    )


def unprintable(words: str, *, language: str = "") -> str:
    """Give the letters of a text that would be printed as a question mark, each once, in their order."""
    known = _letters(language)
    letters = dict.fromkeys(unicodedata.normalize("NFC", words)) if known else ()
    return "".join(one for one in letters if not _is_known(one, known) and _nearest(one, known) == UNKNOWN)


def _is_known(letter: str, known: frozenset[int]) -> bool:
    # Controls of the text (line ends, direction, joining) are drawn by no font.
    return ord(letter) in known or unicodedata.category(letter) in ("Cc", "Cf")


def _nearest(letter: str, known: frozenset[int]) -> str:
    plain = _NEAREST.get(letter) or unicodedata.normalize("NFKD", letter)
    # A backslash would end a string in a style sheet otherwise than it was meant to.
    kept = "".join(one for one in plain if unicodedata.category(one) not in ("Mn", "Me")).replace("\\", "/")
    return kept if all(ord(one) in known for one in kept) else UNKNOWN


@cache
def _letters(language: str) -> frozenset[int]:
    """Give the letters that every cut of the font has, and those of the script of the language."""
    cuts = [_letters_in(name) for _weight, _style, name in FONT_CUTS]
    script, _ranges = SCRIPT_FONTS.get(language, ("", ""))
    own = [_letters_in(f"{script}-{weight}") for weight in (400, 700)] if script else []
    if not all([*cuts, *own]):
        return frozenset()
    return frozenset.intersection(*cuts) | (frozenset.intersection(*own) if own else frozenset())


def _letters_in(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    path = FONT_FOLDER / f"{name}.woff2"
    if not path.is_file():
        return frozenset()
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())

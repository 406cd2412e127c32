"""Which papers are made in which languages, and how a paper is written in one that the site does not speak."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from flask_babel import lazy_gettext as _l

from prevention.core import wordsets
from prevention.core.i18n import LANGUAGES
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Kind, NoSuchPaper, Paper
from prevention.reports.translated import PAPERS

# Papers that are made in every language whose words are there.
TRANSLATED = (Kind.PARENTS, Kind.NORMS)

# Names of files are no words to translate: in other languages they are the English ones, with the language.
_STEMS = {Kind.PARENTS: _l("for-parents"), Kind.NORMS: _l("how-many-really")}


def languages_of(figures: YearFigures, kind: Kind) -> tuple[str, ...]:
    """List the languages that a kind of paper is made in: the site's, and those whose words came with the figures."""
    if kind not in TRANSLATED:
        return LANGUAGES
    return (*LANGUAGES, *(one.language for one in figures.words if _is_complete(one.texts())))


def speaking(figures: YearFigures, paper: Paper) -> AbstractContextManager[None]:
    """Hold the language of a paper.

    Raises:
        NoSuchPaper: the paper is not made in its language.
    """
    if paper.language in LANGUAGES:
        return wordsets.speaking(paper.language, {})
    texts = next((one.texts() for one in figures.words if one.language == paper.language), {})
    if paper.kind not in TRANSLATED or not _is_complete(texts):
        raise NoSuchPaper(f"{paper.kind} {paper.language}")
    return wordsets.speaking(paper.language, texts)


def stem_of(paper: Paper) -> str:
    """Name the file of a translated paper, before district and year."""
    stem = str(_STEMS[paper.kind])
    return stem if paper.language in LANGUAGES else f"{stem}-{paper.language}"


def _is_complete(texts: Mapping[str, str]) -> bool:
    """Say whether texts hold all that the papers say now: a paper never falls into English in the middle."""
    return all(texts.get(message) for message in PAPERS.messages().values())

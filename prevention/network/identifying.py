"""Finds what could say in a free text which person is meant: names, initials, numbers, addresses. Pure.

A text that describes a matter needs no person in it. Whoever writes one is shown each passage that looks like a
person, with its line and the reason, before anything is saved. So a false alarm costs a reworded sentence and a miss
may cost a pupil their privacy: where both cannot be had, this asks.

What counts, in the order in which it is looked for (`Clue`). Earlier findings hide later ones at the same place:

* shapes: mail addresses, pages of social networks, ``@handles``, tax codes (codice fiscale: DM 23/12/1976), number
  plates, telephone numbers (not the toll-free 800 and not 112 and its like), streets with a house number, days of
  birth, class labels (3B, terza B), initials (M.R., "l'alunno M.");
* titles before a capitalised word (sig.ra, prof., don, maestra);
* given names from `given_names`. A name that is no word of the language counts in small letters too ("marco"); one
  that is ("rosa", "chiara") and a foreign one only with a capital that no sentence start explains, or before a
  capitalised word;
* surnames with a capital inside a sentence; two capitalised words in a row that are no place and nothing public.

Names of municipalities and provinces, streets without a house number, saints and "liceo …" name no person.

Choice: word lists and shapes, not a language model of named entities. A model of 500 MB would have to be fetched, is
weakest on small-letter names in short, careless sentences, and nobody can say why it found something.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from prevention.core.web import Refusal
from prevention.network import given_names as names
from prevention.network.known_places import place_names


class Clue(StrEnum):
    """Why a passage may say who is meant."""

    EMAIL = "email"
    PROFILE = "profile"
    HANDLE = "handle"
    TAX_CODE = "tax_code"
    PLATE = "plate"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH = "birth"
    CLASS = "class"
    INITIALS = "initials"
    TITLE = "title"
    NAME = "name"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A passage of a text: where it stands (`line` and `column` count from 1), what it says, and the clue."""

    clue: Clue
    start: int
    end: int
    line: int
    column: int
    passage: str


class NamesSomebody(Refusal):
    """The text may say which person is meant; it was not saved."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(len(findings))
        self.findings = findings


def check_names_nobody(text: str, *, clues: Collection[Clue] = frozenset(Clue)) -> None:
    """Refuse a text in which something may identify a person.

    Args:
        text: as typed.
        clues: what to look for; a text about one known class may hold class labels, for instance.

    Raises:
        NamesSomebody: with every passage, in the order of the text.
    """
    findings = find_identifying(text, clues=clues)
    if findings:
        raise NamesSomebody(findings)


def find_identifying(text: str, *, clues: Collection[Clue] = frozenset(Clue)) -> tuple[Finding, ...]:
    """List the passages of a text that may identify a person, in the order of the text, none inside another."""
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    taken: list[tuple[int, int]] = []
    findings = []
    for clue, start, end in _candidates(text):
        if any(start < there_end and there_start < end for there_start, there_end in taken):
            continue
        taken.append((start, end))
        if clue is not None and clue in clues:
            line = bisect_right(lines, start)
            findings.append(
                Finding(
                    clue=clue, start=start, end=end, line=line, column=start - lines[line - 1] + 1,
                    passage=text[start:end],
                )
            )  # fmt: skip
    return tuple(sorted(findings, key=lambda finding: finding.start))


_UPPER = r"[A-ZÀÈÉÌÒÙ]"
_NAMED = rf"{_UPPER}[\w'\u2019]+"
_STREET = r"(?:via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|largo|vicolo|strada|contrada)"
_SHAPES: tuple[tuple[Clue, re.Pattern[str]], ...] = (
    (Clue.EMAIL, re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    (
        Clue.PROFILE,
        re.compile(
            r"(?:https?://)?(?:www\.)?(?:instagram|tiktok|facebook|snapchat|t|twitter|x|onlyfans|youtube|twitch)"
            r"\.(?:com|me|it|tv)/[^\s,;]+",
            re.IGNORECASE,
        ),
    ),
    (Clue.HANDLE, re.compile(r"(?<![\w@])@[\w.]*\w")),
    (Clue.TAX_CODE, re.compile(r"\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b", re.IGNORECASE)),
    (Clue.PLATE, re.compile(r"\b[A-HJ-NPR-TV-Z]{2}[ -]?\d{3}[ -]?[A-HJ-NPR-TV-Z]{2}\b", re.IGNORECASE)),
    (Clue.BIRTH, re.compile(r"\bnat[oaie]\s+(?:il|l['\u2019]|nel)\s?\d[\w/.-]*", re.IGNORECASE)),
    (
        Clue.ADDRESS,
        re.compile(
            rf"\b(?i:{_STREET})\s+(?:\w+['\u2019]?\s*){{1,5}}?,?\s*(?:n\.?\s*|civico\s+)?\d{{1,4}}(?:/?[a-zA-Z])?\b"
        ),
    ),
    (Clue.PHONE, re.compile(r"(?<![\w/.-])(?:\+|00)?\d(?:[ .-]?\d){7,14}(?![\w/-])")),
    (
        Clue.CLASS,
        re.compile(r"\b[1-5] ?[°ªa^]? ?[A-Z]{1,2}\b|\b(?i:classe|sezione|sez\.) ?[1-5]? ?[a-zA-Z]\b(?!['\u2019])"),
    ),
    (Clue.CLASS, re.compile(r"\b(?i:prima|seconda|terza|quarta|quinta) [A-Z]\b(?!['\u2019.])")),
    (Clue.INITIALS, re.compile(r"(?<![\w.])[A-Z]\. ?[A-Z]\.(?! ?[A-Z]\.)(?!\w)")),
    (
        Clue.INITIALS,
        re.compile(
            r"\b(?i:alunn[oa]|student[ei]?(?:ssa)?|ragazz[oa]|compagn[oa]|minore|signor[ae]?|madre di|padre di) "
            r"[A-Z]\b\.?(?!['\u2019])"
        ),
    ),
    (
        Clue.TITLE,
        re.compile(
            r"\b(?i:sig|sig\.?ra|sig\.?na|signora?|prof|prof\.?ssa|professor|professoressa|dott|dott\.?ssa|dottor|"
            rf"dottoressa|dr|don|suor|padre|maestr[oa]|preside|avv|ing|mister)\.? (?:{_NAMED})(?: {_NAMED})?"
        ),
    ),
)
# Well-known numbers and calendar days look like telephone numbers, and abbreviations like initials.
_NO_PHONE = re.compile(r"(?:\+39 ?)?800[ .-]?\d|(?:19|20)\d\d[-. ][01]?\d[-. ]|[0-3]?\d[-. ][01]?\d[-. ](?:19|20)\d\d")
_NO_INITIALS = frozenset(
    {"A.S.", "P.S.", "N.B.", "U.S.", "S.S.", "C.A.", "S.P.", "C.M.", "D.S.", "I.C.", "P.O.", "P.Z."}
)
_NO_CLASS = re.compile(r"[2-5] ?G|[1-5] ?(?:[°ª] ?)?(?:CL|KM|CM|MG|ML|GR|AM|PM|EU)")
# Places, saints and schools: their names are taken out before names of persons are looked for.
_HARMLESS = (
    re.compile(rf"\b(?i:{_STREET})\s+(?:(?i:del|della|delle|dei|di|da|de|san|santa|d['\u2019]|{_NAMED})\s*){{1,4}}"),
    re.compile(rf"\b(?:San|Santa|Santo|Sant['\u2019]|S\.)\s?{_NAMED}"),
    re.compile(
        rf"\b(?i:liceo|licei|istituto|istituti|scuola|scuole|iis|itis|ipsia|itc|isis|ic|ics|plesso|oratorio|cfp|iti)\b"
        rf"(?: (?i:comprensivo|superiore|professionale|tecnico|scientifico|classico|artistico|linguistico|di|de|"
        rf"statale|primaria|secondaria|media))*(?: [\"“«]?{_NAMED}[\"”»]?){{0,3}}"
    ),
)
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE_SENTENCE = frozenset('.!?:;\n•*-–—«“"(')


def _candidates(text: str) -> Iterator[tuple[Clue | None, int, int]]:
    """Give passages, the most certain first; those with no clue only keep their place from being read as a name."""
    for clue, shape in _SHAPES:
        for match in shape.finditer(text):
            if not _is_harmless_shape(clue, match.group()):
                yield clue, match.start(), match.end()
    for pattern in (*_HARMLESS, place_names()):
        for match in pattern.finditer(text):
            yield None, match.start(), match.end()
    yield from ((Clue.NAME, start, end) for start, end in _names_in(text))


def _is_harmless_shape(clue: Clue, passage: str) -> bool:
    if clue is Clue.PHONE:
        return _NO_PHONE.match(passage) is not None
    if clue is Clue.CLASS:
        return _NO_CLASS.fullmatch(passage) is not None
    return clue is Clue.INITIALS and passage.replace(" ", "") in _NO_INITIALS


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    opens: bool
    joins: bool

    @property
    def key(self) -> str:
        return self.text.casefold()

    @property
    def is_capitalised(self) -> bool:
        return len(self.text) > 1 and self.text[0].isupper() and not self.text.isupper()

    @property
    def is_public(self) -> bool:
        return self.key in names.public_words()


def _names_in(text: str) -> Iterator[tuple[int, int]]:
    words = list(_words_of(text))
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) and words[place + 1].joins else None
        if _is_given_name(word, after):
            is_whole = after is not None and after.is_capitalised and not after.is_public
            yield word.start, after.end if is_whole and after is not None else word.end
        elif after is not None and _are_a_pair(word, after):
            yield word.start, after.end
        elif _is_surname(word):
            yield word.start, word.end


def _words_of(text: str) -> Iterator[_Word]:
    end_before = 0
    for match in _WORD.finditer(text):
        between = text[end_before : match.start()]
        bare = between.rstrip(" \t")
        opens = not text[: match.start()].strip() or (bool(bare) and bare[-1] in _BEFORE_SENTENCE)
        # A dot after an abbreviation opens no sentence, but who writes so close to one is asked.
        yield _Word(match.group(), match.start(), match.end(), opens, between in (" ", "-", "'", "\u2019", "  "))
        end_before = match.end()


def _is_given_name(word: _Word, after: _Word | None) -> bool:
    key = word.key
    if key in names.public_words():
        return False
    is_written_as_name = word.text[0].isupper() and (not word.opens or (after is not None and after.is_capitalised))
    if key in names.italian_given_names():
        return key not in names.words("also_words") or (is_written_as_name and not word.text.isupper())
    return key in names.foreign_given_names() and word.text[0].isupper()


def _are_a_pair(word: _Word, after: _Word) -> bool:
    both = word.is_capitalised and after.is_capitalised and not after.opens
    return both and not word.opens and not word.is_public and not after.is_public


def _is_surname(word: _Word) -> bool:
    return word.is_capitalised and not word.opens and word.key in names.surnames() and not word.is_public

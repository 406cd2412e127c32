"""When to try again and when to give up; what a text with placeholders may look like, and how it is filled."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches

# 1, 2, 4 … minutes, at most 4 hours between two tries; about a day in all.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
MOST_ATTEMPTS = 14

# A message taken by a process that died is free again after this long.
LEASE = timedelta(minutes=5)

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_MANY_GAPS = re.compile(r"\n{3,}")


def wait_after(attempts: int) -> timedelta | None:
    """Give how long to wait after `attempts` failed tries (1 or more); None means give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    doublings: int = 2 ** (attempts - 1)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


class MessagesRefusal(Exception):
    """A named no of this room."""


class TextRefused(MessagesRefusal):
    """A text cannot be filled; `line` and `column` count from 1."""

    def __init__(self, *, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}")
        self.line, self.column = line, column


class UnknownPlaceholder(TextRefused):
    """A text asks for something that its letter does not have; `nearest` is what may have been meant, or None."""

    def __init__(self, *, name: str, nearest: str | None, line: int, column: int) -> None:
        super().__init__(line=line, column=column)
        self.name, self.nearest = name, nearest


class StrayBrace(TextRefused):
    """A brace that neither opens nor closes a placeholder."""


class ChangedMeanwhile(MessagesRefusal):
    """Somebody else wrote the text after this person opened it."""


class NotGivenUp(MessagesRefusal):
    """The message is on its way or sent: there is nothing to try again."""


class AddressTaken(MessagesRefusal):
    """Another person has the address that mail shall go to instead."""


def check_text(text: str, names: Collection[str]) -> None:
    """Refuse a text that could not be filled with values of these names.

    Raises:
        UnknownPlaceholder, StrayBrace: with the place of the first fault.
    """
    faults = sorted((*_unknown(text, names), *_stray(text)), key=lambda fault: (fault.line, fault.column))
    if faults:
        raise faults[0]


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Put values in the places of a text, by name.

    A line whose places are all filled with nothing is left out, so that ``Reason: {reason}`` does not stand there
    empty. Values are not read again: braces in them stay what they are.
    """
    lines = [_PLACEHOLDER.sub(lambda found: values[found[1].strip()], line) for line in _lines_with_words(text, values)]
    return _MANY_GAPS.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def rename_places(text: str, names: Mapping[str, str]) -> str:
    """Write the places of a text under other names: old name to new one; unknown ones stay."""
    return _PLACEHOLDER.sub(lambda found: "{" + names.get(found[1].strip(), found[1]) + "}", text)


def _lines_with_words(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for line in text.splitlines():
        names = [name.strip() for name in _PLACEHOLDER.findall(line)]
        if not names or any(values[name] for name in names):
            yield line


def _unknown(text: str, names: Collection[str]) -> Iterator[UnknownPlaceholder]:
    for found in _PLACEHOLDER.finditer(text):
        name = found[1].strip()
        if name not in names:
            nearest = get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
            line, column = _place(text, found.start())
            yield UnknownPlaceholder(name=name, nearest=nearest[0] if nearest else None, line=line, column=column)


def _stray(text: str) -> Iterator[StrayBrace]:
    # What is left when every placeholder is blanked out, so that positions stay.
    rest = _PLACEHOLDER.sub(lambda found: " " * len(found[0]), text)
    for found in re.finditer(r"[{}]", rest):
        line, column = _place(text, found.start())
        yield StrayBrace(line=line, column=column)


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1

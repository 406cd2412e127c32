"""Named refusals of this room. Pure."""

from enum import StrEnum

from prevention.core.web import Refusal
from prevention.indicators.published import PublishedTable


class AlreadySealed(Refusal):
    """The wave is sealed: its answers are gone, and its file never changes."""


class NotClosed(Refusal):
    """The wave still takes answers, or has not begun: only a closed one can be sealed."""


class AlreadyCorrected(Refusal):
    """The seal was corrected, or is about to be: what is in force now must be corrected instead."""


class NothingToCorrect(Refusal):
    """The correction would change nothing, or names a place of which nobody is in the file."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place


class SomebodyReleased(Refusal):
    """Something of the same wave was published while this was being tested: it must be tested again."""


class TooSmall(Refusal):
    """So few answered that no file of records may leave."""


class ToldApart(Refusal):
    """A file of an earlier seal has left; beside it, this one would show who withdrew, or a class by itself."""


class WhyRefused(StrEnum):
    """Why a table may not come out, or cannot be made."""

    DIFFERS_TOO_LITTLE = "differs_too_little"
    GIVES_AWAY = "gives_away"
    NOTHING_TO_SHOW = "nothing_to_show"
    NOBODY = "nobody"
    ALREADY_PUBLISHED = "already_published"
    CORRECTED = "corrected"


class TableRefused(Refusal):
    """A table that is not published; `earlier` are those published before from which it differs too little."""

    def __init__(self, why: WhyRefused, *, earlier: tuple[PublishedTable, ...] = ()) -> None:
        super().__init__(str(why))
        self.why = why
        self.earlier = earlier


class SealBroken(Exception):
    """A sealed file or a published table is not what was sealed: another hash, or gone. Nothing is shown from it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

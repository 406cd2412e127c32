"""Named refusals of this room. Pure."""

from prevention.core.web import Refusal


class AlreadySealed(Refusal):
    """The wave is sealed: its answers are gone, and its file never changes."""


class NotClosed(Refusal):
    """The wave still takes answers, or has not begun: only a closed one can be sealed."""


class SealBroken(Exception):
    """A sealed file or a published table is not what was sealed: another hash, or gone. Nothing is shown from it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

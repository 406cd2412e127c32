"""Decisions about files that are sent in pieces. Pure."""

from datetime import datetime, timedelta

from prevention.core.intake.kinds import Fault, FileRefused, FileTooLarge
from prevention.resources.rules.refusals import ResourceRefusal

# How long a file waits for its next piece, or for the form that hands it in.
UPLOAD_LIFETIME = timedelta(hours=24)
# So many files may one person have under way.
UPLOADS_MOST = 5


class TooManyUploads(ResourceRefusal):
    """This person has `most` files under way already."""

    def __init__(self, *, most: int) -> None:
        super().__init__(most)
        self.most = most


class UploadGone(ResourceRefusal):
    """The file that was sent in pieces is not there: handed in already, thrown away, or too old."""


class UploadUnfinished(ResourceRefusal):
    """Pieces of the file are still missing."""


class PieceMisplaced(ResourceRefusal):
    """The piece does not begin where the last one ended; `received` bytes are there."""

    def __init__(self, *, received: int) -> None:
        super().__init__(received)
        self.received = received


def check_announced(size: int, *, most: int, under_way: int) -> None:
    """Say whether somebody who has so many files under way may send one more, of this size.

    Raises:
        FileRefused: it is empty.
        FileTooLarge: it has more than `most` bytes.
        TooManyUploads: others have to be finished or thrown away first.
    """
    if size < 1:
        raise FileRefused(fault=Fault.EMPTY)
    if size > most:
        raise FileTooLarge(limit=most)
    if under_way >= UPLOADS_MOST:
        raise TooManyUploads(most=UPLOADS_MOST)


def check_place(start: int, *, received: int) -> None:
    """Say whether a piece that begins there is the next one.

    Raises:
        PieceMisplaced: it is not.
    """
    if start != received:
        raise PieceMisplaced(received=received)


def expires_at(touched_at: datetime) -> datetime:
    """Give the moment at which a file that was last touched then is forgotten."""
    return touched_at + UPLOAD_LIFETIME

"""Decisions about files that are handed in: which kinds are taken, and what a file is called. Pure."""

import re
from enum import StrEnum

from prevention.core.web import Refusal

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

# What is taken, and the extension under which it is handed out, whatever it was called.
EXTENSIONS = {
    "application/pdf": "pdf",
    f"{_OPEN_XML}wordprocessingml.document": "docx",
    f"{_OPEN_XML}presentationml.presentation": "pptx",
    f"{_OPEN_XML}spreadsheetml.sheet": "xlsx",
    f"{_OPEN_DOCUMENT}text": "odt",
    f"{_OPEN_DOCUMENT}presentation": "odp",
    f"{_OPEN_DOCUMENT}spreadsheet": "ods",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}
MEBIBYTE = 1024 * 1024
# The most that a kind may have, where that is less than what any file may: what is larger was never made to be read,
# or keeps a reader's telephone busy for minutes.
_MOST_BYTES = {
    "png": 30 * MEBIBYTE,
    "jpg": 30 * MEBIBYTE,
    "webp": 30 * MEBIBYTE,
    "xlsx": 50 * MEBIBYTE,
    "ods": 50 * MEBIBYTE,
    "docx": 100 * MEBIBYTE,
    "odt": 100 * MEBIBYTE,
}
OFFICE_KINDS = frozenset(kind for kind in EXTENSIONS if kind.startswith((_OPEN_XML, _OPEN_DOCUMENT)))
IMAGE_KINDS = frozenset(kind for kind in EXTENSIONS if kind.startswith("image/"))


class Fault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    WEB_PAGE = "web_page"
    DRAWING = "drawing"
    PROGRAM = "program"
    ARCHIVE = "archive"
    OLD_OFFICE = "old_office"
    MACROS = "macros"
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    INFECTED = "infected"
    LOCKED = "locked"
    BOMB = "bomb"
    DAMAGED = "damaged"
    MEDIA = "media"
    SIGNED_ACTIVE = "signed_active"
    OTHER = "other"


_FAULTS = (
    (Fault.EMPTY, re.compile(r"application/x-empty")),
    (Fault.WEB_PAGE, re.compile(r"text/html|application/(xhtml\+)?xml|text/xml|application/x-.*php|text/javascript")),
    (Fault.DRAWING, re.compile(r"image/svg.*")),
    (
        Fault.OLD_OFFICE,
        re.compile(r"(application|text)/rtf|application/(msword|vnd\.ms-(excel|powerpoint|office)|x-ole.*|CDFV2)"),
    ),
    (
        Fault.PROGRAM,
        re.compile(r".*(portable-executable|msdownload|executable|x-elf|x-sh|java(-archive)?|x-dosexec).*"),
    ),
    (
        Fault.ARCHIVE,
        re.compile(r"application/(zip|x-7z.*|x-rar.*|vnd\.rar|gzip|x-gzip|x-tar|x-bzip2?|x-xz|zstd|vnd\.ms-cab).*"),
    ),
    (Fault.MEDIA, re.compile(r"(audio|video|image)/.*")),
)


class IntakeRefusal(Refusal):
    """Base of what is refused here; nothing was kept."""


class FileRefused(IntakeRefusal):
    """The file is not one that is taken; `fault` says why."""

    def __init__(self, *, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class FileTooLarge(IntakeRefusal):
    """The file has more than `limit` bytes, the most for its kind if `media_type` is given."""

    def __init__(self, *, limit: int, media_type: str | None = None) -> None:
        super().__init__(limit)
        self.limit, self.media_type = limit, media_type


class StoreIsFull(IntakeRefusal):
    """There is no room left for files."""


class StoreIsAway(IntakeRefusal):
    """The bucket in which files are kept does not answer."""


class NotScanned(IntakeRefusal):
    """The virus scanner that is configured does not answer."""


def check_kind(media_type: str) -> None:
    """Refuse a file by what its content is.

    Raises:
        FileRefused: it is not in `EXTENSIONS`; the fault is the most helpful one that fits.
    """
    if media_type in EXTENSIONS:
        return
    raise FileRefused(fault=next((fault for fault, kinds in _FAULTS if kinds.fullmatch(media_type)), Fault.OTHER))


# What the first bytes of a file tell for certain, before the rest has come.
_TOLD_EARLY = frozenset({Fault.WEB_PAGE, Fault.DRAWING, Fault.PROGRAM, Fault.MEDIA})


def check_beginning(media_type: str, *, size: int, most: int) -> None:
    """Refuse a file of which only the beginning has come, if that is enough to tell.

    Args:
        media_type: what the beginning looks like.
        size: how many bytes the whole will have.
        most: how many any file may have.

    Raises:
        FileRefused, FileTooLarge: it need not be sent to its end.
    """
    try:
        check_kind(media_type)
    except FileRefused as refusal:
        if refusal.fault in _TOLD_EARLY:
            raise
    else:
        check_size(size, media_type=media_type, most=most)


def check_size(size: int, *, media_type: str, most: int) -> None:
    """Refuse a file that is too large for what it is.

    Raises:
        FileTooLarge: it has more bytes than its kind may have, or than `most`.
    """
    own = _MOST_BYTES.get(EXTENSIONS[media_type], most)
    if size > most:
        raise FileTooLarge(limit=most)
    if size > own:
        raise FileTooLarge(limit=own, media_type=media_type)


def name_for(file_name: str, media_type: str) -> str:
    """Give a file the extension of what it is, over the one it came with if that is another."""
    extension = EXTENSIONS[media_type]
    stem, dot, given = file_name.rpartition(".")
    same = {extension, "jpeg"} if extension == "jpg" else {extension}
    if dot and given.lower() in same:
        return file_name
    return f"{stem if dot and stem and len(given) <= 5 else file_name}.{extension}"

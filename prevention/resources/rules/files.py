"""Decisions about files: which kinds are taken, and what a file is called. Pure."""

import re
from enum import StrEnum

from prevention.resources.rules.refusals import ResourceRefusal

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
    OTHER = "other"


_FAULTS = (
    (Fault.EMPTY, re.compile(r"application/x-empty")),
    (Fault.WEB_PAGE, re.compile(r"text/html|application/(xhtml\+)?xml|text/xml|application/x-.*php|text/javascript")),
    (Fault.DRAWING, re.compile(r"image/svg.*")),
    (Fault.OLD_OFFICE, re.compile(r"application/(msword|vnd\.ms-(excel|powerpoint|office)|x-ole.*|CDFV2)")),
    (Fault.PROGRAM, re.compile(r".*(portable-executable|msdownload|executable|x-elf|x-sh|java-archive|x-dosexec).*")),
    (Fault.ARCHIVE, re.compile(r"application/(zip|x-7z.*|x-rar.*|vnd\.rar|gzip|x-gzip|x-tar|x-bzip2?|x-xz|zstd).*")),
    (Fault.MEDIA, re.compile(r"(audio|video|image)/.*")),
)


class FileRefused(ResourceRefusal):
    """The file is not one that the library takes; `fault` says why."""

    def __init__(self, *, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class FileTooLarge(ResourceRefusal):
    """The file has more than `limit` bytes."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class StoreIsFull(ResourceRefusal):
    """There is no room left for files; nothing was kept."""


class SameFile(ResourceRefusal):
    """The newest version already has exactly this content."""

    def __init__(self, *, version: int) -> None:
        super().__init__(version)
        self.version = version


class NotScanned(ResourceRefusal):
    """The virus scanner that is configured does not answer; nothing was kept."""


def check_kind(media_type: str) -> None:
    """Refuse a file by what its content is.

    Raises:
        FileRefused: it is not in `EXTENSIONS`; the fault is the most helpful one that fits.
    """
    if media_type in EXTENSIONS:
        return
    raise FileRefused(fault=next((fault for fault, kinds in _FAULTS if kinds.fullmatch(media_type)), Fault.OTHER))


def name_for(file_name: str, media_type: str) -> str:
    """Give a file the extension of what it is, over the one it came with if that is another."""
    extension = EXTENSIONS[media_type]
    stem, dot, given = file_name.rpartition(".")
    same = {extension, "jpeg"} if extension == "jpg" else {extension}
    if dot and given.lower() in same:
        return file_name
    return f"{stem if dot and stem and len(given) <= 5 else file_name}.{extension}"

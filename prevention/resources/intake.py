"""Look at a handed-in file before it is kept: what it is, and whether it hides anything. Reads a stream, no rows."""

import zipfile
from dataclasses import dataclass
from typing import IO

from prevention.core import files
from prevention.resources import rules
from prevention.resources.models import SHELF
from prevention.resources.rules import Fault, FileRefused
from prevention.resources.rules.files import Part, check_parts

# Bit 0 of a ZIP entry's flags: the entry is encrypted (APPNOTE.TXT 6.3.10, section 4.4.4).
_ENCRYPTED = 0x1


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file as it was handed in: a seekable stream of its content, and the name it came with."""

    stream: IO[bytes]
    file_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspected:
    """What a handed-in file turned out to be, and the safe name under which it will be handed out."""

    media_type: str
    file_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A file that is in the store and waits for the row that speaks of it."""

    stored: files.StoredFile
    media_type: str
    file_name: str


def keep(upload: Upload, *, max_bytes: int) -> Kept:
    """Take a file in: look at it, and put it into the store. Touches no row; call it before writing any.

    Raises:
        FileRefused, FileTooLarge, StoreIsFull: the file was not taken; nothing was kept.
    """
    inspected = inspect(upload)
    try:
        stored = files.store(upload.stream, max_bytes=max_bytes, shelf=SHELF)
    except files.TooManyBytes as error:
        raise rules.FileTooLarge(limit=error.limit) from error
    except files.NoSpaceLeft as error:
        raise rules.StoreIsFull from error
    return Kept(stored=stored, media_type=inspected.media_type, file_name=inspected.file_name)


def inspect(upload: Upload) -> Inspected:
    """Tell what a file is and refuse it if the library does not take it. The stream is left at its start.

    Raises:
        FileRefused: with the fault that says why.
    """
    media_type = files.content_kind(upload.stream)
    rules.check_kind(media_type)
    if media_type in rules.OFFICE_KINDS:
        check_parts(_parts(upload.stream))
        upload.stream.seek(0)
    name = rules.name_for(files.safe_name(upload.file_name), media_type)
    return Inspected(media_type=media_type, file_name=files.safe_name(name))


def _parts(stream: IO[bytes]) -> list[Part]:
    try:
        with zipfile.ZipFile(stream) as archive:
            return [
                Part(
                    name=entry.filename,
                    packed=entry.compress_size,
                    unpacked=entry.file_size,
                    is_locked=bool(entry.flag_bits & _ENCRYPTED),
                )
                for entry in archive.infolist()
            ]
    except zipfile.BadZipFile as error:
        raise FileRefused(fault=Fault.DAMAGED) from error

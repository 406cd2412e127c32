"""Taking a file in: what it is, whether it is infected, and a clean copy of it. Touches no row.

Choices, with their reason:

* Nothing that somebody handed in is ever handed out as it came. Each file is taken apart by a library that knows its
  format and written anew: a PDF by qpdf, a picture by Pillow, an office document part by part. What does not belong to
  the format (a second file glued on, a program between the parts, comments, places where a photo was taken) is not
  copied, so there is no list of tricks to keep up with. What is active and belongs to the format (macros, scripts,
  launch actions, objects, links that load by themselves) is refused in office documents and taken out of PDFs.
* Taking apart is done by a process of its own (`workbench`) with little memory and time, started without our settings:
  a bomb or a fault in a parser ends that process, not the site.
* Copies lie in files without a name, which the operating system takes away with the process, however it ends.
* A scanner (ClamAV's daemon) sees the file as it came, when one is configured. One that does not answer refuses.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from flask import current_app

from prevention.core import files
from prevention.resources import rules
from prevention.resources.intake.cleaning import anonymous_copy, clean
from prevention.resources.intake.scanning import Scanner
from prevention.resources.models import SHELF


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file as it was handed in: a seekable stream of its content, and the name it came with."""

    stream: IO[bytes]
    file_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A file that is in the store and waits for the row that speaks of it."""

    stored: files.StoredFile
    media_type: str
    file_name: str


def keep(upload: Upload, *, max_bytes: int) -> Kept:
    """Take a file in and put a clean copy into the store. Touches no row; call it before writing any.

    Raises:
        FileRefused, FileTooLarge, NotScanned, StoreIsFull: the file was not taken; nothing was kept.
    """
    with cleaned(upload, max_bytes=max_bytes) as (copy, media_type):
        stored = files.store(copy, max_bytes=2 * max_bytes, shelf=SHELF)
    name = rules.name_for(files.safe_name(upload.file_name), media_type)
    return Kept(stored=stored, media_type=media_type, file_name=files.safe_name(name))


@contextmanager
def cleaned(upload: Upload, *, max_bytes: int) -> Iterator[tuple[BinaryIO, str]]:
    """Give a clean copy of a file, which is gone afterwards, and its media type.

    Raises:
        FileRefused, FileTooLarge, NotScanned, StoreIsFull: the file was not taken.
    """
    try:
        with anonymous_copy(upload.stream, max_bytes=max_bytes) as source:
            media_type = files.content_kind(source)
            rules.check_kind(media_type)
            rules.check_size(source.seek(0, os.SEEK_END), media_type=media_type, most=max_bytes)
            source.seek(0)
            scanner = Scanner.from_settings(current_app.config["SETTINGS"])
            if scanner is not None:
                scanner.check(source)
            with clean(source, media_type) as copy:
                yield copy, media_type
    except files.TooManyBytes as error:
        raise rules.FileTooLarge(limit=max_bytes) from error
    except files.NoSpaceLeft as error:
        raise rules.StoreIsFull from error

"""Taking a file in: what it is, whether it is infected, and a clean copy of it. Touches no row.

Choices, with their reason:

* Nothing that somebody handed in is handed out as it came. Each file is taken apart by a library that knows its
  format and written anew: a PDF by qpdf, a picture by Pillow, an office document part by part. What does not belong to
  the format (a second file glued on, a program between the parts, comments, places where a photo was taken) is not
  copied, so there is no list of tricks to keep up with. What is active and belongs to the format (macros, scripts,
  launch actions, objects, links that load by themselves) is refused in office documents and taken out of PDFs.
* One exception, where a caller asks for it: a PDF with an electronic signature that covers its very last byte. Written
  anew it would be signed no more, so it is kept as it came, and refused if anything in it would have been taken out.
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

from prevention.core import blobs, files
from prevention.core.intake import kinds
from prevention.core.intake.cleaning import anonymous_copy, clean
from prevention.core.intake.scanning import Scanner


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


def keep(upload: Upload, *, max_bytes: int, shelf: str, keeps_signed: bool = False) -> Kept:
    """Take a file in and put a clean copy into the store. Touches no row; call it before writing any.

    Args:
        keeps_signed: keep a PDF with an electronic signature as it came, so that the signature holds.

    Raises:
        FileRefused, FileTooLarge, NotScanned, StoreIsFull, StoreIsAway: the file was not taken; nothing was kept.
    """
    with cleaned(upload, max_bytes=max_bytes, keeps_signed=keeps_signed) as (copy, media_type):
        stored = files.store(copy, max_bytes=2 * max_bytes, shelf=shelf)
    name = kinds.name_for(files.safe_name(upload.file_name), media_type)
    return Kept(stored=stored, media_type=media_type, file_name=files.safe_name(name))


@contextmanager
def cleaned(upload: Upload, *, max_bytes: int, keeps_signed: bool = False) -> Iterator[tuple[BinaryIO, str]]:
    """Give a clean copy of a file, which is gone afterwards, and its media type.

    Raises:
        FileRefused, FileTooLarge, NotScanned, StoreIsFull, StoreIsAway: the file was not taken.
    """
    with telling_the_store(max_bytes=max_bytes), anonymous_copy(upload.stream, max_bytes=max_bytes) as source:
        media_type = files.content_kind(source)
        kinds.check_kind(media_type)
        kinds.check_size(source.seek(0, os.SEEK_END), media_type=media_type, most=max_bytes)
        source.seek(0)
        scanner = Scanner.from_url(current_app.config["CLAMAV_URL"])
        if scanner is not None:
            scanner.check(source)
        with clean(source, media_type, keeps_signed=keeps_signed) as copy:
            yield copy, media_type


@contextmanager
def telling_the_store(*, max_bytes: int) -> Iterator[None]:
    """Turn what a store says into refusals that have words."""
    try:
        yield
    except files.TooManyBytes as error:
        raise kinds.FileTooLarge(limit=max_bytes) from error
    except files.NoSpaceLeft as error:
        raise kinds.StoreIsFull from error
    except blobs.BucketAway as error:
        raise kinds.StoreIsAway from error

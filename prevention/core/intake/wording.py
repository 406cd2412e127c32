"""The words for a file that is not taken, in the reader's language: why, and what would be."""

from collections.abc import Mapping

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.intake import kinds
from prevention.core.intake.kinds import Fault, IntakeRefusal

_TAKEN = _l("Take a PDF, a Word or OpenDocument text, slides, a sheet, or a picture (PNG, JPEG, WebP).")

FAULTS: Mapping[Fault, LazyString] = {
    Fault.EMPTY: _l("This file is empty. Choose it again, or save it once more first."),
    Fault.WEB_PAGE: _l(
        "This is a web page, whatever its name says. Web pages can run programs in the reader's browser: print it "
        "to a PDF and hand that in."
    ),
    Fault.DRAWING: _l("This is an SVG drawing, which can carry programs. Save it as PDF or PNG and hand that in."),
    Fault.PROGRAM: _l("This is a program, not a document. The library takes no programs."),
    Fault.ARCHIVE: _l(
        "This is an archive, or a document that was damaged on its way. Hand in the files inside one by one."
    ),
    Fault.OLD_OFFICE: _l(
        "This is an old Office format, or a document locked with a password. Save it as .docx, .pptx or .xlsx "
        "without a password and hand that in."
    ),
    Fault.MACROS: _l("This document contains macros, which are programs. Save it without macros."),
    Fault.EMBEDDED: _l(
        "This document contains an object of another program. Paste it as a picture, or hand it in by itself."
    ),
    Fault.EXTERNAL: _l(
        "This document loads something from elsewhere when it is opened (a template, a linked picture, another file). "
        "Break the links, put the pictures into it, and save it again."
    ),
    Fault.INFECTED: _l("The virus scanner found something in this file. It was not kept."),
    Fault.LOCKED: _l("This document is locked with a password. Save it without one."),
    Fault.BOMB: _l(
        "Unpacked, this document would be far larger than any lesson, so it was not opened. Make its pictures "
        "smaller and save it again."
    ),
    Fault.DAMAGED: _l("This document is damaged. Open it, save it once more and hand it in again."),
    Fault.MEDIA: _l(
        "Sound, films and this kind of picture are not kept here. Put a film on your platform and give its link; "
        "save a picture as PNG or JPEG."
    ),
    Fault.SIGNED_ACTIVE: _l(
        "This PDF is signed, and contains something that acts by itself (a script, an attached file). Taking that out "
        "would undo the signature: ask for a signed PDF without it."
    ),
    Fault.OTHER: _l("This kind of file is not known here."),
}

_SENTENCES: Mapping[type[IntakeRefusal], LazyString] = {
    kinds.StoreIsFull: _l(
        "There is no room left on the server, and nothing was kept. The office has to make room first."
    ),
    kinds.StoreIsAway: _l(
        "The place where files are kept does not answer, so no file is taken or given out now. Nothing was kept; try "
        "again later."
    ),
    kinds.NotScanned: _l(
        "The virus scanner does not answer, so no file is taken now. Nothing was kept; try again later."
    ),
}


def refusal_words(refusal: IntakeRefusal) -> str:
    """Say in words why a file was not taken."""
    match refusal:
        case kinds.FileRefused(fault=fault):
            return fault_words(fault)
        case kinds.FileTooLarge(limit=limit, media_type=str() as media_type):
            return _(
                "This file is larger than %(size)s, the most for its kind (%(kind)s).",
                size=limit_words(limit),
                kind=file_kind_words(media_type),
            )
        case kinds.FileTooLarge(limit=limit):
            return _("This file is larger than %(size)s.", size=limit_words(limit))
        case _:
            return str(_SENTENCES[type(refusal)])


def fault_words(fault: Fault) -> str:
    """Say why a file is not taken, and what would be."""
    advice = f" {_TAKEN}" if fault in {Fault.OTHER, Fault.PROGRAM, Fault.ARCHIVE} else ""
    return f"{FAULTS[fault]}{advice}"


def size_words(size: int) -> str:
    """Write a size in bytes for people, e.g. "1.4 MB" (millions of bytes)."""
    if size < 1_000_000:
        return f"{format_decimal(max(1, round(size / 1000)))} kB"
    return f"{format_decimal(size / 1_000_000, '#,##0.#')} MB"


def limit_words(size: int) -> str:
    """Write the largest size allowed, in whole megabytes that are surely still allowed."""
    return f"{size // (1024 * 1024)} MB"


def file_kind_words(media_type: str) -> str:
    """Name a kind of file as people call it, e.g. "PDF"."""
    return kinds.EXTENSIONS.get(media_type, "").upper()

"""PDFs, written anew by qpdf without anything that acts by itself."""

import os
import re
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf

from .limits import OBJECTS_MOST, PAGES_MOST, PIXELS_MOST, UNPACKED_BYTES_MOST, Refused

_HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named", "/SetOCGState", "/Thread", "/Hide", "/ResetForm", "/Trans"})
_ACTIVE_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
_ACTION_KEYS = ("/A", "/PA", "/OpenAction", "/Next")
# Scripts and triggers, attached files, forms in XML that run scripts of their own.
_DROPPED_KEYS = (
    "/AA",
    "/JS",
    "/JavaScript",
    "/EmbeddedFiles",
    "/EF",
    "/AF",
    "/XFA",
    "/RichMediaContent",
    "/Collection",
)
_PACKERS = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})


def clean_pdf(source: BinaryIO, target: BinaryIO) -> tuple[bool, bool]:
    """Write a PDF anew without anything that acts by itself.

    Returns:
        Whether an electronic signature covers the file as it came, to its last byte; whether anything was taken out.
    """
    if source.read(5) != b"%PDF-":
        raise Refused("damaged")
    source.seek(0)
    try:
        # Without recovery: a file that must be guessed at is damaged, or two files in one.
        with pikepdf.open(source, attempt_recovery=False) as pdf:
            if len(pdf.objects) > OBJECTS_MOST or len(pdf.pages) > PAGES_MOST:
                raise Refused("bomb")
            size, budget, is_signed, is_changed = source.seek(0, os.SEEK_END), _Budget(), False, False
            for thing in pdf.objects:
                if isinstance(thing, pikepdf.Stream):
                    _check_stream(thing, budget)
                is_signed |= _signs_all(thing, size)
                is_changed |= _defuse(thing)
            pdf.save(target, deterministic_id=True, encryption=False)
            return is_signed, is_changed
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    except pikepdf.PdfError:
        raise Refused("damaged") from None


def _check_stream(stream: Any, budget: "_Budget") -> None:
    filters = stream.get("/Filter")
    names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(name) for name in filters or ()]
    if sum(name in _PACKERS for name in names) > 1:
        # Packed twice: so a few bytes become terabytes. No program that makes lessons does so.
        raise Refused("bomb")
    width, height = stream.get("/Width", 0), stream.get("/Height", 0)
    if isinstance(width, int) and isinstance(height, int) and width * height > 4 * PIXELS_MOST:
        raise Refused("bomb")
    if names in (["/FlateDecode"], ["/Fl"]):
        budget.spend_unpacked(stream.read_raw_bytes())


def _signs_all(thing: Any, size: int) -> bool:
    """Say whether this is a signature over a whole file (ISO 32000-1, section 12.8.1: from its first to its last byte).

    Whether the signature itself is good is for whoever relies on it to check, with a program made for that.
    """
    if not isinstance(thing, pikepdf.Dictionary) or "/ByteRange" not in thing or "/Contents" not in thing:
        return False
    covered: list[Any] = list(thing["/ByteRange"])
    if not all(isinstance(number, int) for number in covered):
        return False
    return len(covered) == 4 and covered[0] == 0 and covered[1] <= covered[2] and covered[2] + covered[3] == size


def _defuse(thing: Any) -> bool:
    """Take out what acts by itself; say whether there was anything."""
    is_changed = False
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        is_changed = _defuse_keys(thing)
        children = [thing[key] for key in thing.keys()]  # noqa: SIM118  # no mapping of Python's
    else:
        children = list(thing) if isinstance(thing, pikepdf.Array) else []
    for child in children:
        # What stands elsewhere in the file comes by itself.
        if isinstance(child, (pikepdf.Array, pikepdf.Dictionary)) and not child.is_indirect:
            is_changed |= _defuse(child)
    return is_changed


def _defuse_keys(thing: Any) -> bool:
    is_changed = False
    if isinstance(thing, pikepdf.Stream) and "/F" in thing:
        # The content of this stream would be another file, somewhere.
        del thing["/F"]
        is_changed = True
    for key in [*_DROPPED_KEYS, *(key for key in _ACTION_KEYS if key in thing and _is_active(thing[key]))]:
        if key in thing:
            del thing[key]
            is_changed = True
    if isinstance(thing.get("/Annots"), pikepdf.Array):
        harmless = [one for one in thing["/Annots"] if not _is_active_annotation(one)]
        if len(harmless) < len(thing["/Annots"]):
            thing["/Annots"] = pikepdf.Array(harmless)
            is_changed = True
    return is_changed


def _is_active(action: Any) -> bool:
    if isinstance(action, pikepdf.Array):
        return any(isinstance(one, pikepdf.Dictionary) and _is_active(one) for one in action)
    if not isinstance(action, pikepdf.Dictionary) or "/S" not in action:
        return False
    kind = str(action["/S"])
    if kind == "/URI":
        return re.match(r"(?i)\s*(https?:|mailto:|tel:|#|[^:]*$)", str(action.get("/URI", ""))) is None
    return kind not in _HARMLESS_ACTIONS


def _is_active_annotation(annotation: Any) -> bool:
    return isinstance(annotation, pikepdf.Dictionary) and str(annotation.get("/Subtype", "")) in _ACTIVE_ANNOTATIONS


@dataclass
class _Budget:
    """How much may still come out of what is packed, in bytes."""

    left: int = UNPACKED_BYTES_MOST

    def spend_unpacked(self, packed: bytes) -> None:
        unpacker = zlib.decompressobj()
        while packed:
            try:
                piece = unpacker.decompress(packed, 1024**2)
            except zlib.error:
                return
            self.left -= len(piece)
            if self.left < 0:
                raise Refused("bomb")
            packed = unpacker.unconsumed_tail
            if not piece and not packed:
                return

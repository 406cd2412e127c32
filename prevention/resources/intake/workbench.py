"""The workbench: takes one file apart and writes it anew. Run as a program, never imported by the site.

    python -I workbench.py MEDIA_TYPE SOURCE_DESCRIPTOR TARGET_DESCRIPTOR

It prints ``{"fault": null}`` or the fault (`rules.Fault`) for which the file is refused. It knows nothing of the site:
it may fall over, run out of memory or be killed without harm. It reads hostile bytes, so it sets its own limits first.
"""

import io
import json
import os
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

import pikepdf
from PIL import Image, ImageOps

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 60
UNPACKED_BYTES_MOST = 1024**3
# No lesson packs better than this once it is larger than a few pages of text; a bomb does.
PACKING_MOST = 150
PACKING_FREE_BYTES = 8 * 1024**2
PARTS_MOST = 10_000
PIXELS_MOST = 60_000_000
OBJECTS_MOST = 500_000
PAGES_MOST = 5_000
# Sheets inside charts inside slides: documents nest that deep, bombs deeper.
NESTING_MOST = 2
XML_DEPTH_MOST = 1_000


class Refused(Exception):
    """The file is not taken; the argument is a value of `rules.Fault`."""


# ---- PDF ------------------------------------------------------------------------------------------------

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


def clean_pdf(source: BinaryIO, target: BinaryIO) -> None:
    """Write a PDF anew without anything that acts by itself."""
    if source.read(5) != b"%PDF-":
        raise Refused("damaged")
    source.seek(0)
    try:
        # Without recovery: a file that must be guessed at is damaged, or two files in one.
        with pikepdf.open(source, attempt_recovery=False) as pdf:
            if len(pdf.objects) > OBJECTS_MOST or len(pdf.pages) > PAGES_MOST:
                raise Refused("bomb")
            budget = _Budget()
            for thing in pdf.objects:
                if isinstance(thing, pikepdf.Stream):
                    _check_stream(thing, budget)
                _defuse(thing)
            pdf.save(target, deterministic_id=True, encryption=False)
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


def _defuse(thing: Any) -> None:
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        _defuse_keys(thing)
        children = [thing[key] for key in thing.keys()]  # noqa: SIM118  # no mapping of Python's
    else:
        children = list(thing) if isinstance(thing, pikepdf.Array) else []
    for child in children:
        # What stands elsewhere in the file comes by itself.
        if isinstance(child, (pikepdf.Array, pikepdf.Dictionary)) and not child.is_indirect:
            _defuse(child)


def _defuse_keys(thing: Any) -> None:
    if isinstance(thing, pikepdf.Stream) and "/F" in thing:
        # The content of this stream would be another file, somewhere.
        del thing["/F"]
    for key in [*_DROPPED_KEYS, *(key for key in _ACTION_KEYS if key in thing and _is_active(thing[key]))]:
        if key in thing:
            del thing[key]
    if isinstance(thing.get("/Annots"), pikepdf.Array):
        thing["/Annots"] = pikepdf.Array([one for one in thing["/Annots"] if not _is_active_annotation(one)])


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


# ---- Pictures -------------------------------------------------------------------------------------------

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_MODES = {"PNG": ("1", "L", "LA", "RGB", "RGBA"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}


def clean_picture(source: BinaryIO, target: BinaryIO, media_type: str) -> None:
    """Write the pixels of a picture anew, upright, and nothing else: no place, no camera, no words."""
    kind = _FORMATS[media_type]
    try:
        picture: Image.Image = Image.open(source, formats=[kind])
        _check_pixels(picture)
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        if picture.mode not in _MODES[kind]:
            see_through = "A" in picture.mode or "transparency" in picture.info
            picture = picture.convert("RGBA" if see_through and "RGBA" in _MODES[kind] else "RGB")
        picture.info = {}
        picture.save(target, kind, **({"quality": 90} if kind != "PNG" else {}))
    except Refused:
        raise
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, zlib.error):
        raise Refused("damaged") from None


def _check_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS_MOST:
        raise Refused("bomb")


# ---- Office documents -----------------------------------------------------------------------------------

_MACRO_PARTS = re.compile(
    r"(^|/)(vbaproject\w*\.bin|vbadata\.xml|activex/.*|macrosheets/.*|dialogsheets/.*|customui\d*/.*)$"
    r"|^(basic|scripts|dialogs)/.|\.(docm|dotm|xlsm|xltm|xlam|pptm|potm|ppsm|ppam|sldm)$"
)
_PROGRAM_PARTS = re.compile(
    r"\.(exe|dll|com|bat|cmd|ps1|vbs|vbe|jse?|mjs|wsf|wsh|hta|jar|class|msi|scr|lnk|sh|py|pl|php|html?|mht(ml)?|xhtml|swf)$"
)
_ARCHIVE_PARTS = re.compile(r"\.(zip|rar|7z|gz|tar|bz2|xz|cab|iso|svgz)$")
_OBJECT_PARTS = re.compile(r"(^|/)(oleobject\d*\.bin|embeddings/.*\.(bin|ole)|objectreplacements/.*\.exe)$")
_NESTED_PARTS = re.compile(r"\.(docx|xlsx|pptx|sldx|odt|ods|odp|odg)$")
_XML_PARTS = re.compile(r"\.(xml|rels|vml|rdf|svg)$")
_PICTURE_PARTS = re.compile(r"\.(png|jpe?g|gif|bmp|tiff?|webp)$")
# What a path inside a package never has: a drive, a root, a way up, another system's separator, control characters.
_BAD_NAME = re.compile(r"(^|/)\.\.(/|$)|^/|\\|^[a-zA-Z]:|[\x00-\x1f]")
_ENCRYPTED = 0x1
_WEB_ADDRESS = re.compile(r"(?i)\s*(https?:|mailto:|tel:|#|[^:]*$)")
_ELSEWHERE = re.compile(r"(?i)\s*([a-z][a-z0-9+.-]*:|//|\\\\|/)")
_FIELDS = re.compile(
    r"(?i)\b(DDE|DDEAUTO)\b|\b(INCLUDEPICTURE|INCLUDETEXT|IMPORT)\b[^\\]{0,40}(https?:|file:|\\\\\\\\)"
)


def clean_office(source: BinaryIO, target: BinaryIO, *, depth: int = 0) -> None:
    """Write an office document anew, part by part; refuse it when one of them acts or loads by itself."""
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as rebuilt:
            parts = archive.infolist()
            _check_table(source, archive, parts)
            for part in parts:
                if part.is_dir():
                    continue
                content = _checked_part(archive, part, depth=depth)
                fresh = zipfile.ZipInfo(part.filename, date_time=(1980, 1, 1, 0, 0, 0))
                # The kind of an OpenDocument file is read from its first part, which must not be packed.
                fresh.compress_type = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
                rebuilt.writestr(fresh, content)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, UnicodeError):
        raise Refused("damaged") from None


def _check_table(source: BinaryIO, archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > PARTS_MOST:
        raise Refused("bomb")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if unpacked > UNPACKED_BYTES_MOST or (unpacked > PACKING_FREE_BYTES and unpacked > PACKING_MOST * max(packed, 1)):
        raise Refused("bomb")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Refused("locked")
    names = [part.filename.casefold() for part in parts]
    if len(set(names)) != len(names) or any(_BAD_NAME.search(part.filename) for part in parts):
        raise Refused("damaged")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Refused("damaged")
    # Parts that share bytes make a small file unpack to a giant one.
    end = 0
    for part in sorted(parts, key=lambda one: one.header_offset):
        if part.header_offset < end:
            raise Refused("bomb")
        end = part.header_offset + 30 + part.compress_size
    source.seek(0)
    if source.read(4) != b"PK\x03\x04":
        raise Refused("damaged")


def _checked_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, depth: int) -> bytes:
    name = part.filename.casefold()
    for pattern, fault in (
        (_MACRO_PARTS, "macros"),
        (_PROGRAM_PARTS, "program"),
        (_ARCHIVE_PARTS, "archive"),
        (_OBJECT_PARTS, "embedded"),
    ):
        if pattern.search(name):
            raise Refused(fault)
    content = archive.read(part)
    if content[:2] == b"MZ" or content[:4] in (b"\x7fELF", b"\xca\xfe\xba\xbe"):
        raise Refused("program")
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Refused("embedded")
    if _NESTED_PARTS.search(name) or (content[:4] == b"PK\x03\x04" and "embeddings/" in name):
        return _clean_nested(content, depth=depth)
    if content[:4] == b"PK\x03\x04":
        raise Refused("archive")
    if _XML_PARTS.search(name) or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:5] == b"<?xml":
        _Watch(name).read(content)
    elif _PICTURE_PARTS.search(name):
        _check_inner_picture(content)
    return content


def _clean_nested(content: bytes, *, depth: int) -> bytes:
    if depth >= NESTING_MOST:
        raise Refused("bomb")
    rebuilt = io.BytesIO()
    clean_office(io.BytesIO(content), rebuilt, depth=depth + 1)
    return rebuilt.getvalue()


def _check_inner_picture(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            _check_pixels(picture)
    except (OSError, ValueError, SyntaxError, struct.error, EOFError):
        # A picture that Pillow cannot read does no harm inside a document that shows it as a picture.
        return


@dataclass
class _Watch:
    """Reads one XML part and refuses what acts or loads by itself. Names come as "namespace local"."""

    name: str
    depth: int = 0
    field_codes: list[str] = field(default_factory=list)
    in_field: bool = False

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise Refused("damaged") from None
        # A field's code may be spread over many runs.
        if _FIELDS.search("".join(self.field_codes)):
            raise Refused("external")

    def _doctype(self, *_declared: Any) -> None:
        # Neither office format has any use for a document type; entities come with one.
        raise Refused("external")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > XML_DEPTH_MOST:
            raise Refused("bomb")
        local = name.rsplit(" ", 1)[-1]
        values = {key.rsplit(" ", 1)[-1]: value for key, value in attributes.items()}
        self.in_field = local == "instrText"
        if local == "fldSimple":
            self.field_codes.append(values.get("instr", ""))
        if local == "ddeLink" or (local in ("Override", "Default") and _is_macro_type(values)):
            raise Refused("macros")
        if local == "Relationship":
            _check_relationship(values)
        if local == "encryption-data":
            raise Refused("locked")
        if local in ("event-listener", "plugin", "applet", "floating-frame"):
            raise Refused("macros")
        if self.name.endswith(".svg") or "2000/svg" in name:
            _check_drawing(local, values)
        if "xlink" in " ".join(attributes) and "href" in values:
            _check_link(local, values["href"])

    def _end(self, _name: str) -> None:
        self.depth -= 1
        self.in_field = False

    def _text(self, text: str) -> None:
        if self.in_field:
            self.field_codes.append(text)


def _is_macro_type(values: dict[str, str]) -> bool:
    kind = values.get("ContentType", "").casefold()
    return any(word in kind for word in ("macroenabled", "vbaproject", "activex", "vbadata"))


def _check_relationship(values: dict[str, str]) -> None:
    kind, place = values.get("Type", "").rsplit("/", 1)[-1].casefold(), values.get("Target", "")
    if kind == "afchunk":
        raise Refused("web_page")
    if kind in ("vbaproject", "control", "keymapcustomizations"):
        raise Refused("macros")
    if values.get("TargetMode", "").casefold() != "external":
        return
    if kind != "hyperlink" or not _WEB_ADDRESS.match(place) or place.strip().startswith(("//", "\\\\")):
        raise Refused("external")


def _check_drawing(local: str, values: dict[str, str]) -> None:
    has_trigger = any(key.casefold().startswith("on") for key in values)
    if local.casefold() in ("script", "foreignobject", "iframe", "handler") or has_trigger:
        raise Refused("drawing")


def _check_link(local: str, place: str) -> None:
    if re.match(r"(?i)\s*(javascript|vbscript|data:text|macro|script|vnd\.sun\.star)", place):
        raise Refused("macros")
    is_followed_by_hand = local == "a"
    if is_followed_by_hand:
        if not _WEB_ADDRESS.match(place):
            raise Refused("external")
    elif local != "template" and (_ELSEWHERE.match(place) or "../.." in place):
        raise Refused("external")


# ---- The program ----------------------------------------------------------------------------------------


def main(media_type: str, source_number: int, target_number: int) -> dict[str, str | None]:
    """Clean one file and say which fault it has, or none."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, UNPACKED_BYTES_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    Image.MAX_IMAGE_PIXELS = None
    with os.fdopen(source_number, "rb") as source, os.fdopen(target_number, "w+b") as target:
        source.seek(0)
        try:
            if media_type == "application/pdf":
                clean_pdf(source, target)
            elif media_type in _FORMATS:
                clean_picture(source, target, media_type)
            else:
                clean_office(source, target)
        except Refused as refusal:
            return {"fault": str(refusal)}
        except (MemoryError, RecursionError):
            return {"fault": "bomb"}
    return {"fault": None}


def arguments() -> Iterator[int]:
    """Give the descriptors that were handed over."""
    return (int(number) for number in sys.argv[2:4])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], *arguments())))

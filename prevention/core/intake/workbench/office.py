"""Office documents, written anew part by part; refused when one of them acts or loads by itself."""

import io
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from PIL import Image

from .limits import NESTING_MOST, PACKING_FREE_BYTES, PACKING_MOST, PARTS_MOST, UNPACKED_BYTES_MOST, Refused
from .pictures import check_pixels
from .watching import Watch

_MACRO_PARTS = re.compile(
    r"(^|/)(vbaproject\w*\.bin|vbadata\.xml|activex/.*|macrosheets/.*|dialogsheets/.*|customui\d*/.*)$"
    r"|^(basic|scripts|dialogs)/.|\.(docm|dotm|xlsm|xltm|xlam|pptm|potm|ppsm|ppam|sldm)$"
)
_PROGRAM_PARTS = re.compile(
    r"\.(exe|dll|com|bat|cmd|ps1|vbs|vbe|jse?|mjs|wsf|wsh|hta|jar|class|msi|scr|lnk|sh|py|pl|php|html?|mht(ml)?|xhtml|swf)$"
)
_ARCHIVE_PARTS = re.compile(r"\.(zip|rar|7z|gz|tar|bz2|xz|cab|iso|svgz)$")
_OBJECT_PARTS = re.compile(r"(^|/)(oleobject\d*\.bin|embeddings/.*\.(bin|ole)|objectreplacements/.*\.exe)$")
# ZIP, gzip, bzip2, xz, Zstandard, 7z, RAR, cabinet: whatever the part is called.
_PACKED = (
    b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"MSCF",
)  # fmt: skip
# Windows' own drawings, packed by gzip, as older programs keep them.
_PACKED_DRAWINGS = re.compile(r"\.(emz|wmz)$")
_DRAWING_BYTES_MOST = 64 * 1024**2
_NESTED_PARTS = re.compile(r"\.(docx|xlsx|pptx|sldx|odt|ods|odp|odg)$")
_XML_PARTS = re.compile(r"\.(xml|rels|vml|rdf|svg)$")
_PICTURE_PARTS = re.compile(r"\.(png|jpe?g|gif|bmp|tiff?|webp)$")
# What a path inside a package never has: a drive, a root, a way up, another system's separator, control characters.
_BAD_NAME = re.compile(r"(^|/)\.\.(/|$)|^/|\\|^[a-zA-Z]:|[\x00-\x1f]")
_ENCRYPTED = 0x1


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
    if _PACKED_DRAWINGS.search(name):
        _check_packed_drawing(content)
    elif content.startswith(_PACKED):
        raise Refused("archive")
    if _XML_PARTS.search(name) or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:5] == b"<?xml":
        Watch(name).read(content)
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
            check_pixels(picture)
    except (OSError, ValueError, SyntaxError, struct.error, EOFError):
        # A picture that Pillow cannot read does no harm inside a document that shows it as a picture.
        return


def _check_packed_drawing(content: bytes) -> None:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    unpacker.decompress(content, _DRAWING_BYTES_MOST)
    if unpacker.unconsumed_tail:
        raise Refused("bomb")

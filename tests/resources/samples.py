"""Small real files for tests: good ones, and odd ones that people (or attackers) hand in."""

import io
import zipfile
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89IEND\xaeB`\x82"
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"MZ\x90\0" + bytes(200)
OLD_WORD = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
TEXT = "Una lezione, scritta a mano. È breve.".encode()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """Pack named contents into a ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


_WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
DOCX = zip_of(_WORD)
ODT = zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"})
DOCX_WITH_MACROS = zip_of({**_WORD, "word/vbaProject.bin": b"\0"})
DOCX_BOMB = zip_of({**_WORD, "word/media/image1.png": bytes(20_000_000)})
DOCX_LOCKED = DOCX.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
ZIP = zip_of({"lesson.exe": PROGRAM})
# A page for the browser that also calls itself a PDF, and a picture with a page behind it.
HTML_THEN_PDF = HTML + PDF
PNG_THEN_HTML = PNG + HTML

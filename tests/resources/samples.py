"""Small real files for tests: good ones, each as the workbench leaves it, and what odd ones are made from."""

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping

import pikepdf
from PIL import Image

from prevention.config import ROOT
from prevention.resources.rules import EXTENSIONS

WORKBENCH = ROOT / "prevention" / "core" / "intake" / "workbench"
KINDS = {extension: kind for kind, extension in EXTENSIONS.items()}


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """Pack named contents into a ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def picture_of(kind: str = "PNG", size: tuple[int, int] = (4, 3), **options: object) -> bytes:
    """Draw a small picture."""
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, kind, **options)
    return drawn.getvalue()


def pdf_of(pdf: pikepdf.Pdf | None = None) -> bytes:
    """Write a PDF, of one empty page unless given."""
    if pdf is None:
        pdf = pikepdf.new()
        pdf.add_blank_page()
    written = io.BytesIO()
    pdf.save(written, deterministic_id=True)
    return written.getvalue()


def cleaned(content: bytes, extension: str) -> bytes:
    """Send a file through the workbench, which must take it."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(content)
        source.flush()
        ended = subprocess.run(
            [sys.executable, "-I", str(WORKBENCH), KINDS[extension], str(source.fileno()), str(target.fileno())],
            pass_fds=(source.fileno(), target.fileno()),
            capture_output=True,
            check=True,
        )
        assert b'{"fault": null, ' in ended.stdout, ended.stdout
        target.seek(0)
        return target.read()


RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = {
    "[Content_Types].xml": TYPES,
    "word/document.xml": b'<?xml version="1.0"?><w:document xmlns:w="http://x"><w:body/></w:document>',
}
OPEN_TEXT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"}

PDF = cleaned(pdf_of(), "pdf")
OTHER_PDF = cleaned(PDF.replace(b"612", b"613"), "pdf")
PNG = cleaned(picture_of(), "png")
DOCX = cleaned(zip_of(WORD), "docx")
ODT = cleaned(zip_of(OPEN_TEXT), "odt")

HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"MZ\x90\0" + bytes(200)
OLD_WORD = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
TEXT = "Una lezione, scritta a mano. È breve.".encode()
ZIP = zip_of({"lesson.exe": PROGRAM})
DOCX_WITH_MACROS = zip_of({**WORD, "word/vbaProject.bin": b"\0"})
DOCX_BOMB = zip_of({**WORD, "word/media/image1.png": bytes(20_000_000)})
DOCX_LOCKED = zip_of(WORD).replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")

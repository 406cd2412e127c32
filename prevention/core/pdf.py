"""Papers: finished HTML in, an accessible and archivable PDF out.

Every paper is PDF/A-3a (ISO 19005-3, level A) and PDF/UA-1 (ISO 14289-1) in one file, with the data it was made
from attached. WeasyPrint writes PDF/A-3a with tags; it cannot claim two standards at once, so the PDF/UA mark and
its XMP extension schema are put in afterwards with pikepdf. Without the extension schema the file would no longer be
PDF/A (clause 6.6.2.3.1). Tests check both claims with veraPDF.

The same HTML gives the same bytes: no clock (the day is handed in), identifiers made from the content, our own
fonts, and no reading of anything but our own static files.

This is not a template engine: it knows nothing of what a paper says.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import weasyprint

STATIC = Path(__file__).resolve().parent.parent / "static"

FONT_FAMILY = "Titillium Web"

# Weight and style of each cut, and its file in the assets that set-up brings.
FONT_CUTS = (
    (400, "normal", "titillium-web-400"),
    (400, "italic", "titillium-web-400-italic"),
    (600, "normal", "titillium-web-600"),
    (600, "italic", "titillium-web-600-italic"),
    (700, "normal", "titillium-web-700"),
)
# Scripts that it does not have, by language: the file for 400 and 700, and the characters taken from it. Style sheets
# of papers that are translated name this family after the first; it is there where the language needs it.
SCRIPT_FAMILY = "Paper Script"
SCRIPT_FONTS = {
    "ar": ("noto-sans-arabic", "U+0600-06FF, U+0750-077F, U+08A0-08FF, U+FB50-FDFF, U+FE70-FEFF"),
    "pa": ("noto-sans-gurmukhi", "U+0964-0965, U+0A00-0A7F, U+200C-200D, U+25CC"),
    "uk": ("noto-sans", "U+0400-04FF, U+2116"),
    "zh": ("noto-sans-sc", "U+2E80-2FFF, U+3000-303F, U+3400-4DBF, U+4E00-9FFF, U+F900-FAFF, U+FF00-FFEF"),
}
FONT_FOLDER = STATIC / "vendor" / "fonts"

# Where HarfBuzz cannot cut a font down, WeasyPrint falls back to fontTools, which writes the present moment into the
# font unless this is set: two builds would then differ.
os.environ["SOURCE_DATE_EPOCH"] = "0"

# PDF/UA mark and the schema that PDF/A wants for it (ISO 14289-1, 5; ISO 19005-3, 6.6.2.3.2).
PDFUA_XMP = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


class ForbiddenFile(LookupError):
    """A paper asked for something that is not one of our static files; holds its address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file put inside a PDF: `name` with its ending, `content`, and one sentence that says what it holds."""

    name: str
    content: bytes
    description: str


def render_pdf(
    html: str,
    *,
    title: str,
    language: str,
    dated: date | None = None,
    attachments: Sequence[Attachment] = (),
    on_page: Callable[[int], None] | None = None,
) -> bytes:
    """Turn a finished HTML page into a PDF that is PDF/A-3a and PDF/UA-1.

    Addresses in the HTML are relative to our static folder (``report.css``, not ``/static/report.css``).

    Args:
        html: a whole page; images need an ``alt``, inline SVG a ``<title>`` as its first child.
        title: shown by readers instead of the file name; required by PDF/UA.
        language: language of the text, as in ``<html lang>``.
        dated: the day that the paper carries; required when there are attachments.
        attachments: data files put inside.
        on_page: told the number of each page as it is laid out; pages are laid out more than once when the table
            of contents moves them.

    Raises:
        ForbiddenFile: the HTML or its CSS asks for something that is not one of our static files.
        ValueError: attachments without a day.
    """
    if attachments and dated is None:
        raise ValueError("a paper with attachments carries a day")
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from prevention.core.pdf_fetching import FatalURLFetchingError, OwnFilesOnly

    fonts = FontConfiguration()
    fetcher = OwnFilesOnly(STATIC)
    styles = [weasyprint.CSS(string=font_faces(language), base_url=_base_url(), font_config=fonts, url_fetcher=fetcher)]
    moment = datetime.combine(dated, time(12), UTC) if dated else None
    try:
        with _pages_told_to(on_page):
            document = weasyprint.HTML(string=html, base_url=_base_url(), url_fetcher=fetcher).render(
                font_config=fonts, stylesheets=styles, pdf_variant="pdf/a-3a"
            )
    except FatalURLFetchingError as error:
        raise ForbiddenFile(str(error)) from error
    document.metadata.title = title
    document.metadata.lang = language
    document.metadata.created = document.metadata.modified = f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
    document.metadata.attachments += [_embedded(attachment, moment) for attachment in attachments]
    with warnings.catch_warnings():
        # WeasyPrint leaves the file of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        plain = document.write_pdf(pdf_variant="pdf/a-3a", pdf_identifier=_identifier(html, attachments))
    return _with_pdfua_mark(plain)


def font_faces(language: str = "") -> str:
    """Give the CSS that loads our own fonts, with that of the script of a language.

    A font whose file is not there, because the assets were not built, is left out: the machine's is used.
    """
    cuts = [(FONT_FAMILY, weight, style, name, "") for weight, style, name in FONT_CUTS]
    if language in SCRIPT_FONTS:
        name, characters = SCRIPT_FONTS[language]
        cuts += [
            (SCRIPT_FAMILY, weight, "normal", f"{name}-{weight}", f" unicode-range: {characters};")
            for weight in (400, 700)
        ]
    faces = []
    for family, weight, style, name, characters in cuts:
        path = FONT_FOLDER / f"{name}.woff2"
        if path.is_file():
            faces.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style};{characters}'
                f' src: url("{path.relative_to(STATIC).as_posix()}") }}'
            )
    return "\n".join(faces)


def _base_url() -> str:
    return f"{STATIC.as_uri()}/"


@contextmanager
def _pages_told_to(on_page: Callable[[int], None] | None) -> Iterator[None]:
    """Pass the page numbers of WeasyPrint's progress log on; it offers no other way to follow a rendering."""
    if on_page is None:
        yield
        return
    logger = logging.getLogger("weasyprint.progress")
    listener = _PageListener(on_page)
    before = (logger.level, logger.propagate)
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.level, logger.propagate = before


class _PageListener(logging.Handler):
    def __init__(self, on_page: Callable[[int], None]) -> None:
        super().__init__()
        self._on_page = on_page

    def emit(self, record: logging.LogRecord) -> None:
        if record.args and "Creating layout - Page" in record.msg:
            self._on_page(int(str(record.args[0])))  # type: ignore[index]  # a tuple of one number


def _embedded(attachment: Attachment, moment: datetime | None) -> "weasyprint.Attachment":
    import weasyprint

    return weasyprint.Attachment(
        string=attachment.content,
        name=attachment.name,
        description=attachment.description,
        created=moment,
        modified=moment,
        relationship="Data",
    )


def _identifier(html: str, attachments: Sequence[Attachment]) -> bytes:
    """Make the file identifier from what goes in, so that the same paper has the same one."""
    digest = sha256(html.encode())
    for attachment in attachments:
        digest.update(sha256(attachment.content).digest())
    return digest.digest()[:16]


def _with_pdfua_mark(plain: bytes) -> bytes:
    """Say in the metadata that the file is PDF/UA-1 too."""
    import pikepdf

    out = BytesIO()
    with pikepdf.open(BytesIO(plain)) as pdf:
        metadata = bytes(pdf.Root.Metadata.read_bytes())
        if metadata.count(b"</rdf:RDF>") != 1:
            raise RuntimeError("the metadata is not one RDF block: the PDF/UA mark has no place")
        marked = metadata.replace(b"</rdf:RDF>", PDFUA_XMP + b"</rdf:RDF>")
        pdf.Root.Metadata = pdf.make_stream(marked, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()

"""Papers: what they claim, what they refuse to read, and that they do not change by themselves."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from prevention.core.pdf import FONT_FOLDER, Attachment, ForbiddenFile, render_pdf
from tests.support.verapdf import Unreadable, VeraResult, check

DAY = date(2027, 6, 30)
PAGE = (
    '<!DOCTYPE html><html lang="it"><head><title>Una prova</title>'
    "<style>body {{ font-family: 'Titillium Web' }}</style></head><body>{}</body></html>"
)
TEXT = PAGE.format("<h1>Città</h1><p>Perché <b>no</b>.</p>")
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}<rect width="9" height="9" fill="#06c"/></svg>'
)

Verapdf = Callable[[bytes], list[VeraResult]]


def make_pdf(html: str = TEXT, **changes: object) -> bytes:
    """Render with a title, a language and a day."""
    return render_pdf(html, **{"title": "Una prova", "language": "it", "dated": DAY, **changes})  # type: ignore[arg-type]


def rows() -> Attachment:
    """A small table as an attachment; each can be used as often as one likes."""
    return Attachment(name="dati.csv", content=b"a,b\n1,2\n", description="I dati")


def test_a_paper_with_data_inside_is_both_pdf_ua_and_pdf_a(verapdf: Verapdf) -> None:
    html = PAGE.format(
        f"<h1>Titolo</h1><h2>Parte</h2>{PICTURE.format('<title>Un quadrato blu</title>')}"
        "<table><tr><th scope=col>A<th scope=col>B<tr><th scope=row>1<td>2</table>"
        '<p><a href="https://www.example.org/">Un rimando</a></p>'
    )

    results = verapdf(make_pdf(html, attachments=[rows()]))

    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


@pytest.mark.parametrize(
    ("html", "changes", "clause"),
    [
        (PAGE.format(f"<h1>Titolo</h1>{PICTURE.format('')}"), {}, "7.3"),
        (PAGE.format("<h1>Titolo</h1><h4>Salto</h4>"), {}, "7.4.2"),
        (TEXT, {"language": ""}, "7.2"),
        (TEXT, {"title": ""}, "7.1"),
    ],
    ids=["picture without words", "heading skipped", "no language", "no title"],
)
def test_the_check_finds_what_is_wrong(verapdf: Verapdf, html: str, changes: dict[str, object], clause: str) -> None:
    """A check that passes everything would prove nothing: PDF/UA-1 clauses are named by what was left out."""
    result = verapdf(make_pdf(html, **changes))[0]

    assert not result.passed
    assert clause in {failure.clause for failure in result.failures}, str(result)


def test_what_is_no_pdf_is_an_error_and_the_next_file_is_checked_all_the_same(verapdf: Verapdf) -> None:
    with pytest.raises(Unreadable):
        verapdf(b"no PDF")

    assert ["ua1", "3a"] == [result.profile for result in verapdf(make_pdf())]


@pytest.mark.usefixtures("verapdf")
def test_without_the_extension_schema_the_paper_is_no_longer_pdf_a() -> None:
    with pikepdf.open(BytesIO(make_pdf())) as pdf:
        packet = bytes(pdf.Root.Metadata.read_bytes())
        cut = packet[: packet.index(b"pdfaExtension:schemas")].rindex(b"<rdf:Description")
        end = packet.index(b"</rdf:Description>", cut) + len(b"</rdf:Description>")
        pdf.Root.Metadata = pdf.make_stream(
            packet[:cut] + packet[end:], Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        broken = BytesIO()
        pdf.save(broken)

    result = check(broken.getvalue(), "3a")

    assert "6.6.2.3.1" in {failure.clause for failure in result.failures}, str(result)


def test_the_same_page_gives_the_same_bytes() -> None:
    assert make_pdf(attachments=[rows()]) == make_pdf(attachments=[rows()])


def test_another_day_or_other_data_give_another_identifier() -> None:
    first, second = make_pdf(attachments=[rows()]), make_pdf()

    assert _identifier(first) != _identifier(second)


def _identifier(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return bytes(opened.trailer.ID[1])


def test_the_data_inside_come_out_as_they_went_in() -> None:
    reader = PdfReader(BytesIO(make_pdf(attachments=[rows()])))

    assert {"dati.csv": [b"a,b\n1,2\n"]} == dict(reader.attachments)


def test_title_language_and_day_are_in_the_file() -> None:
    reader = PdfReader(BytesIO(make_pdf()))

    assert reader.metadata is not None
    assert "Una prova" == reader.metadata.title
    assert DAY == reader.metadata.creation_date.date()
    assert "it" == reader.trailer["/Root"]["/Lang"]


def test_attachments_need_a_day() -> None:
    with pytest.raises(ValueError, match="day"):
        make_pdf(dated=None, attachments=[rows()])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/picture.png",
        "https://example.org/picture.png",
        "ftp://example.org/picture.png",
        "file:///etc/passwd",
        "file://example.org/etc/passwd",
        "../config.py",
        "%2e%2e/config.py",
        "not-there.png",
    ],
)
def test_nothing_but_our_own_static_files_is_read(address: str) -> None:
    """Also where the address hides in a style sheet; the paper is refused, not printed without its picture."""
    with pytest.raises(ForbiddenFile):
        make_pdf(PAGE.format(f'<p style="background: url({address})">Testo</p>'))
    with pytest.raises(ForbiddenFile):
        make_pdf(PAGE.format(f'<img alt="Foto" src="{address}">'))


def test_only_our_own_fonts_are_used_and_they_are_embedded() -> None:
    if not FONT_FOLDER.is_dir():
        pytest.skip("the assets are not built")

    with pikepdf.open(BytesIO(make_pdf())) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        names = {str(font.BaseFont).partition("+")[2] for font in fonts}
        files = ["/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts]

    assert {"Titillium-Web", "Titillium-Web-Bold"} == names
    assert all(files)


def test_each_page_is_told_as_it_is_laid_out() -> None:
    told: list[int] = []

    make_pdf(PAGE.format("<h1>Uno</h1><h1 style='break-before: page'>Due</h1>"), on_page=told.append)

    assert [1, 2] == sorted(set(told))

"""Odd files are refused or made harmless, and it is said why."""

import io

import pytest

from prevention.resources.intake import Inspected, Upload, inspect
from prevention.resources.rules import Fault, FileRefused
from tests.resources import samples

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def look_at(content: bytes, name: str = "lesson.pdf") -> Inspected:
    """Hand a file in under a name that says PDF."""
    return inspect(Upload(stream=io.BytesIO(content), file_name=name))


@pytest.mark.parametrize(
    ("content", "name", "media_type", "safe"),
    [
        (samples.PDF, "Lezione 1.pdf", "application/pdf", "Lezione 1.pdf"),
        (samples.DOCX, "Lezione 1.docx", WORD, "Lezione 1.docx"),
        (samples.ODT, "lezione.odt", "application/vnd.oasis.opendocument.text", "lezione.odt"),
        (samples.PDF, "../../etc/cron.d/lesson.pdf", "application/pdf", "lesson.pdf"),
        (samples.PDF, "lesson\u202efdp.exe", "application/pdf", "lessonfdp.pdf"),
        (samples.PDF, "🎓 lezione.pdf", "application/pdf", "🎓 lezione.pdf"),
        (samples.PDF, "", "application/pdf", "file.pdf"),
        (samples.PNG_THEN_HTML, "x.html", "image/png", "x.png"),
    ],
)
def test_a_good_file_gets_a_safe_name(content: bytes, name: str, media_type: str, safe: str) -> None:
    assert Inspected(media_type=media_type, file_name=safe) == look_at(content, name)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (samples.HTML, Fault.WEB_PAGE),
        (samples.HTML_THEN_PDF, Fault.WEB_PAGE),
        (samples.SVG, Fault.DRAWING),
        (samples.PROGRAM, Fault.PROGRAM),
        (samples.OLD_WORD, Fault.OLD_OFFICE),
        (samples.ZIP, Fault.ARCHIVE),
        (samples.DOCX_WITH_MACROS, Fault.MACROS),
        (samples.DOCX_BOMB, Fault.BOMB),
        (samples.DOCX_LOCKED, Fault.LOCKED),
        (samples.TEXT, Fault.OTHER),
        (samples.DOCX[:80], Fault.ARCHIVE),
    ],
)
def test_a_bad_file_is_refused_whatever_its_name(content: bytes, fault: Fault) -> None:
    with pytest.raises(FileRefused) as refusal:
        look_at(content)

    assert fault == refusal.value.fault


def test_the_stream_is_left_at_its_start() -> None:
    stream = io.BytesIO(samples.DOCX)

    inspect(Upload(stream=stream, file_name="x.docx"))

    assert 0 == stream.tell()

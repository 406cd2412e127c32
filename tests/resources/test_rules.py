"""What the library takes, and under which name."""

import pytest

from prevention.resources import rules
from prevention.resources.rules import Fault

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize("media_type", sorted(rules.EXTENSIONS))
def test_documents_and_pictures_are_taken(media_type: str) -> None:
    rules.check_kind(media_type)


@pytest.mark.parametrize(
    ("media_type", "fault"),
    [
        ("application/x-empty", Fault.EMPTY),
        ("text/html", Fault.WEB_PAGE),
        ("application/xml", Fault.WEB_PAGE),
        ("image/svg+xml", Fault.DRAWING),
        ("application/msword", Fault.OLD_OFFICE),
        ("application/vnd.ms-powerpoint", Fault.OLD_OFFICE),
        ("application/vnd.microsoft.portable-executable", Fault.PROGRAM),
        ("application/x-executable", Fault.PROGRAM),
        ("application/zip", Fault.ARCHIVE),
        ("application/x-7z-compressed", Fault.ARCHIVE),
        ("video/mp4", Fault.MEDIA),
        ("image/gif", Fault.MEDIA),
        ("application/octet-stream", Fault.OTHER),
        ("", Fault.OTHER),
    ],
)
def test_anything_else_is_refused_with_the_reason_that_helps_most(media_type: str, fault: Fault) -> None:
    with pytest.raises(rules.FileRefused) as refusal:
        rules.check_kind(media_type)

    assert fault == refusal.value.fault


def test_what_is_no_draft_is_changed_by_the_office_only() -> None:
    rules.check_can_change(status=rules.Status.PUBLISHED, is_office=True)
    rules.check_can_change(status=rules.Status.DRAFT, is_office=False)

    with pytest.raises(rules.PublishedIsFixed):
        rules.check_can_change(status=rules.Status.WAITING, is_office=False)


@pytest.mark.parametrize(
    ("file_name", "media_type", "name"),
    [
        ("Lezione 1.docx", WORD, "Lezione 1.docx"),
        ("Lezione 1.DOCX", WORD, "Lezione 1.DOCX"),
        ("foto.jpeg", "image/jpeg", "foto.jpeg"),
        ("lesson.exe", "application/pdf", "lesson.pdf"),
        ("lesson.pdf.html", "application/pdf", "lesson.pdf.pdf"),
        ("lesson", "application/pdf", "lesson.pdf"),
        ("v1.2 final version", "application/pdf", "v1.2 final version.pdf"),
        (".docx", WORD, ".docx"),
    ],
)
def test_a_file_is_handed_out_with_the_extension_of_what_it_is(file_name: str, media_type: str, name: str) -> None:
    assert name == rules.name_for(file_name, media_type)

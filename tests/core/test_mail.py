"""Mail servers are written as one address; mails carry what they should."""

import pytest

from prevention.core.mail import Attachment, MailServer, compose


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, None, None, "none")),
        ("smtp://mail.example.org?encryption=starttls", ("mail.example.org", 587, None, None, "starttls")),
        ("smtps://anna:p%40ss@mail.example.org", ("mail.example.org", 465, "anna", "p@ss", "tls")),
        ("smtp://mail.example.org:2525", ("mail.example.org", 2525, None, None, "none")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: tuple[object, ...]) -> None:
    server = MailServer.from_url(url)

    assert expected == (server.host, server.port, server.user, server.password, server.encryption)


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h?encryption=x"])
def test_an_address_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail server|encryption"):
        MailServer.from_url(url)


def test_a_calendar_attachment_keeps_its_method() -> None:
    attachment = Attachment(file_name="a.ics", media_type="text/calendar; method=CANCEL", content=b"BEGIN:VCALENDAR")

    mail = compose(sender="a@example.org", to="b@example.org", subject="S", body="B", attachments=[attachment])

    part = next(mail.iter_attachments())
    assert ("text/calendar", "CANCEL", "a.ics") == (
        part.get_content_type(),
        part.get_param("method"),
        part.get_filename(),
    )


def test_a_mail_that_is_sent_again_is_the_same_mail() -> None:
    mails = [
        compose(sender="a@example.org", to="b@example.org", subject="S", body="B", message_id="<1@prevention>")
        for _ in range(2)
    ]

    assert {"<1@prevention>"} == {mail["Message-ID"] for mail in mails}

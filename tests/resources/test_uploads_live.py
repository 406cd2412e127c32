"""Files in pieces against the server as in production: killed in the middle, cut off, several at once."""

import http.client
import os
import re
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select

from prevention import create_app
from prevention.config import Settings
from prevention.core import clock, parts
from prevention.core.db import db, unit_of_work
from prevention.resources import tasks
from prevention.resources.models import Resource, ResourceUpload
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.resources import samples
from tests.resources.test_writing import DETAILS, count
from tests.support.databases import Databases
from tests.support.http import Client, use_strict_client
from tests.surveys.real_server import Server

PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
AT_ONCE = 6
# Against hanging only.
PATIENCE_S = 300


class Browser:
    """Somebody who is signed in, over real connections."""

    def __init__(self, server: Server, cookie: str, user_id: uuid.UUID) -> None:
        self.server, self.cookie, self.user_id, self.token = server, cookie, user_id, ""
        page = self.ask("GET", "/resources/new")[2].decode()
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None
        self.token = found[1]

    def ask(
        self, method: str, address: str, body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Make one request; give status, headers and body."""
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
        try:
            line.request(method, address, body, self.headers(**headers))
            answer = line.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("session="):
                    self.cookie = value.split(";")[0]
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def headers(self, **more: str) -> dict[str, str]:
        """Give what goes with every request; names of headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Cookie": self.cookie, "X-CSRFToken": self.token, **named}

    def announce(self, size: int) -> str:
        """Announce a file; give its address."""
        status, headers, _body = self.ask(
            "POST", "/resources/uploads/", Tus_Resumable="1.0.0", Upload_Length=str(size),
            Upload_Metadata="filename bGV6aW9uZS5wZGY=",
        )  # fmt: skip
        assert 201 == status
        return str(headers["Location"])

    def send(self, address: str, content: bytes, *, start: int) -> tuple[int, str]:
        """Send a piece; give the status and where the file stands."""
        status, headers, _body = self.ask("PATCH", address, content, Upload_Offset=str(start), **_underscored(PIECE))
        return status, str(headers["Upload-Offset"])

    def offset(self, address: str) -> int:
        """Ask how much is there."""
        return int(self.ask("HEAD", address, Tus_Resumable="1.0.0")[1]["Upload-Offset"])

    def break_off(self, address: str, content: bytes, *, start: int, promised: int) -> socket.socket:
        """Begin a piece of `promised` bytes and send only some; gives the line, which is still open."""
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_S)
        headers = self.headers(**_underscored(PIECE), Upload_Offset=str(start), Content_Length=str(promised))
        lines = [
            f"PATCH {address} HTTP/1.1",
            "Host: 127.0.0.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        line.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return line

    def hand_in(self, upload_id: str) -> int:
        """Send the form."""
        form = urlencode({**DETAILS, "upload_id": upload_id, "csrf_token": self.token}).encode()
        return self.ask("POST", "/resources/new", form, Content_Type="application/x-www-form-urlencoded")[0]


def _underscored(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}


class Installation:
    """A running server, its settings, and the application beside it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        environment = {"INSTANCE": str(folder), "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "DATABASE_URL": url}
        self.app: Flask = create_app(Settings.from_environment(environment))
        use_strict_client(self.app)
        self.server = Server(environment)

    def signed_in(self) -> Browser:
        """Sign somebody of the office in."""
        with self.app.app_context():
            with unit_of_work():
                user = make_user("Anna", Role.OFFICE)
            client, user_id = self.app.test_client(), user.id
            assert isinstance(client, Client)
            client.sign_in(user)
            cookie = client.get_cookie("session")
            db.session.remove()
        assert cookie is not None
        return Browser(self.server, f"session={cookie.value}", user_id)

    def resources_of(self, browser: Browser) -> list[uuid.UUID]:
        """List the materials that somebody added."""
        with self.app.app_context():
            found = db.session.scalars(select(Resource.id).where(Resource.created_by == browser.user_id)).all()
            db.session.remove()
        return list(found)

    def on_their_way(self) -> int:
        """Count the files on their way."""
        with self.app.app_context():
            found = count(ResourceUpload)
            db.session.remove()
        return found

    def parts(self) -> list[Path]:
        """List what lies on the shelf of parts, hidden files too."""
        return [path for path in (self.folder / parts.SHELF).rglob("*") if path.is_file()]

    def parts_left(self) -> list[Path]:
        """List what lies there for good: parts go a moment after the answer, what a killed process left stays."""
        until = time.monotonic() + PATIENCE_S
        while any(not path.name.startswith(".") for path in self.parts()) and time.monotonic() < until:
            time.sleep(0.05)
        return self.parts()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all tests of this file: each signs somebody else in."""
    databases: Databases = request.getfixturevalue(f"_{request.param}")
    with databases.fresh() as url:
        installation = Installation(tmp_path_factory.mktemp("uploads") / "instance", url)
        installation.server.start()
        try:
            yield installation
        finally:
            installation.server.kill()
            with installation.app.app_context():
                db.engine.dispose()


def a_pdf(size: int) -> bytes:
    """Write a PDF of about so many bytes, which do not pack, as the workbench leaves it."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.pages[0].obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(I=pdf.make_stream(os.urandom(size), Subtype=pikepdf.Name("/Form")))
    )
    return samples.cleaned(samples.pdf_of(pdf), "pdf")


def test_a_server_killed_in_the_middle_of_a_piece_loses_that_piece_only(site: Installation) -> None:
    content, browser = a_pdf(3_000_000), site.signed_in()
    address = browser.announce(len(content))
    assert (204, "1000000") == browser.send(address, content[:1_000_000], start=0)

    line = browser.break_off(address, content[1_000_000:1_900_000], start=1_000_000, promised=1_500_000)
    # What is on its way lies in a file without a row by now.
    until = time.monotonic() + PATIENCE_S
    while len(site.parts()) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    site.server.kill()
    line.close()
    site.server.start()

    assert 1_000_000 == browser.offset(address)
    assert 404 == browser.ask("GET", f"{address}/nothing")[0]
    assert (204, str(len(content))) == browser.send(address, content[1_000_000:], start=1_000_000)
    assert 303 == browser.hand_in(address.rsplit("/", 1)[-1])
    assert (1, 0) == (len(site.resources_of(browser)), site.on_their_way())
    assert content == _download(site, browser)
    # What the killed process left is all that lies there still, and the sweep takes it.
    assert all(path.name.startswith(".incoming-") for path in site.parts_left())
    with site.app.app_context(), clock.frozen(clock.now() + timedelta(hours=2)):
        tasks.forget_old_uploads()
    assert [] == site.parts_left()


def test_a_cut_line_leaves_the_file_where_it_can_go_on(site: Installation) -> None:
    content, browser = a_pdf(1_000_000), site.signed_in()
    address = browser.announce(len(content))
    browser.send(address, content[:300_000], start=0)

    browser.break_off(address, content[300_000:700_000], start=300_000, promised=len(content) - 300_000).close()

    there = browser.offset(address)
    assert 300_000 <= there <= 700_000
    until = time.monotonic() + PATIENCE_S
    while browser.send(address, content[there:], start=there)[0] == 409 and time.monotonic() < until:
        # The server may still have been keeping what came before the cut.
        there = browser.offset(address)
    assert len(content) == browser.offset(address)
    assert 303 == browser.hand_in(address.rsplit("/", 1)[-1])
    assert content == _download(site, browser)


def test_of_many_windows_one_sends_each_piece_and_one_hands_the_file_in(site: Installation) -> None:
    content, browser = a_pdf(400_000), site.signed_in()
    address = browser.announce(len(content))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = list(pool.map(lambda _n: browser.send(address, content[:200_000], start=0), range(AT_ONCE)))
        ended = list(pool.map(lambda _n: browser.send(address, content[200_000:], start=200_000), range(AT_ONCE)))
        forms = list(pool.map(lambda _n: browser.hand_in(address.rsplit("/", 1)[-1]), range(AT_ONCE)))

    assert [(204, "200000"), *[(409, "200000")] * (AT_ONCE - 1)] == sorted(begun)
    assert [(204, str(len(content))), *[(409, str(len(content)))] * (AT_ONCE - 1)] == sorted(ended)
    assert [303, *[422] * (AT_ONCE - 1)] == sorted(forms)
    assert (1, 0) == (len(site.resources_of(browser)), site.on_their_way())
    assert content == _download(site, browser)
    assert [] == site.parts_left()


def test_a_file_larger_than_a_request_may_be_comes_in_pieces(site: Installation) -> None:
    content, browser = a_pdf(30_000_000), site.signed_in()
    address, piece = browser.announce(len(content)), 4_000_000

    with browser.break_off(address, b"", start=0, promised=len(content)) as line:
        assert b" 413 " in line.recv(64)
    for start in range(0, len(content), piece):
        assert 204 == browser.send(address, content[start : start + piece], start=start)[0]

    assert 303 == browser.hand_in(address.rsplit("/", 1)[-1])
    assert content == _download(site, browser)
    assert [] == site.parts_left()


def _download(site: Installation, browser: Browser) -> bytes:
    [resource_id] = site.resources_of(browser)
    return browser.ask("GET", f"/resources/{resource_id}/files/1")[2]

"""A real browser against the real application, on this machine alone, with the clock held still."""

import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, ViewportSize, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from prevention.config import ROOT
from prevention.core import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

AXE = ROOT / ".build" / "axe" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}

# Against hanging only: on a busy machine a page may take long.
PATIENCE_MS = 120_000

# What is to be closed when the handler of this thread has done with a request.
_answers: ContextVar[ExitStack] = ContextVar("answers")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; skips the test, with the reason, where there is none."""
    expect.set_options(timeout=PATIENCE_MS)
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class HeldClock:
    """The time that a server of a test lives in; set `now` to move it."""

    def __init__(self, now: datetime) -> None:
        self.now = now


class Site:
    """A served application: its address, its held clock, and what the pages asked for from elsewhere."""

    def __init__(self, app: Flask, address: str, held: HeldClock) -> None:
        self.app, self.address, self.clock = app, address, held

    def url(self, path: str) -> str:
        """Give the whole address of a path."""
        return self.address + path


class Answer:
    """What the application answers, closed once: by the server, or by its handler when the line broke."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer, self._is_closed = answer, False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """Give back what the answer holds and do what was left for after it; a second time does nothing."""
        if not self._is_closed:
            self._is_closed = True
            getattr(self._answer, "close", lambda: None)()


class Quiet(WSGIRequestHandler):
    """A handler that writes no access log, which would hold addresses, and leaves no answer open.

    The library's own does not close an answer when the browser has gone while it reads the rest of the request.
    """

    def run_wsgi(self) -> None:
        """Answer one request."""
        with ExitStack() as answers:
            _answers.set(answers)
            super().run_wsgi()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


@contextmanager
def served(app: Flask, now: datetime) -> Iterator[Site]:
    """Serve the application on the loopback address, in threads, with the clock held at `now`."""
    held = HeldClock(now)

    def with_held_clock(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with clock.frozen(held.now):
            answer = Answer(app.wsgi_app(environ, start_response))
        _answers.get().callback(answer.close)
        return answer

    server = make_server("127.0.0.1", 0, with_held_clock, threaded=True, request_handler=Quiet)
    # It looks every so many seconds whether it is to end; the half second of the library is half a second a test.
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield Site(app, f"http://127.0.0.1:{server.port}", held)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Visitor:
    """One person at one browser window, with a profile of their own."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.page: Page = context.new_page()
        self.strange_requests: list[str] = []
        self.page_errors: list[str] = []
        self.page.on("request", self._watch)
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:", "about:")):
            self.strange_requests.append(request.url)

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.page_errors.append(message.text)

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.site.url(path))
        return self.page

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form."""
        self.go("/sign-in")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda address: not address.endswith("/sign-in"))

    def follow(self, way: str | Locator) -> None:
        """Click what leads to another page, and wait until that page is there whole."""
        with self.page.expect_navigation():
            (self.page.locator(way) if isinstance(way, str) else way).click()

    def axe(self) -> list[str]:
        """Run axe on the page and give its findings as sentences."""
        if not AXE.exists():
            pytest.skip("axe is not built: run tools/setup.sh")
        # Texts can be there before the stylesheet is.
        self.page.wait_for_load_state()
        # Evaluated by the debugger, so that the page's own policy on scripts stands as it is.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text() + "; undefined")
        # What was found and nothing else: to write down what passed takes a third of the time.
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations'], reporter: 'no-passes'})")
        return [
            f"{self.page.url}: {finding['id']} ({finding['impact']}): {node['html'][:160]}"
            for finding in found["violations"]
            for node in finding["nodes"]
        ]

    def overflow(self) -> int:
        """Give by how many pixels the page, once it is there whole, is wider than the window."""
        self.page.wait_for_load_state()
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def look_at(self, path: str) -> list[str]:
        """Open a page once, look at it in a wide window and in a telephone's, and tell what axe finds and what is cut.

        What is pointed at with a finger is not seen to: see `visitor` for a telephone.
        """
        self.page.set_viewport_size(DESKTOP)
        answer = self.page.goto(self.site.url(path))
        assert answer is not None
        assert answer.status < 500, path
        findings = self.axe()
        wide = self.overflow()
        self.page.set_viewport_size(PHONE)
        narrow = self.overflow()
        findings += self.axe()
        return findings + [f"{path} is {pixels} pixels too wide" for pixels in (wide, narrow) if pixels > 0]

    def keep_picture(self, path: Path, *, whole: bool = False) -> None:
        """Take a picture of the page."""
        self.page.screenshot(path=str(path), full_page=whole)


@contextmanager
def visitor(
    browser: Browser, site: Site, *, phone: bool = False, language: str = "it-IT", scripts: bool = True
) -> Iterator[Visitor]:
    """Open a browser window with an empty profile; without `scripts` the page's own do not run."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        locale=language,
        timezone_id="Europe/Rome",
        has_touch=phone,
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield Visitor(context, site)
    finally:
        context.close()

"""Check the templates without rendering them.

- each one compiles with the application's own filters and functions;
- each address it asks for by a fixed name (``url_for("booking.slots")``) is one that the application has;
- no words stand in it outside the catalogues: what a reader sees goes through ``_()``, or stands in
  `SAME_IN_EVERY_LANGUAGE`. Without this, "the English catalogue is complete" would say nothing about
  words that never reached a catalogue.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from jinja2 import Environment, TemplateError, nodes

from prevention import create_app
from prevention.config import Settings

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "prevention" / "templates"

SAME_IN_EVERY_LANGUAGE = frozenset(
    {
        "AgID",
        "API",
        "Atom",
        "CC BY 4.0",
        "CSV",
        "DCAT-AP_IT",
        "EUPL-1.2",
        "iCalendar",
        "JSON",
        "JSON-LD",
        "PDF",
        "QR",
        "XLSX",
        "ZIP",
    }
)
READ_OUT_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title"})
WORD = re.compile(r"[^\W\d_]{2,}")


def main() -> int:
    """Print what is wrong and say by the exit code whether anything is."""
    with tempfile.TemporaryDirectory() as instance:
        app = create_app(Settings.from_environment({"INSTANCE": instance, "LOG_LEVEL": "WARNING"}))
        findings = [
            f"{name}: {finding}"
            for name in sorted(app.jinja_env.list_templates(extensions=["html", "txt", "xml"]))
            if (TEMPLATES / name).is_file()
            for finding in _findings(app, name)
        ]
    for finding in findings:
        print(finding)
    if not findings:
        print("The templates compile, lead somewhere, and leave no words outside the catalogues.")
    return 1 if findings else 0


def _findings(app: Flask, name: str) -> Iterator[str]:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    environment: Environment = app.jinja_env
    try:
        environment.compile(source, name)
        tree = environment.parse(source, name)
    except TemplateError as error:
        yield f"does not compile: {error}"
        return
    for line, endpoint in _endpoints(tree):
        if endpoint not in app.view_functions:
            yield f"line {line}: there is no endpoint {endpoint}"
    if name.endswith(".html"):
        for words in loose_words(environment, source):
            yield f'words outside the catalogues: "{words}"'


def _endpoints(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for call in tree.find_all(nodes.Call):
        is_address = isinstance(call.node, nodes.Name) and call.node.name == "url_for"
        if is_address and call.args and isinstance(call.args[0], nodes.Const):
            endpoint = str(call.args[0].value)
            if not endpoint.startswith("."):
                yield call.lineno, endpoint


def loose_words(environment: Environment, source: str) -> list[str]:
    """List the words of a template that a reader meets and that come from no catalogue."""
    reader = _Words()
    reader.feed(_without_expressions(environment, source))
    reader.close()
    return [words for words in reader.found if words not in SAME_IN_EVERY_LANGUAGE]


def _without_expressions(environment: Environment, source: str) -> str:
    """Keep the plain text of a template: no expressions, no comments, nothing inside a trans block."""
    kept: list[str] = []
    inside_trans = False
    for _line, kind, value in environment.lex(source):
        if kind == "name" and value in {"trans", "endtrans"}:
            inside_trans = value == "trans"
        elif kind == "data" and not inside_trans:
            kept.append(value)
    return "".join(kept)


class _Words(HTMLParser):
    """Collects what a reader sees or hears: text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element; scripts and styles are not for readers."""
        if tag in {"script", "style"}:
            self._silent = tag
        for name, value in attrs:
            if name in READ_OUT_ATTRIBUTES and value:
                self._take(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        """Take the text between tags."""
        if not self._silent:
            self._take(data)

    def _take(self, text: str) -> None:
        words = " ".join(text.split())
        if WORD.search(words):
            self.found.append(words)


if __name__ == "__main__":
    sys.exit(main())

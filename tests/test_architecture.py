"""The house keeps its shape: what machines can check of it beside the import contracts."""

import ast
import re
from pathlib import Path

import pytest

from prevention.config import ROOT

PACKAGE = ROOT / "prevention"
DOMAIN_WORDS = re.compile(
    r"\b(school|class(?:room|es of)|pupil|student|teacher|programme|workshop|booking|survey|questionnaire|prevention "
    r"programme|coordinator|facilitator|education office|indicator|wave|ballot)s?\b",
    re.IGNORECASE,
)
SOURCES = sorted(PACKAGE.rglob("*.py"))


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=names)
def test_the_ground_knows_no_word_of_the_domain(path: Path) -> None:
    found = [match[0] for match in DOMAIN_WORDS.finditer(path.read_text())]

    assert [] == found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=names)
def test_every_package_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_only_the_clock_reads_the_clock() -> None:
    reading = re.compile(r"datetime\.now|date\.today|time\.time\(|utcnow")
    allowed = {PACKAGE / "core" / "clock.py", PACKAGE / "jobs.py"}

    assert [] == [names(path) for path in SOURCES if path not in allowed and reading.search(path.read_text())]


def test_nobody_but_the_unit_of_work_and_the_short_transaction_commits() -> None:
    allowed = {PACKAGE / "core" / name for name in ("db.py", "prepared.py", "web.py")}

    assert [] == [names(path) for path in SOURCES if path not in allowed and ".commit()" in path.read_text()]


def test_rules_know_neither_web_nor_database() -> None:
    forbidden = re.compile(r"^(from|import) (flask|sqlalchemy|wtforms)", re.MULTILINE)

    assert [] == [
        names(path) for path in SOURCES if path.name.endswith("rules.py") and forbidden.search(path.read_text())
    ]


def test_views_hold_no_queries() -> None:
    forbidden = re.compile(r"\bselect\(|db\.session")

    assert [] == [names(path) for path in PACKAGE.rglob("views.py") if forbidden.search(path.read_text())]


def test_no_page_asks_anybody_else_for_anything() -> None:
    loading = re.compile(
        r"""(?:src|srcset|action)=["']https?://|<link[^>]+href=["']https?://|@import|url\(["']?https?:"""
    )
    static = PACKAGE / "static"
    files = [*PACKAGE.rglob("templates/**/*.html"), *static.glob("*.css"), *static.glob("*.js")]

    assert [] == [names(path) for path in files if loading.search(path.read_text())]


def test_templates_hold_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*(src=|nonce=))|\son[a-z]+=|<[^>]+\sstyle=")
    pages = [path for path in PACKAGE.rglob("templates/**/*.html") if "reports/" not in names(path)]

    assert [] == [names(path) for path in pages if inline.search(path.read_text())]

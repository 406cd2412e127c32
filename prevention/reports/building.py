"""Many papers at once: on all cores, in processes that are kept warm for the whole build, never in a request.

Each process reads the figures once, from a file, and then writes one paper after the other; what goes back to the
caller is a name and a fingerprint, not the paper, so that memory does not grow with their number. A paper stands in the
folder under its own name when it is whole: it is written beside it first.
"""

import json
import os
import resource
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path

from flask import Flask, current_app

from prevention.config import Settings
from prevention.core.i18n import in_language
from prevention.reports import data_figures, papers
from prevention.reports.consistency import printed_figures
from prevention.reports.figures import YearFigures
from prevention.reports.papers import Paper

# More than this share the disk and the memory of a small server badly.
MOST_PROCESSES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A paper in the folder: its file, size in bytes, SHA-256, and the figures printed and put inside.

    `peak` is the largest that the process had been until then, in bytes.
    """

    paper: Paper
    file_name: str
    size: int
    sha256: str
    figures: tuple[tuple[str, str], ...]
    peak: int = 0


@dataclass(slots=True)
class _Process:
    app: Flask
    figures: YearFigures
    folder: Path


_process: _Process | None = None


def build(
    figures: YearFigures, wanted: Sequence[Paper], folder: Path, *, processes: int | None = None
) -> Generator[Built]:
    """Write papers into a folder that is there, and give each as it is finished, in no fixed order.

    Closing the iterator stops the build after the papers that are under way.

    Args:
        processes: how many at most; all cores when None.

    Raises:
        NoSuchPaper: a paper of a school or municipality that the figures do not know.
        OSError: the disk is full; what is there is whole.
    """
    kept = folder / f".figures-{figures.identifier[:16]}.json"
    kept.write_text(json.dumps(figures.to_json()), encoding="utf-8")
    number = min(processes or os.cpu_count() or 1, MOST_PROCESSES, max(len(wanted), 1))
    pool = ProcessPoolExecutor(
        number,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(current_app.import_name, current_app.config["SETTINGS"], kept, folder),
    )
    try:
        # The longest first, so that no core waits for one of them at the end.
        waiting = [pool.submit(_build_one, paper) for paper in sorted(wanted, key=lambda paper: paper.scope != "")]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)
        kept.unlink(missing_ok=True)


def _begin(house: str, settings: Settings, kept: Path, folder: Path) -> None:
    """Make the caller's application here too; its name is handed in, because no room knows the house."""
    _end_with_parent()
    global _process  # noqa: PLW0603  # one a process, as the pool offers it
    figures = YearFigures.from_json(json.loads(kept.read_text(encoding="utf-8")))
    _process = _Process(app=import_module(house).create_app(settings), figures=figures, folder=folder)


def _end_with_parent() -> None:
    """End this process when the one that began it dies: it would wait for work for ever."""
    parent = parent_process()
    if parent is None:
        return

    def leave() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def _build_one(paper: Paper) -> Built:
    if _process is None:
        raise RuntimeError("a paper was asked for before the process began")
    with _process.app.app_context():
        page = papers.page(_process.figures, paper)
        content = papers.document(_process.figures, page)
        with in_language(paper.language):
            inside = tuple(data_figures.in_attachments(_process.figures, paper, page.attachments))
    target = _process.folder / page.file_name
    partly = target.with_name(f".{page.file_name}.{os.getpid()}")
    try:
        partly.write_bytes(content)
        partly.replace(target)
    finally:
        partly.unlink(missing_ok=True)
    return Built(
        paper=paper,
        file_name=page.file_name,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        figures=(*printed_figures(page.html), *inside),
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )

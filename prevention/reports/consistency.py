"""Do all papers of a year say the same? Reads the finished pages, not what they were made from. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from prevention.reports.papers.kinds import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """A figure that is printed in more than one way: its name, and for each text the files that have it."""

    name: str
    texts: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        return f"{self.name}: " + "; ".join(f"“{text}” in {', '.join(files)}" for text, files in self.texts)


class Papers:
    """The figures of many papers, taken in page by page, so that no more than one page is held at once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def take_in(self, page: Page) -> None:
        """Read the figures of a page."""
        self.add(page.paper.language, page.file_name, printed_figures(page.html))

    def add(self, language: str, file_name: str, figures: Iterable[tuple[str, str]]) -> None:
        """Note the figures that were read from a page elsewhere."""
        for name, text in figures:
            files = self._found[language, name][text]
            if file_name not in files:
                files.append(file_name)

    @property
    def compared(self) -> int:
        """How many figures stand in more than one paper."""
        return sum(len({file for files in texts.values() for file in files}) > 1 for texts in self._found.values())

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Give the figures with more than one text, by name."""
        return tuple(
            Disagreement(name=name, texts=tuple((text, tuple(files)) for text, files in sorted(texts.items())))
            for (_language, name), texts in sorted(self._found.items())
            if len(texts) > 1
        )


def printed_figures(html: str) -> tuple[tuple[str, str], ...]:
    """Give name and text of every figure of a page, in the order of the page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.found())


class _Reader(HTMLParser):
    """Collects what stands inside the elements that carry the name of a figure; these hold text alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._figures: list[tuple[str, list[str]]] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("data-figure")
        if name:
            self._figures.append((name, []))
            self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self._figures[-1][1].append(data)

    def found(self) -> Iterator[tuple[str, str]]:
        """Give the figures, each text with single spaces."""
        for name, parts in self._figures:
            yield name, " ".join("".join(parts).split())

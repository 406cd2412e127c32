"""The office's own texts: paragraphs, lists, bold and italics; nothing else can come of them.

Written in a small part of Markdown (CommonMark). The reader knows no HTML and no links: what looks like markup is
printed as it was typed, so a text cannot carry a script, a picture of somebody else's server, or break a paper.
"""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False}).enable(["emphasis", "list"])


def rendered(text: str) -> Markup:
    """Turn a text into HTML: ``<p>``, ``<ul>``, ``<ol>``, ``<li>``, ``<strong>``, ``<em>`` and escaped words."""
    # Safe: the reader writes no element but these, and escapes all else.
    return Markup(_reader().render(text))  # noqa: S704

"""Words in the margins of a paper, which CSS writes; in the language in force."""

from flask_babel import gettext as _
from markupsafe import Markup


def css_words(words: str) -> Markup:
    """Write words as a string of CSS inside a ``<style>`` element, whoever gave them."""
    plain = words.unescape() if isinstance(words, Markup) else words
    # The space ends the escape and is no part of the words; without it, a space that follows would be swallowed.
    quoted = "".join(letter if _is_plain(letter) else f"\\{ord(letter):06x} " for letter in plain)
    # Safe: letters, digits and signs, a few of ASCII, and escapes; nothing ends the string or the element.
    return Markup(f'"{quoted}"')  # noqa: S704


def _is_plain(letter: str) -> bool:
    # What is not escaped can still be read by whoever looks for letters that the fonts lack.
    return letter.isalnum() or letter in " .,:;-()" or (letter >= "\xa0" and letter not in "\u2028\u2029")


def page_of_pages() -> Markup:
    """Give the CSS that writes "3 of 20" in the reader's language."""
    page, pages = "\ue000", "\ue001"
    words = str(css_words(_("%(page)s of %(pages)s", page=page, pages=pages)))
    for mark, name in ((page, "page"), (pages, "pages")):
        words = words.replace(mark, f'" counter({name}) "')
    return Markup(words)  # noqa: S704  # as above; the counters are ours

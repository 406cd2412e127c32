"""Letters that our fonts lack: the nearest one is printed, or a question mark, and forms can say which."""

import pytest

from prevention.core.pdf_letters import printable, unprintable


@pytest.mark.parametrize(
    ("words", "language", "printed", "refused"),
    [
        ("Città «Ça va» – Škoda, € 5\n½", "it", "Città «Ça va» – Škoda, € 5\n½", ""),
        ("Citta\u0300", "it", "Città", ""),
        ("ệ ﬁ ① a\u2011b → ≥ 5\u202f%", "it", "e fi 1 a-b -&gt; &gt;= 5 %", ""),
        ("\uff1cb title=\uff02x\uff02\uff3c", "it", "&lt;b title=&quot;x&quot;/", ""),
        ("Київ ✓ \U0001f600\ufe0f", "it", "???? ? ?", "Київ✓\U0001f600"),
        ("Київ", "uk", "Київ", ""),
        ("السلام \u2067عليكم\u2069", "ar", "السلام \u2067عليكم\u2069", ""),
    ],
)
def test_what_our_fonts_lack_is_written_otherwise(words: str, language: str, printed: str, refused: str) -> None:
    assert printed == printable(words, language=language)
    assert refused == unprintable(words, language=language)

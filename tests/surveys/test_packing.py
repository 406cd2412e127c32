"""Pages leave packed, and what is unpacked is the page."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.surveys.packing import Page, PageWithGaps, takes_gzip

VALUES = st.binary(max_size=300)


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4), st.data())
def test_a_page_with_gaps_is_the_same_packed_and_plain(parts: list[bytes], data: st.DataObject) -> None:
    values = [data.draw(VALUES) for _gap in parts[1:]]
    page = PageWithGaps(parts)

    plain = page.filled(*values)

    assert plain == b"".join(piece for pair in zip(parts, [*values, b""], strict=True) for piece in pair)
    assert plain == gzip.decompress(page.filled_and_packed(*values))
    # One member, as every browser reads it: nothing is left after the first.
    unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
    assert plain == unpacker.decompress(page.filled_and_packed(*values)) + unpacker.flush()
    assert (unpacker.eof, unpacker.unused_data) == (True, b"")


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_the_size_of_a_packed_page_says_nothing_of_what_is_in_its_gaps(one: bytes, other: bytes) -> None:
    page = PageWithGaps((one * 20, b"between", other * 20))

    assert len(page.filled_and_packed(one, other)) == len(page.filled_and_packed(other, one))


def test_a_packed_page_tells_no_time() -> None:
    page = Page.of("è" * 1000)

    assert page.plain == gzip.decompress(page.packed)
    assert bytes(4) == page.packed[4:8]
    assert bytes(4) == PageWithGaps((b"a", b"b")).filled_and_packed(b"")[4:8]


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=1, GZIP;q=0.5", "*"])
def test_who_says_so_takes_gzip(accepted: str) -> None:
    assert takes_gzip(accepted)


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0", "gzip; q=0.000, br", "x-gzipped", "*;q=0"])
def test_who_does_not_say_so_gets_the_page_plain(accepted: str) -> None:
    assert not takes_gzip(accepted)

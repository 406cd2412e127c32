"""Pages as they leave: plain, and packed once for everybody who takes gzip, which every browser does.

The long page of a questionnaire is 83 kB plain and 8 kB packed: on a slow line that is five seconds less for every
pupil of a class, and it is less work for the server than to send the plain one. It is packed in three parts, once; the
two hidden values that differ go between them as they are, in blocks that are not compressed. So packing costs a
request nothing, and the size of what is sent says nothing about the values.
"""

import gzip
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

HARDEST = 9
# The length of a block that is not compressed is written in two bytes.
LONGEST_VALUE = 0xFFFF

_ALL_ONES = 0xFFFFFFFF
# RFC 1952: magic, deflate, no flags, no time, hardest, system unknown: nothing of when or where it was made.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


@dataclass(frozen=True, slots=True)
class Page:
    """One page that is the same for everybody."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, text: str) -> "Page":
        """Pack a page."""
        plain = text.encode()
        return cls(plain, pack(plain))

    def __str__(self) -> str:
        """Give the page as text."""
        return self.plain.decode()


class PageWithGaps:
    """One page that is the same for everybody but for values between its parts."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = [_Part(part) for part in parts]
        self._parts[-1].close()

    def filled(self, *values: bytes) -> bytes:
        """Put the values between the parts."""
        first, *others = self._parts
        pieces = [first.plain]
        for value, part in zip(values, others, strict=True):
            pieces += (value, part.plain)
        return b"".join(pieces)

    def filled_and_packed(self, *values: bytes) -> bytes:
        """Put the values between the packed parts: a gzip file of one member, as any browser reads it."""
        first, *others = self._parts
        pieces = [_GZIP_HEADER, first.deflated]
        checksum, length = first.checksum, len(first.plain)
        for value, part in zip(values, others, strict=True):
            pieces += (_uncompressed_block(value), part.deflated)
            checksum = part.checksum_after(zlib.crc32(value, checksum))
            length += len(value) + len(part.plain)
        pieces.append(struct.pack("<II", checksum, length & _ALL_ONES))
        return b"".join(pieces)


class _Part:
    """A run of a page: plain, as deflated blocks that end on a whole byte, and what it does to a checksum."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self.checksum = zlib.crc32(plain)
        self.deflated = self._deflate(zlib.Z_FULL_FLUSH)
        # A CRC is linear: what so many bytes do to a checksum before them is the sum (exclusive or) of what they do
        # to each of its bits. So it is worked out for 32 bits once and not for 80 kB with every page.
        zeros = bytes(len(plain))
        self._moved = [zlib.crc32(zeros, (1 << bit) ^ _ALL_ONES) ^ _ALL_ONES for bit in range(32)]

    def close(self) -> None:
        """Make this the last part."""
        self.deflated = self._deflate(zlib.Z_FINISH)

    def checksum_after(self, before: int) -> int:
        """Give the checksum of something with the checksum `before`, and this part behind it."""
        checksum = self.checksum
        for moved in self._moved:
            if before & 1:
                checksum ^= moved
            before >>= 1
        return checksum

    def _deflate(self, ending: int) -> bytes:
        packer = zlib.compressobj(HARDEST, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.plain) + packer.flush(ending)


def pack(plain: bytes) -> bytes:
    """Pack a page, without the time."""
    return gzip.compress(plain, HARDEST, mtime=0)


def takes_gzip(accepted: str) -> bool:
    """Say whether a browser with this ``Accept-Encoding`` takes gzip (RFC 9110 §12.5.3)."""
    taken = {}
    for one in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in one.split(";"))
        taken[name] = not any(part.startswith("q=") and not part.strip("q=0.") for part in parameters)
    return taken.get("gzip", taken.get("*", False))


def _uncompressed_block(value: bytes) -> bytes:
    """Write a value as a block that is not compressed (RFC 1951 §3.2.4); what stands before it ends on a byte."""
    if len(value) > LONGEST_VALUE:
        raise ValueError("too long for one block")
    return b"\x00" + struct.pack("<HH", len(value), len(value) ^ LONGEST_VALUE) + value

"""How much a file may take, and the one way in which it is refused."""

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 60
UNPACKED_BYTES_MOST = 1024**3
# No lesson packs better than this once it is larger than a few pages of text; a bomb does.
PACKING_MOST = 150
PACKING_FREE_BYTES = 8 * 1024**2
PARTS_MOST = 10_000
PIXELS_MOST = 60_000_000
OBJECTS_MOST = 500_000
PAGES_MOST = 5_000
# Sheets inside charts inside slides: documents nest that deep, bombs deeper.
NESTING_MOST = 2
XML_DEPTH_MOST = 1_000


class Refused(Exception):
    """The file is not taken; the argument is a value of `kinds.Fault`."""

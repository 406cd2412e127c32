"""The program: sets its own limits, then cleans one file."""

import json
import os
import resource
import sys
from collections.abc import Iterator

from PIL import Image

from .limits import CPU_SECONDS, MEMORY_BYTES, UNPACKED_BYTES_MOST, Refused
from .office import clean_office
from .pdf import clean_pdf
from .pictures import FORMATS, clean_picture


def main(media_type: str, source_number: int, target_number: int) -> dict[str, str | None]:
    """Clean one file and say which fault it has, or none."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, UNPACKED_BYTES_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    Image.MAX_IMAGE_PIXELS = None
    with os.fdopen(source_number, "rb") as source, os.fdopen(target_number, "w+b") as target:
        source.seek(0)
        try:
            if media_type == "application/pdf":
                clean_pdf(source, target)
            elif media_type in FORMATS:
                clean_picture(source, target, media_type)
            else:
                clean_office(source, target)
        except Refused as refusal:
            return {"fault": str(refusal)}
        except (MemoryError, RecursionError):
            return {"fault": "bomb"}
    return {"fault": None}


def arguments() -> Iterator[int]:
    """Give the descriptors that were handed over."""
    return (int(number) for number in sys.argv[2:4])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], *arguments())))

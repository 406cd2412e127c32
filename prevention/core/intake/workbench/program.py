"""The program: sets its own limits, then cleans one file."""

import errno
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

# A file that outgrows this process's own limit is a bomb; a disk that is full is nobody's fault.
_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(media_type: str, source_number: int, target_number: int) -> dict[str, object]:
    """Clean one file and say what was found."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, UNPACKED_BYTES_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    Image.MAX_IMAGE_PIXELS = None
    is_signed = is_changed = False
    try:
        with os.fdopen(source_number, "rb") as source, os.fdopen(target_number, "w+b") as target:
            source.seek(0)
            if media_type == "application/pdf":
                is_signed, is_changed = clean_pdf(source, target)
            elif media_type in FORMATS:
                clean_picture(source, target, media_type)
            else:
                clean_office(source, target)
    except Refused as refusal:
        return {"fault": str(refusal)}
    except (MemoryError, RecursionError):
        return {"fault": "bomb"}
    except OSError as error:
        if error.errno not in (*_FULL, errno.EFBIG):
            raise
        return {"fault": "no_room" if error.errno in _FULL else "bomb"}
    return {"fault": None, "is_signed": is_signed, "is_changed": is_changed}


def arguments() -> Iterator[int]:
    """Give the descriptors that were handed over."""
    return (int(number) for number in sys.argv[2:4])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], *arguments())))

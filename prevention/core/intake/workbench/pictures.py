"""Pictures: their pixels, written anew by Pillow, and nothing else."""

import struct
import zlib
from typing import BinaryIO

from PIL import Image, ImageOps

from .limits import PIXELS_MOST, Refused

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_MODES = {"PNG": ("1", "L", "LA", "RGB", "RGBA"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}


def clean_picture(source: BinaryIO, target: BinaryIO, media_type: str) -> None:
    """Write the pixels of a picture anew, upright, and nothing else: no place, no camera, no words."""
    kind = FORMATS[media_type]
    try:
        picture: Image.Image = Image.open(source, formats=[kind])
        check_pixels(picture)
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        if picture.mode not in _MODES[kind]:
            see_through = "A" in picture.mode or "transparency" in picture.info
            picture = picture.convert("RGBA" if see_through and "RGBA" in _MODES[kind] else "RGB")
        picture.info = {}
        picture.save(target, kind, **({"quality": 90} if kind != "PNG" else {}))
    except Refused:
        raise
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, zlib.error):
        raise Refused("damaged") from None


def check_pixels(picture: Image.Image) -> None:
    """Refuse a picture that is far larger than any page or screen.

    Raises:
        Refused: as a bomb.
    """
    if picture.width * picture.height > PIXELS_MOST:
        raise Refused("bomb")

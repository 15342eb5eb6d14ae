"""A photo as it comes from a camera: decoded, and turned upright.

Legend: H x W pixels.
"""

import io
from os import PathLike
from typing import Final

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from foveate.data.decode import decode

MAX_PIXELS: Final = 1 << 26
"""64 megapixels, as cameras give them; more is taken for a mistake, or for an attack."""
_ORIENTATION: Final = 0x0112
_TURNS: Final = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""For each EXIF orientation: quarters to turn to the left, and whether to swap left and right after that."""


def read_photo(
    encoded: bytes, *, file: str | PathLike[str], record: object | None = None
) -> UInt8[np.ndarray, "H W 3"]:
    """Decode a photo and turn it as its EXIF orientation says.

    Args:
        encoded: the bytes of a JPEG, PNG, BMP or WebP file; grey, CMYK and transparent ones are understood.
        file, record: where they come from, for the message of an error.

    Raises:
        DataError: as ``foveate.data.decode.decode``.
    """
    pixels = decode(encoded, file=file, record=record, max_pixels=MAX_PIXELS)
    quarters, mirrored = _TURNS.get(_orientation(encoded), (0, False))
    upright = np.rot90(pixels, quarters)
    return np.ascontiguousarray(upright[:, ::-1] if mirrored else upright)


def _orientation(encoded: bytes) -> int:
    """The EXIF orientation; 1, which is upright, where it is missing or damaged."""
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # the pixels are sound; notes beside them may be damaged in many ways
        return 1

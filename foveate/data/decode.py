"""An encoded image becomes RGB pixels, whatever its format, and never more of them than it may.

Legend: H x W pixels.
"""

import io
import re
import warnings
from os import PathLike
from typing import Final

import numpy as np
import simplejpeg
from jaxtyping import UInt8
from PIL import Image

from foveate.errors import DataError

MAX_PIXELS: Final = 4096 * 4096
_FORMATS: Final = ("JPEG", "PNG", "BMP", "WEBP")
_DEEP_MODES: Final = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
_END: Final = b"\xff\xd9"
"""Marker at the end of a JPEG."""
_REMEDY: Final = "Replace this image by an undamaged JPEG, PNG, BMP or WebP file, or leave it out"


def decode(
    encoded: bytes,
    *,
    file: str | PathLike[str] | None,
    record: object | None,
    max_pixels: int = MAX_PIXELS,
) -> UInt8[np.ndarray, "H W 3"]:
    """Decode a JPEG, PNG, BMP or WebP image to RGB.

    Grey images get three equal channels and transparency is dropped. The orientation that a camera may
    have noted beside the pixels is not applied.

    Args:
        encoded: the bytes of the image file.
        file: where the bytes come from, for the message of an error.
        record: which record of that file, for the message of an error.
        max_pixels: largest height times width, compared with the declared size before anything is decoded.

    Returns:
        A new array, red first.

    Raises:
        DataError: the bytes are no such image, are damaged or cut short, or declare too many pixels.
    """
    try:
        fast = _decode_fast(encoded, max_pixels) if encoded[:3] == b"\xff\xd8\xff" else None
        return _decode_with_pillow(encoded, max_pixels) if fast is None else fast
    except _TooLargeError as error:
        remedy = f"Shrink it to at most {max_pixels:,} pixels, or leave it out"
        raise DataError(str(error), file=file, record=record, remedy=remedy) from None
    except MemoryError:
        raise
    except Exception as error:  # a decoder fails in as many ways as there are damaged files
        reason = re.sub(r"\s*<[^>]*>", "", str(error)).strip().rstrip(".") or type(error).__name__
        problem = f"the image cannot be decoded ({reason})"
        raise DataError(problem, file=file, record=record, remedy=_REMEDY) from error


class _TooLargeError(Exception):
    """More pixels are declared than allowed."""


def _decode_fast(encoded: bytes, max_pixels: int) -> UInt8[np.ndarray, "H W 3"] | None:
    """A JPEG's pixels, or None for one that is Pillow's: CMYK, or unusual subsampling."""
    try:
        height, width, colour, _ = simplejpeg.decode_jpeg_header(encoded)
    except ValueError:
        return None
    _check_size(int(height), int(width), max_pixels)
    if colour in ("CMYK", "YCCK"):
        return None
    try:
        return simplejpeg.decode_jpeg(encoded, "RGB")
    except ValueError:
        bare = _without_padding(encoded)
        if bare == encoded:
            raise
        return simplejpeg.decode_jpeg(bare, "RGB")


def _without_padding(encoded: bytes) -> bytes:
    """A JPEG without the bytes that some cameras pad its data with before the end, which libjpeg warns of."""
    end = encoded.rfind(_END)
    return encoded if end < 0 else encoded[:end].rstrip(b"\x00\xff") + _END


def _decode_with_pillow(encoded: bytes, max_pixels: int) -> UInt8[np.ndarray, "H W 3"]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(encoded), formats=_FORMATS) as image:
            _check_size(image.height, image.width, max_pixels)
            if image.mode in _DEEP_MODES:
                raise ValueError(f"mode {image.mode} has more than 8 bits a channel")
            image.load()
            return np.array(image.convert("RGB"))


def _check_size(height: int, width: int, max_pixels: int) -> None:
    if height * width > max_pixels:
        raise _TooLargeError(f"the image declares {height} x {width} pixels, more than {max_pixels:,}")

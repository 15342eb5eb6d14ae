"""RGB pixels become JPEG bytes, with no detail lost to chroma subsampling.

Legend: H x W pixels.
"""

import numpy as np
import simplejpeg
from jaxtyping import UInt8


def encode(image: UInt8[np.ndarray, "H W 3"], quality: int = 95) -> bytes:
    """Encode an RGB image as JPEG 4:4:4.

    Args:
        image: pixels, red first.
        quality: JPEG quality, 1 to 100.

    Returns:
        The bytes of a JPEG file.
    """
    pixels = np.ascontiguousarray(image)
    return simplejpeg.encode_jpeg(pixels, quality=quality, colorspace="RGB", colorsubsampling="444")

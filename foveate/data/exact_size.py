"""Images that have their size already, as aligned faces do.

Legend: H x W pixels, S side of the crop.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float64, UInt8

from foveate.data.crop import Crop
from foveate.errors import DataError


@final
@dataclass(frozen=True)
class ExactSize(Crop):
    """Takes images as they are, and no others.

    Attributes:
        size: S.
    """

    size: int

    def __call__(
        self, pixels: UInt8[np.ndarray, "H W 3"], chance: Float64[np.ndarray, " draws"]
    ) -> UInt8[np.ndarray, "S S 3"]:
        return check_size(pixels, self.size, file=None, record=None)


def check_size(
    pixels: UInt8[np.ndarray, "H W 3"], size: int, *, file: object, record: object
) -> UInt8[np.ndarray, "S S 3"]:
    """The same image, if it is square with the given side.

    Raises:
        DataError: it is not.
    """
    height, width = pixels.shape[:2]
    if (height, width) != (size, size):
        raise DataError(
            f"the image has {width} x {height} pixels, the network takes {size} x {size}",
            file=None if file is None else str(file),
            record=record,
            remedy=f"Align the faces and crop them to {size} x {size} pixels first.",
        )
    return pixels

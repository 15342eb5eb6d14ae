"""How a decoded image gets the size that the network takes: what every way of cropping promises.

Legend: H x W pixels, S side of the crop.
"""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Float64, UInt8


class Crop(ABC):
    """Subclasses are frozen dataclasses of numbers.

    Attributes:
        size: S.
        draws: how many numbers of each image's own chance it needs; 0 where nothing is drawn.
    """

    size: int
    draws: int = 0

    @abstractmethod
    def __call__(
        self, pixels: UInt8[np.ndarray, "H W 3"], chance: Float64[np.ndarray, " draws"]
    ) -> UInt8[np.ndarray, "S S 3"]:
        """Crop one image.

        Args:
            pixels: RGB.
            chance: numbers in [0, 1).

        Raises:
            DataError: the image cannot be used. It does not say which one, which the caller knows.
        """

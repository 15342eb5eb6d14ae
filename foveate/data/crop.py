"""How a decoded image gets the size that the network takes: what every way of cropping promises.

Legend: B images, H x W pixels, S side of the crop.
"""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from foveate.data.decode import decode
from foveate.data.framing import Framing
from foveate.data.labelled import LabelledImages
from foveate.errors import DataError


class Crop(Framing):
    """Framing by the pixels alone: what is to be learnt of an image is its class, wherever it is cropped."""

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

    def example(
        self, images: LabelledImages, index: int, chance: Float64[np.ndarray, " draws"]
    ) -> tuple[UInt8[np.ndarray, "S S 3"], Int64[np.ndarray, ""]]:
        pixels = decode(images.encoded(index), file=images.path, record=images.record(index))
        try:
            return self(pixels, chance), np.asarray(images.labels[index])
        except DataError as error:
            raise DataError(error.problem, file=images.path, record=images.record(index), remedy=error.remedy) from None

    def stack(self, targets: Sequence[Int64[np.ndarray, ""]]) -> Int64[np.ndarray, " B"]:
        return np.stack(targets)

"""How images become a batch: what every way of framing them promises.

Legend: B images, H x W pixels, S side of the frame.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Shaped, UInt8

from foveate.data.labelled import LabelledImages


class Framing(ABC):
    """Subclasses are frozen dataclasses of numbers.

    Attributes:
        size: S.
        draws: how many numbers of each image's own chance it needs; 0 where nothing is drawn.
    """

    size: int
    draws: int = 0

    @abstractmethod
    def example(
        self, images: LabelledImages, index: int, chance: Float64[np.ndarray, " draws"]
    ) -> tuple[UInt8[np.ndarray, "S S 3"], Shaped[np.ndarray, "*target"]]:
        """An image of the network's size, and what is to be learnt of it.

        Args:
            images: the set.
            index: of the image.
            chance: numbers in [0, 1).

        Raises:
            DataError: the image cannot be decoded, or cannot be used.
        """

    @abstractmethod
    def stack(self, targets: Sequence[Shaped[np.ndarray, "*target"]]) -> Shaped[np.ndarray, "B *target"]:
        """The targets of a batch as one array."""

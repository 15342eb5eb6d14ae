"""Some of the images of another set.

Legend: N images.
"""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from foveate.data.labelled import LabelledImages


class Subset(LabelledImages):
    """A base for views that choose images and say anew what classes there are.

    Attributes:
        source: the whole set.
        positions: of the images in it.
    """

    @abstractmethod
    def __init__(self, source: LabelledImages, positions: Int64[np.ndarray, " N"]) -> None:
        self.source, self.positions, self.path = source, positions, source.path

    def encoded(self, index: int) -> bytes:
        return self.source.encoded(int(self.positions[index]))

    def files(self) -> Iterable[Path]:
        return self.source.files()

    def record(self, index: int) -> str:
        return self.source.record(int(self.positions[index]))

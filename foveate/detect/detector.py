"""The one promise of a face detector: photos in, faces with five points out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from jaxtyping import UInt8
from torch import Tensor

from foveate.detect.faces import Faces

Photo = UInt8[Tensor, "_ _ 3"]
"""RGB, of any size."""


class Detector(ABC):
    """Finds faces. It can be asked again and again, and answers the same for the same photo."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Name, version of the weights and settings: what answers depend on, besides the photo."""

    @abstractmethod
    def __call__(self, photos: Sequence[Photo]) -> list[Faces]:
        """The faces of each photo; photos of one call may have different sizes."""

"""The crops of object classification: by chance in training, the centre in evaluation.

Szegedy et al., "Going deeper with convolutions", CVPR 2015, section 6; He et al., "Deep residual learning", CVPR 2016,
section 3.4.

Legend: H x W pixels, S side of the crop.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import final

import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image

from foveate.data.crop import Crop
from foveate.errors import RecipeError


@final
@dataclass(frozen=True)
class RandomResizedCrop(Crop):
    """A part of the photo of random area and shape, resized (bilinear, with antialiasing) to a square.

    Attributes:
        size: S.
        least: share of the photo's area that the part has at least; at most it has all.
        stretch: width over height lies between 1 / stretch and this. A part that would leave the photo is cut to it.
    """

    size: int
    least: float = 0.08
    stretch: float = 4 / 3

    draws = 4

    def __post_init__(self) -> None:
        if not 0 < self.least <= 1 or self.stretch < 1:
            raise RecipeError(
                f"parts of {self.least} of a photo, stretched by {self.stretch}",
                remedy="Give a share above 0, up to 1, and a stretch of 1 or more.",
            )

    def __call__(
        self, pixels: UInt8[np.ndarray, "H W 3"], chance: Float64[np.ndarray, " draws"]
    ) -> UInt8[np.ndarray, "S S 3"]:
        share, shape, across, down = chance.tolist()
        height, width = pixels.shape[:2]
        area = height * width * (self.least + share * (1 - self.least))
        ratio = exp((2 * shape - 1) * log(self.stretch))
        wide, high = min(sqrt(area * ratio), width), min(sqrt(area / ratio), height)
        left, top = across * (width - wide), down * (height - high)
        return _resized(pixels, self.size, (left, top, left + wide, top + high))


@final
@dataclass(frozen=True)
class CentreCrop(Crop):
    """The square in the middle of the photo, resized (bilinear, with antialiasing).

    Attributes:
        size: S.
        share: of the photo's shorter side that the square has; 224 of 256 pixels in the ImageNet protocol.
    """

    size: int
    share: float = 0.875

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise RecipeError(f"a square of {self.share} of the photo", remedy="Give a share above 0, up to 1.")

    def __call__(
        self, pixels: UInt8[np.ndarray, "H W 3"], chance: Float64[np.ndarray, " draws"]
    ) -> UInt8[np.ndarray, "S S 3"]:
        height, width = pixels.shape[:2]
        side = min(height, width) * self.share
        left, top = (width - side) / 2, (height - side) / 2
        return _resized(pixels, self.size, (left, top, left + side, top + side))


def _resized(
    pixels: UInt8[np.ndarray, "H W 3"], size: int, box: tuple[float, float, float, float]
) -> UInt8[np.ndarray, "S S 3"]:
    return np.array(Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR, box=box))

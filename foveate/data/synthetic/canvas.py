"""A canvas: pixels of B faces, and for each pixel where on the face it lies.

Legend: B faces, H x W pixels.

Shapes are signed distances (negative inside) in face units, one unit being a pixel of a 112 x 112 picture. The share
of a pixel that a shape covers is the distance in image pixels, shifted by a half and cut to [0, 1]: exact for a
straight edge along the grid, and so every edge is anti-aliased.
"""

from dataclasses import dataclass, replace
from typing import Final, Self, final

import torch
from jaxtyping import Float
from torch import Tensor

SIDE: Final = 112
"""The side, in face units, of the square picture that is drawn, whatever its number of pixels."""


@final
@dataclass(frozen=True)
class Canvas:
    """Pixels that are painted in place, from back to front.

    Attributes:
        pixels: RGB, of which [0, 1] will be visible.
        x, y: where each pixel lies on the face, in face units.
        scale: image pixels per face unit.
    """

    pixels: Float[Tensor, "B 3 H W"]
    x: Float[Tensor, "B 1 H W"]
    y: Float[Tensor, "B 1 H W"]
    scale: Float[Tensor, "B 1 1 1"]

    def window(self, left: int, top: int, right: int, bottom: int) -> Self:
        """The part of the picture between these borders, in units from its top left corner; shares the pixels."""
        per_unit = self.pixels.shape[-1] / SIDE
        rows = slice(int(top * per_unit), int(bottom * per_unit) + 1)
        columns = slice(int(left * per_unit), int(right * per_unit) + 1)
        cut = (slice(None), slice(None), rows, columns)
        return replace(self, pixels=self.pixels[cut], x=self.x[cut], y=self.y[cut])

    def moved(self, x: Tensor, y: Tensor) -> Self:
        """The same pixels seen from an origin at (x, y)."""
        return replace(self, x=self.x - x, y=self.y - y)

    def cover(self, distance: Tensor) -> Tensor:
        """The share of each pixel inside the shape with this signed distance."""
        return (distance * -self.scale).add_(0.5).clamp_(0, 1)

    def stroke(self, distance: Tensor, width: Tensor | float) -> Tensor:
        """The share of each pixel under a line of this width along distance 0; thin lines fade instead of vanishing."""
        breadth = self.scale * width
        return torch.minimum(self.cover(distance.abs() - width / 2), breadth.clamp(max=1))

    def paint(self, colour: Float[Tensor, "B 3 1 1"], cover: Tensor) -> None:
        """Lay a colour over the pixels, as far as each is covered."""
        self.pixels.lerp_(colour, cover)

    def shade(self, cover: Tensor) -> None:
        """Darken by ``cover``, or brighten where it is negative."""
        self.pixels.mul_(1 - cover)

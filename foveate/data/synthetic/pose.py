"""Pose: how face units land on the image.

Legend: B faces, H x W pixels.
"""

from dataclasses import dataclass
from typing import Self, final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.data.synthetic.variation import Variation

CENTRE = (56.0, 58.0)
"""Where the middle of a face lies in a 112 x 112 picture, before it is shifted."""


@final
@dataclass(frozen=True)
class Pose:
    """A turn, a shear, a zoom and a shift of B faces: image = matrix * face + shift."""

    matrix: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]
    shift: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, shot: Variation) -> Self:
        """The pose that a picture was taken in."""
        cosine, sine = shot.zoom * shot.roll.cos(), shot.zoom * shot.roll.sin()
        first = (cosine, cosine * shot.shear - sine)
        second = (sine, sine * shot.shear + cosine)
        return cls((first, second), (CENTRE[0] + shot.shift_x, CENTRE[1] + shot.shift_y))

    def to_image(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Face units to units of the picture, from its top left corner."""
        (a, b), (c, d) = self.matrix
        return a * x + b * y + self.shift[0], c * x + d * y + self.shift[1]

    def grid(self, size: int) -> tuple[Float[Tensor, "B 1 H W"], Float[Tensor, "B 1 H W"]]:
        """Where on the face each pixel of a square picture of this many pixels a side lies."""
        (a, b), (c, d) = self.matrix
        determinant = a * d - b * c
        place = (torch.arange(size, device=a.device) + 0.5) * (112 / size)
        across = place.view(1, 1, 1, -1) - self.shift[0]
        along = place.view(1, 1, -1, 1) - self.shift[1]
        x = across * (d / determinant) - along * (b / determinant)
        y = along * (a / determinant) - across * (c / determinant)
        return x, y

"""Preset ``paper``: bicubic down, Gaussian blur, bicubic up (Shin et al., ECCV 2022, section 4.1).

Legend: B faces, H x W pixels.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation
from foveate.degrade.matrices import bicubic, gaussian


@final
@dataclass(frozen=True)
class Shrink(Degradation):
    """Shrink to ``side`` pixels, blur there, and enlarge again.

    The paper does not state its blur. The default, an isotropic 5 x 5 kernel with sigma 1, is the middle of the
    range 0.1 to 2.0 that stands in the authors' code.

    Attributes:
        side: width of the small face in pixels (14 is "8x" for faces of 112 pixels).
        sigma: standard deviation of the blur in pixels of the small face; 0 for none; a pair (low, high) draws one
            for each face during training and takes the middle in evaluation.
        antialias: whether shrinking averages over all pixels it covers.
    """

    side: int
    sigma: float | tuple[float, float] = 1.0
    antialias: bool = True

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "#B H H"], Float[Tensor, "#B W W"]]:
        device = None if chance is None else chance.device
        if isinstance(self.sigma, tuple):
            low, high = self.sigma
            chance = torch.tensor([0.5], dtype=torch.float64) if chance is None else chance.double()
            sigma = low + (high - low) * chance
        else:
            sigma = torch.tensor([self.sigma], dtype=torch.float64, device=device)
        down = bicubic(size, self.side, antialias=self.antialias).to(sigma.device)
        up = bicubic(self.side, size, antialias=self.antialias).to(sigma.device)
        blurred = gaussian(self.side, sigma) @ down if self.sigma not in (0, (0, 0)) else down[None]
        matrix = up @ blurred
        return matrix, matrix

    @property
    def title(self) -> str:
        return f"paper {self.side}px"

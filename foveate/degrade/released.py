"""Preset ``released``: what the authors' code does (docs/degradation.md), which is far from what the paper says.

Legend: B faces, H x W pixels.

Nearest neighbour both ways, which takes the top left pixel of each cell and so shifts the content by up to 3.5
pixels; then, after enlarging, a 5-tap blur whose range of sigma (0.1, 2.0) was read as (horizontal, vertical): it
blurs along the height only.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation
from foveate.degrade.matrices import gaussian, nearest


@final
@dataclass(frozen=True)
class Released(Degradation):
    """The authors' degradation to ``side`` pixels; nothing happens when the face has that side already."""

    side: int

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "1 H H"], Float[Tensor, "1 W W"]]:
        device = None if chance is None else chance.device
        if self.side == size:
            identity = torch.eye(size, dtype=torch.float64, device=device)[None]
            return identity, identity
        blocks = (nearest(self.side, size) @ nearest(size, self.side)).to(device)
        horizontal, vertical = gaussian(size, torch.tensor([0.1, 2.0], dtype=torch.float64, device=device))
        return (vertical @ blocks)[None], (horizontal @ blocks)[None]

    @property
    def title(self) -> str:
        return f"released {self.side}px"

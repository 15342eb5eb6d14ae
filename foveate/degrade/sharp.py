"""No degradation: the teacher's own view, 1x.

Legend: B faces, H x W pixels.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation


@final
@dataclass(frozen=True)
class Sharp(Degradation):
    """Leave the faces as they are."""

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "1 H H"], Float[Tensor, "1 W W"]]:
        identity = torch.eye(size, dtype=torch.float64, device=None if chance is None else chance.device)[None]
        return identity, identity

    def __call__(
        self, images: Float[Tensor, "B 3 H W"], chance: Float[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B 3 H W"]:
        return images

    @property
    def title(self) -> str:
        return "sharp"

"""Photos of any size and shape: as much smaller as a ratio says, and as large again.

Legend: B photos, H x W pixels.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation
from foveate.degrade.preset import KINDS, Preset


@final
@dataclass(frozen=True)
class ByRatio(Degradation):
    """A preset's degradation to each side divided by the ratio, rounded, and to 3 pixels at least, which a blur needs.

    Attributes:
        ratio: 1 or more.
        preset: whose degradation.
    """

    ratio: float
    preset: Preset = "paper"

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "#B H H"], Float[Tensor, "#B W W"]]:
        return KINDS[self.preset](min(size, max(3, round(size / self.ratio)))).operators(size, chance)

    @property
    def title(self) -> str:
        return f"{self.preset} {self.ratio:g}x"

"""Photos of any size and shape: as much smaller as a ratio says, and as large again.

Legend: B photos, H x W pixels.
"""

from dataclasses import dataclass
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation
from foveate.degrade.released import Released
from foveate.degrade.shrink import Shrink


@final
@dataclass(frozen=True)
class ByRatio(Degradation):
    """A preset's degradation to each side divided by the ratio, rounded, and to 3 pixels at least, which a blur needs.

    Attributes:
        ratio: 1 or more.
        preset: whose degradation.
    """

    ratio: float
    preset: Literal["paper", "released"] = "paper"

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "#B H H"], Float[Tensor, "#B W W"]]:
        kind = Shrink if self.preset == "paper" else Released
        return kind(min(size, max(3, round(size / self.ratio)))).operators(size, chance)

    @property
    def title(self) -> str:
        return f"{self.preset} {self.ratio:g}x"

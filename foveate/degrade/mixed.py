"""One of several degradations for each face, drawn anew in every epoch.

Legend: B faces, H x W pixels, K degradations.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.degrade.degradation import Degradation


@final
@dataclass(frozen=True)
class Mixed(Degradation):
    """Draw one of ``choices`` for each face with equal probability; without chance (evaluation) take the first."""

    choices: tuple[Degradation, ...]

    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "#B H H"], Float[Tensor, "#B W W"]]:
        if chance is None:
            return self.choices[0].operators(size)
        position = chance * len(self.choices)
        which = position.long().clamp_max(len(self.choices) - 1)
        face = torch.arange(len(chance), device=chance.device)
        # What is left after the choice is as good as a fresh draw for the choice itself.
        drawn = [choice.operators(size, position - which) for choice in self.choices]
        rows, columns = (
            torch.stack([pair[axis].expand(len(chance), -1, -1) for pair in drawn])[which, face] for axis in (0, 1)
        )
        return rows, columns

    @property
    def choices_apart(self) -> tuple[Degradation, ...]:
        return self.choices

    @property
    def title(self) -> str:
        return "mixed of " + ", ".join(choice.title for choice in self.choices)

"""FitNet (Romero et al., "FitNets: hints for thin deep nets", ICLR 2015), in one step and after every stage.

Legend: B faces, K channels, H x W places.

Equation 3: the squared distance of the teacher's features (the hint) and the student's behind a regressor. The paper
fits one layer first and trains on without it. This is the form of the F-SKD authors' comparison: the loss is there all
through training, after all four stages, mean over all numbers of a stage, then over the stages, with weight 1.5.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.adapted import AdaptedFeatures
from foveate.distill.trace import Trace


@final
class FitNet(AdaptedFeatures):
    """Mean squared difference of adapted features and the teacher's, mean over stages.

    Args:
        glob: after which modules features are compared.
        channels: the teacher's at each of these; None: as many as the student's.
    """

    def __init__(self, *, glob: str = "stage[1-4]", channels: tuple[int, ...] | None = None) -> None:
        super().__init__((glob,), channels)

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        return torch.stack([F.mse_loss(*pair) for pair in self.adapted(student, teacher)]).mean()

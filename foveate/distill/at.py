"""Attention transfer (Zagoruyko and Komodakis, "Paying more attention to attention", ICLR 2017).

Legend: B faces, C channels, H x W places, M = H W.

Equation 2: Q(f) is the mean over channels of f^2, flattened and divided by its length; the student's Q shall be the
teacher's after each stage. The distance is the authors' (the squared difference, mean over faces and places), the mean
over the stages that of the F-SKD authors' comparison.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.paired import paired_features
from foveate.distill.trace import Trace


@final
class AttentionTransfer(Distiller):
    """Squared distance of where the energy of the features lies, mean over stages.

    Args:
        cosine: 1 - <Q_S, Q_T> in place of the squared difference: the AT* of the A-SKD paper's Table 3.
        glob: after which modules features are compared.
    """

    reads = ("output",)
    across = True

    def __init__(self, *, cosine: bool = False, glob: str = "stage[1-4]") -> None:
        super().__init__()
        self.cosine, self.globs = cosine, (glob,)

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        pairs = paired_features(student, teacher, *self.globs)
        return torch.stack([self._distance(_energy(ours), _energy(theirs)) for ours, theirs in pairs]).mean()

    def _distance(self, ours: Float[Tensor, "B M"], theirs: Float[Tensor, "B M"]) -> Float[Tensor, ""]:
        return (1 - (ours * theirs).sum(1)).mean() if self.cosine else F.mse_loss(ours, theirs)


def _energy(features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B M"]:
    return F.normalize(features.square().mean(1).flatten(1))

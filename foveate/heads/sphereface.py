"""SphereFace (Liu et al., CVPR 2017): the angle to the own class counts m times (A-Softmax, equation 7).

Legend: B faces, D embedding size, N classes.
"""

import math
from typing import Final, final

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from foveate.errors import RecipeError
from foveate.heads.head import Head, replace_target

_STEPS: Final = 28_000
"""Steps of the authors' run on CASIA-WebFace."""


@final
class SphereFace(Head):
    """Logits |x| psi(theta) at the own class, |x| cos(theta) elsewhere; only the weights are normalised.

    psi(theta) = (-1)^k cos(m theta) - 2k, with k = floor(m theta / pi), falls from 1 to 1 - 2m without a break. It is
    too steep to begin with, so the own cosine is (lambda cos(theta) + psi(theta)) / (1 + lambda). In the authors' code
    lambda = max(5, 1000 / (1 + 0.12 step)); counted in shares of their 28,000 steps, as here, that is
    max(5, 1000 / (1 + 3360 progress)), which reaches its least value after 6 % of training, however long it is.

    Args:
        embedding: D.
        classes: N.
        margin: m, a whole number.
        blend: lambda at the start.
        least: the smallest lambda.
        decay: what multiplies ``progress`` above.

    Raises:
        RecipeError: a margin below 1.
    """

    def __init__(
        self,
        embedding: int,
        classes: int,
        *,
        margin: int = 4,
        blend: float = 1000.0,
        least: float = 5.0,
        decay: float = 0.12 * _STEPS,
    ) -> None:
        super().__init__(embedding, classes)
        if margin < 1:
            raise RecipeError(f"SphereFace's margin is {margin}", remedy="Give a whole number, 1 or more; 4 is usual.")
        self.margin, self.blend, self.least, self.decay = margin, blend, least, decay

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        cosine = self.cosine(embedding)
        own, weight = cosine.gather(1, label[:, None])[:, 0], self.weight_of_cosine(progress)
        target = (weight * own + psi(own, self.margin)) / (1 + weight)
        return torch.linalg.vector_norm(embedding, dim=1, keepdim=True) * replace_target(cosine, label, target)

    def weight_of_cosine(self, progress: float) -> float:
        """Lambda at this ``progress`` of training."""
        return max(self.least, self.blend / (1 + self.decay * progress))


def psi(cosine: Float[Tensor, " B"], margin: int) -> Float[Tensor, " B"]:
    """(-1)^k cos(m theta) - 2k from cos(theta), by Chebyshev's recurrence: no derivative is infinite at 0 or pi."""
    before, multiple = torch.ones_like(cosine), cosine
    for _ in range(margin - 1):
        before, multiple = multiple, 2 * cosine * multiple - before
    edges = cosine.new_tensor([math.cos(k * math.pi / margin) for k in range(1, margin)])
    k = (cosine[:, None] <= edges).sum(1)
    return (1 - 2 * (k % 2)) * multiple - 2 * k

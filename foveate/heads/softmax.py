"""Plain softmax classification: logits W x + b (equation 1 of the A-SKD paper).

Legend: B faces, D embedding size, N classes.
"""

from typing import final

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from foveate.heads.head import Head


@final
class Softmax(Head):
    """Linear logits.

    Args:
        embedding: D.
        classes: N.
        bias: whether b is learned; without it b = 0.
    """

    def __init__(self, embedding: int, classes: int, *, bias: bool = True) -> None:
        super().__init__(embedding, classes)
        self.bias = nn.Parameter(torch.zeros(classes)) if bias else None

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        return nn.functional.linear(embedding, self.weight, self.bias)

"""Efficient channel attention (Wang et al., CVPR 2020): a weight for each channel from the means around it.

Legend: B images, C channels, H x W pixels.
"""

import math
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.attention.attention import Attention
from foveate.attention.gating import weigh
from foveate.errors import RecipeError


@final
class ECA(Attention):
    """Channel attention sigma(conv(mean(x))), the convolution of one dimension, over the channels, without a bias.

    Args:
        channels: C.
        kernel: odd number of channels that decide about one; None for the odd number that ``neighbours`` gives.

    Raises:
        RecipeError: a kernel that has no middle.
    """

    def __init__(self, channels: int, kernel: int | None = None) -> None:
        super().__init__()
        size = neighbours(channels) if kernel is None else kernel
        if size < 1 or size % 2 == 0:
            raise RecipeError(f"ECA's kernel is {size}", remedy="Give an odd number.")
        self.convolution = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        means = x.mean((2, 3))[:, None]
        return weigh(x, self.gate(self.convolution(means).transpose(1, 2)[..., None]))


def neighbours(channels: int) -> int:
    """The paper's adaptive kernel: (log2(C) + 1) / 2 rounded down, and the next number if that is even."""
    whole = int((math.log2(channels) + 1) / 2)
    return whole + 1 - whole % 2

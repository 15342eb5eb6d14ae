"""Convolutional block attention (Woo et al., ECCV 2018) as A-SKD uses it: equations 3 to 6 of the paper.

Legend: B images, C channels, H x W pixels.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.attention.attention import Attention
from foveate.attention.gating import pool_channels, pool_places, weigh


@final
class CBAM(Attention):
    """Channel attention, then spatial attention of the channel-refined features.

    Args:
        channels: C.
        reduction: the hidden layer of the channel perceptron has C / reduction units, at least one.
        kernel: side of the spatial convolution: 7 in the paper, 3 in the released code.
    """

    def __init__(self, channels: int, reduction: int = 16, kernel: int = 7) -> None:
        super().__init__()
        self.channel = _Channel(channels, reduction)
        self.spatial = _Spatial(kernel)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return self.spatial(self.channel(x))


class _Channel(nn.Module):
    """A^c(f) = sigma(MLP(mean f) + MLP(max f)), one MLP for both, pooled over H x W (equation 5)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.perceptron = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False)
        )
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        x, mean, largest = pool_places(x)
        return weigh(x, self.gate(self.perceptron(mean) + self.perceptron(largest)))


class _Spatial(nn.Module):
    """A^s(f) = sigma(conv([mean f; max f])), pooled over C (equation 6); no bias, no normalisation."""

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        x, mean, largest = pool_channels(x)
        return weigh(x, self.gate(self.convolution(torch.cat([mean, largest], dim=1))))

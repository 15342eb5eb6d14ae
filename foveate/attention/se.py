"""Squeeze-and-excitation (Hu et al., CVPR 2018): a weight for each channel from its mean.

Legend: B images, C channels, H x W pixels.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.attention.attention import Attention
from foveate.attention.gating import weigh


@final
class SE(Attention):
    """Channel attention sigma(W2 relu(W1 mean(x))), the perceptron without biases.

    Args:
        channels: C.
        reduction: the hidden layer has C / reduction units, at least one.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.perceptron = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False)
        )
        self.gate = nn.Sigmoid()

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return weigh(x, self.gate(self.perceptron(x.mean((2, 3), keepdim=True))))

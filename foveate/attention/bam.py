"""Bottleneck attention (Park et al., BMVC 2018): channel and spatial attention side by side (equations 1 to 4).

Legend: B images, C channels, H x W pixels.
"""

from typing import Final, Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.attention.attention import Attention

_DILATION: Final = 4
"""Of the two 3 x 3 convolutions: together they see 17 x 17 places."""

Join = Literal["sum", "product"]


@final
class BAM(Attention):
    """x (1 + sigma(M_c(x) + M_s(x))), the logits M_c of the channels and M_s of the places spread over each other.

    Features are weighed by both logits together, so neither map is ever multiplied in alone. The two gates show what
    the maps would be: sigma(M_c) and sigma(M_s), which is what distillation compares.

    Layers are those of the authors' code, with BatchNorm behind each hidden layer (the paper has one at the end of each
    branch); a bias in front of a BatchNorm would do nothing and is left out.

    Args:
        channels: C.
        reduction: hidden layers have C / reduction channels, at least one.
        join: how the logits meet: their ``sum`` (the paper's equation 2), or their ``product`` (the authors' code).
    """

    def __init__(self, channels: int, reduction: int = 16, join: Join = "sum") -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.join: Join = join
        self.channel, self.spatial = _Channel(channels, hidden), _Spatial(channels, hidden)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        channel, spatial = self.channel(x), self.spatial(x)
        together = channel + spatial if self.join == "sum" else channel * spatial
        return x + x * together.sigmoid()


class _Channel(nn.Module):
    """M_c(x) = MLP(mean x), pooled over H x W (equation 3): logits of shape (B, C, 1, 1)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.perceptron = nn.Sequential(*_layer(channels, hidden, 1), nn.Conv2d(hidden, channels, 1))
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return _shown(self.perceptron(x.mean((2, 3), keepdim=True)), self.gate)


class _Spatial(nn.Module):
    """M_s(x) = f1x1(f3x3(f3x3(f1x1(x)))), the middle ones dilated (equation 4): logits of shape (B, 1, H, W)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        middle = [*_layer(hidden, hidden, 3), *_layer(hidden, hidden, 3)]
        self.convolutions = nn.Sequential(*_layer(channels, hidden, 1), *middle, nn.Conv2d(hidden, 1, 1))
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return _shown(self.convolutions(x), self.gate)


def _layer(channels: int, out: int, kernel: int) -> tuple[nn.Module, ...]:
    dilation = _DILATION if kernel > 1 else 1
    padding = dilation * (kernel // 2)
    convolution = nn.Conv2d(channels, out, kernel, padding=padding, dilation=dilation, bias=False)
    return convolution, nn.BatchNorm2d(out), nn.ReLU()


def _shown(logits: Tensor, gate: nn.Module) -> Tensor:
    """The logits themselves; the gate makes the map of them for those who tap it."""
    gate(logits)
    return logits

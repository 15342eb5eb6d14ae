"""A strided 1 x 1 convolution, as the shortcuts of residual networks have it.

Legend: B images, C channels, H x W pixels.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

VECTOR = 16
"""Numbers in the widest vector of a processor; oneDNN goes wrong where there are fewer channels."""


def pointwise(channels: int, out: int, stride: int) -> nn.Conv2d:
    """A 1 x 1 convolution without bias."""
    return (nn.Conv2d if channels >= VECTOR else _Narrow)(channels, out, 1, stride, bias=False)


@final
class _Narrow(nn.Conv2d):
    """One of few channels, which leaves out pixels first, with the same answer.

    oneDNN 3.12 writes past a buffer in the backward pass of its own strided one, in float32 with the channels last
    and fewer of them than a vector has numbers (github.com/uxlfoundation/oneDNN/issues/6035): the process dies, or
    learns nonsense.
    """

    def forward(self, input: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C2 H2 W2"]:  # noqa: A002 -- torch's name
        rows, columns = self.stride
        return F.conv2d(input[..., ::rows, ::columns], self.weight, self.bias)

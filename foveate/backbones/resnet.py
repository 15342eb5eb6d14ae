"""ResNet with attention in every block: the network of the A-SKD paper's Table 4.

Legend: B images, D embedding size, C channels, H x W pixels.

He et al., "Deep residual learning for image recognition", CVPR 2016; the stride of a bottleneck is that of its 3 x 3
convolution, as in PyTorch's networks. The attention sits at the end of the residual branch, before the addition, as in
CBAM's ResBlock (Woo et al., ECCV 2018, Fig. 3).
"""

from collections import OrderedDict
from typing import Final, final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.attention.cbam import CBAM
from foveate.backbones.backbone import Backbone, MakeAttention
from foveate.backbones.recompute import through_stages
from foveate.errors import RecipeError

BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each of the four stages, by the network's usual depth number."""

BOTTLENECKS: Final = 50
"""Networks of this depth and more have blocks of three convolutions, whose last has four times as many channels."""


@final
class ResNet(Backbone):
    """A residual network for photos.

    Args:
        depth: 18, 34, 50, 101 or 152.
        width: channels of the first stage; the others have 2, 4 and 8 times as many.
        embedding: D, of a linear layer behind the pooled features; None for these features themselves, as in the paper.
        attention: makes the attention module for a number of channels; None for a plain ResNet.
        dropout: probability on the pooled features.
        recompute: whether the activations inside a block are computed again for the backward pass rather than kept.
        size: side of the photos in pixels.

    Raises:
        RecipeError: a depth that does not exist.
    """

    def __init__(
        self,
        depth: int = 18,
        *,
        width: int = 64,
        embedding: int | None = None,
        attention: MakeAttention | None = CBAM,
        dropout: float = 0.0,
        recompute: bool = False,
        size: int = 224,
    ) -> None:
        super().__init__()
        if depth not in BLOCKS:
            raise RecipeError(f"there is no ResNet of depth {depth}", remedy=f"Choose one of {sorted(BLOCKS)}.")
        self.size, self.recompute = size, recompute
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, padding=3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, padding=1),
        )
        channels = width
        for stage, count in enumerate(BLOCKS[depth]):
            blocks = []
            for number in range(count):
                stride = 2 if stage > 0 and number == 0 else 1
                blocks.append(Block(channels, width * 2**stage, stride, depth >= BOTTLENECKS, attention))
                channels = blocks[-1].out
            self.add_module(f"stage{stage + 1}", nn.Sequential(*blocks))
        self.embedding = channels if embedding is None else embedding
        self.neck = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout))
        self.project = nn.Identity() if embedding is None else nn.Linear(channels, embedding)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        x = through_stages(self, self.stem(images), recompute=self.recompute)
        return self.project(self.neck(x))


@final
class Block(nn.Module):
    """relu(x + attention(branch(x))): two 3 x 3 convolutions, or a bottleneck of 1 x 1, 3 x 3 and 1 x 1.

    Args:
        channels: before the block.
        width: of its convolutions.
        stride: of its first 3 x 3 convolution, and of the shortcut.
        bottleneck: which of the two.
        attention: makes the attention module, or None.

    Attributes:
        out: channels after the block.
    """

    def __init__(
        self, channels: int, width: int, stride: int, bottleneck: bool, attention: MakeAttention | None
    ) -> None:
        super().__init__()
        self.out = 4 * width if bottleneck else width
        # Kernel, stride and channels of each convolution.
        layers = (
            [(1, 1, width), (3, stride, width), (1, 1, self.out)] if bottleneck else [(3, stride, width), (3, 1, width)]
        )
        parts, before = OrderedDict[str, nn.Module](), channels
        for number, (kernel, step, out) in enumerate(layers, start=1):
            parts[f"conv{number}"] = nn.Conv2d(before, out, kernel, step, padding=kernel // 2, bias=False)
            parts[f"norm{number}"] = nn.BatchNorm2d(out)
            if number < len(layers):
                parts[f"act{number}"] = nn.ReLU()
            before = out
        if attention is not None:
            parts["attention"] = attention(self.out)
        self.branch = nn.Sequential(parts)
        self.shortcut = (
            nn.Identity()
            if channels == self.out and stride == 1
            else nn.Sequential(nn.Conv2d(channels, self.out, 1, stride, bias=False), nn.BatchNorm2d(self.out))
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B out H2 W2"]:
        return F.relu(self.branch(x) + self.shortcut(x))

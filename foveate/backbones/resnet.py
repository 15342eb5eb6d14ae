"""ResNet with attention in every block: the network of the A-SKD paper's Table 4.

Legend: B images, D embedding size, C channels, H x W pixels.

He et al., "Deep residual learning for image recognition", CVPR 2016; the stride of a bottleneck is that of its 3 x 3
convolution, as in PyTorch's networks. The attention sits at the end of the residual branch, before the addition, as in
CBAM's ResBlock (Woo et al., ECCV 2018, Fig. 3).
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal, final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import deform_conv2d

from foveate.attention.cbam import CBAM
from foveate.backbones.backbone import Backbone, MakeAttention
from foveate.backbones.group_norm import GroupNorm
from foveate.backbones.pointwise import pointwise
from foveate.backbones.recompute import Stage, through_stages
from foveate.errors import RecipeError

BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each of the four stages, by the network's usual depth number."""

Norm = Literal["batch", "group"]

GROUPS: Final = 32

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
        norm: BatchNorm ("batch"), or GroupNorm with 32 groups ("group"; of two channels or more, so fewer of few).
        deformable: stages, of 1 to 4, whose 3 x 3 convolutions choose where they look (Dai et al., ICCV 2017).
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
        norm: Norm = "batch",
        deformable: tuple[int, ...] = (),
        size: int = 224,
    ) -> None:
        super().__init__()
        if depth not in BLOCKS:
            raise RecipeError(f"there is no ResNet of depth {depth}", remedy=f"Choose one of {sorted(BLOCKS)}.")
        self.size, self.recompute = size, recompute
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, padding=3, bias=False),
            normalisation(norm, width),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, padding=1),
        )
        channels = width
        for stage, count in enumerate(BLOCKS[depth]):
            blocks = []
            for number in range(count):
                stride = 2 if stage > 0 and number == 0 else 1
                plan = Plan(depth >= BOTTLENECKS, norm, stage + 1 in deformable)
                blocks.append(Block(channels, width * 2**stage, stride, plan, attention))
                channels = blocks[-1].out
            self.add_module(f"stage{stage + 1}", Stage(*blocks))
        self.embedding = channels if embedding is None else embedding
        self.neck = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout))
        self.project = nn.Identity() if embedding is None else nn.Linear(channels, embedding)
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d) and not name.endswith(".offset"):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        x = through_stages(self, self.stem(images), recompute=self.recompute)
        return self.project(self.neck(x))


@final
@dataclass(frozen=True)
class Plan:
    """How a block is built.

    Attributes:
        bottleneck: two 3 x 3 convolutions, or a bottleneck of 1 x 1, 3 x 3 and 1 x 1.
        norm: behind each convolution.
        deformable: whether 3 x 3 convolutions choose where they look.
    """

    bottleneck: bool
    norm: Norm
    deformable: bool


@final
class Block(nn.Module):
    """relu(x + attention(branch(x))): two 3 x 3 convolutions, or a bottleneck of 1 x 1, 3 x 3 and 1 x 1.

    Args:
        channels: before the block.
        width: of its convolutions.
        stride: of its first 3 x 3 convolution, and of the shortcut.
        plan: which of the two, and of what.
        attention: makes the attention module, or None.

    Attributes:
        out: channels after the block.
    """

    def __init__(self, channels: int, width: int, stride: int, plan: Plan, attention: MakeAttention | None) -> None:
        super().__init__()
        self.out = 4 * width if plan.bottleneck else width
        # Kernel, stride and channels of each convolution.
        layers = (
            [(1, 1, width), (3, stride, width), (1, 1, self.out)]
            if plan.bottleneck
            else [(3, stride, width), (3, 1, width)]
        )
        parts, before = OrderedDict[str, nn.Module](), channels
        for number, (kernel, step, out) in enumerate(layers, start=1):
            kind = Deformable if plan.deformable and kernel == 3 else nn.Conv2d
            parts[f"conv{number}"] = kind(before, out, kernel, step, padding=kernel // 2, bias=False)
            parts[f"norm{number}"] = normalisation(plan.norm, out)
            if number < len(layers):
                parts[f"act{number}"] = nn.ReLU()
            before = out
        if attention is not None:
            parts["attention"] = attention(self.out)
        self.branch = nn.Sequential(parts)
        self.shortcut = (
            nn.Identity()
            if channels == self.out and stride == 1
            else nn.Sequential(pointwise(channels, self.out, stride), normalisation(plan.norm, self.out))
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B out H2 W2"]:
        return F.relu(self.branch(x) + self.shortcut(x))


@final
class Deformable(nn.Module):
    """A convolution that draws from places it chooses itself (version 1); it begins as the plain convolution.

    Args:
        channels, out: before and after.
        kernel, stride, padding, bias: of the convolution.
    """

    def __init__(self, channels: int, out: int, kernel: int, stride: int, *, padding: int, bias: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, padding, bias=bias)
        self.offset = nn.Conv2d(channels, 2 * kernel * kernel, kernel, stride, padding)
        for value in self.offset.parameters():
            nn.init.zeros_(value)
        self._stride, self._padding = stride, padding

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B out H2 W2"]:
        offset, weight, bias = self.offset(x).float(), self.conv.weight, self.conv.bias
        stride, padding = (self._stride, self._stride), (self._padding, self._padding)
        return deform_conv2d(x.float(), offset, weight, bias, stride, padding).to(x.dtype)


def normalisation(norm: Norm, channels: int) -> nn.Module:
    """The normalisation of a number of channels; GroupNorm's groups have two or more, if there are as many.

    Raises:
        RecipeError: groups of one size cannot be made of so many channels.
    """
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    groups = groups_of(channels)
    if groups is None:
        raise RecipeError(
            f"{channels} channels cannot be normalised in {GROUPS} groups",
            remedy='Give a multiple of 32, or an even number below 64, or --norm "batch".',
        )
    return GroupNorm(groups, channels)


def groups_of(channels: int) -> int | None:
    """How many groups GroupNorm makes of so many channels; None if they cannot be of one size."""
    groups = min(GROUPS, max(1, channels // 2))
    return None if channels % groups else groups

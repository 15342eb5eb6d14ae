"""MobileFaceNet (Chen et al., CCBR 2018): a million parameters, for machines without a GPU.

Legend: B faces, D embedding size, C channels, H x W pixels.
"""

from collections import OrderedDict
from typing import Final, final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.backbones.backbone import Backbone, MakeAttention, initialise
from foveate.backbones.prelu import PReLU

STAGES: Final = (((64, 2, 2), (64, 1, 2)), ((128, 2, 4), (128, 1, 2)), ((128, 2, 4), (128, 1, 2)))
"""Table 1 of the paper, at its width of 64: channels, stride, expansion of each stage's first and other bottlenecks."""

REPEATS: Final = (5, 7, 3)
"""Bottlenecks in each of those stages."""


@final
class MobileFaceNet(Backbone):
    """Depthwise bottlenecks, and a depthwise layer over the whole last map in place of mean pooling.

    Args:
        embedding: D; 128 in the paper.
        width: channels of the first stage, 64 in the paper; all others grow or shrink with it.
        attention: makes the attention module for a number of channels, put at the end of each bottleneck's residual
            branch; None (the original) for none.
        size: side of the faces in pixels, a multiple of 16.
    """

    def __init__(
        self, embedding: int = 128, *, width: int = 64, attention: MakeAttention | None = None, size: int = 112
    ) -> None:
        super().__init__()
        self.embedding, self.size = embedding, size
        channels = width
        self.stage1 = nn.Sequential(
            _convolution(3, channels, 3, stride=2), _convolution(channels, channels, 3, groups=channels)
        )
        for number, ((first, other), repeats) in enumerate(zip(STAGES, REPEATS, strict=True), start=2):
            blocks: list[nn.Module] = []
            for block in range(repeats):
                out, stride, expansion = first if block == 0 else other
                out = out * width // 64
                blocks.append(Bottleneck(channels, out, stride, expansion, attention))
                channels = out
            self.add_module(f"stage{number}", nn.Sequential(*blocks))
        wide, side = 8 * width, size // 16
        self.neck = nn.Sequential(
            _convolution(channels, wide, 1),
            nn.Conv2d(wide, wide, side, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.Flatten(),
        )
        self.project = nn.Linear(wide, embedding, bias=False)
        self.normalise = nn.BatchNorm1d(embedding)
        initialise(self)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        x = images
        for stage in ("stage1", "stage2", "stage3", "stage4"):
            x = self.get_submodule(stage)(x)
        return self.normalise(self.project(self.neck(x)))


@final
class Bottleneck(nn.Module):
    """Expand (1 x 1), depthwise 3 x 3 with the stride, project (1 x 1); added to x where shapes agree.

    Args:
        channels, out: channels before and after.
        stride: of the depthwise convolution.
        expansion: factor on ``channels`` between the 1 x 1 convolutions.
        attention: makes the attention module, or None.
    """

    def __init__(self, channels: int, out: int, stride: int, expansion: int, attention: MakeAttention | None) -> None:
        super().__init__()
        wide = channels * expansion
        self.residual = channels == out and stride == 1
        self.branch = nn.Sequential(
            OrderedDict(
                expand=_convolution(channels, wide, 1),
                depthwise=_convolution(wide, wide, 3, stride=stride, groups=wide),
                project=nn.Conv2d(wide, out, 1, bias=False),
                norm=nn.BatchNorm2d(out),
                **({"attention": attention(out)} if attention else {}),
            )
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C2 H2 W2"]:
        return x + self.branch(x) if self.residual else self.branch(x)


def _convolution(channels: int, out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(out),
        PReLU(out),
    )

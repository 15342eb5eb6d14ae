"""The network of the plain path: IResNet with CBAM in PyTorch's own modules, as the authors' released code builds it.

Legend: B faces, D embedding size, C channels, H x W pixels.

The names of its weights are those of ``foveate.backbones.iresnet``, so that the weights of one load into the other.
"""

from collections import OrderedDict
from typing import Self, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.backbones.iresnet import BLOCKS
from foveate.backbones.pointwise import pointwise
from foveate.scale import Scale


@final
class PlainIResNet(nn.Module):
    """IResNet with a CBAM at the end of each block's residual branch.

    Args:
        depth: 18, 34, 50, 100 or 152.
        width: channels of the first stage.
        embedding: D.
        reduction: of CBAM's perceptrons.
        kernel: side of CBAM's spatial convolution; 3 in the released code, 7 in the paper.
        stem_stride, dropout, size: as in ``IResNet``.
    """

    def __init__(
        self,
        depth: int = 50,
        *,
        width: int = 64,
        embedding: int = 512,
        reduction: int = 16,
        kernel: int = 3,
        stem_stride: int = 1,
        dropout: float = 0.4,
        size: int = 112,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, stem_stride, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(width)
        )
        side, channels = -(-size // stem_stride), width
        for stage, count in enumerate(BLOCKS[depth]):
            wider = width * 2**stage
            blocks = [_Block(channels, wider, 2, reduction, kernel)]
            blocks += [_Block(wider, wider, 1, reduction, kernel) for _ in range(count - 1)]
            self.add_module(f"stage{stage + 1}", nn.Sequential(*blocks))
            side, channels = -(-side // 2), wider
        self.neck = nn.Sequential(nn.BatchNorm2d(channels), nn.Dropout(dropout), nn.Flatten())
        self.project = nn.Linear(channels * side * side, embedding)
        self.normalise = nn.BatchNorm1d(embedding)

    @classmethod
    def of(cls, scale: Scale, *, kernel: int = 3) -> Self:
        """The network of a scale."""
        names = ("width", "embedding", "reduction", "stem_stride", "dropout")
        return cls(scale.depth, kernel=kernel, **{name: getattr(scale, name) for name in names})

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        x = self.stem(images)
        for stage in ("stage1", "stage2", "stage3", "stage4"):
            x = self.get_submodule(stage)(x)
        return self.normalise(self.project(self.neck(x)))


class _Block(nn.Module):
    def __init__(self, channels: int, out: int, stride: int, reduction: int, kernel: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            OrderedDict(
                norm1=nn.BatchNorm2d(channels),
                conv1=nn.Conv2d(channels, out, 3, padding=1, bias=False),
                norm2=nn.BatchNorm2d(out),
                act=nn.PReLU(out),
                conv2=nn.Conv2d(out, out, 3, stride, padding=1, bias=False),
                norm3=nn.BatchNorm2d(out),
                attention=_CBAM(out, reduction, kernel),
            )
        )
        self.shortcut = (
            nn.Identity()
            if channels == out and stride == 1
            else nn.Sequential(pointwise(channels, out, stride), nn.BatchNorm2d(out))
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.branch(x)


class _CBAM(nn.Module):
    def __init__(self, channels: int, reduction: int, kernel: int) -> None:
        super().__init__()
        self.channel, self.spatial = _Channel(channels, reduction), _Spatial(kernel)

    def forward(self, x: Tensor) -> Tensor:
        return self.spatial(self.channel(x))


class _Channel(nn.Module):
    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.mean, self.largest = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)
        self.perceptron = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False)
        )
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(self.perceptron(self.mean(x)) + self.perceptron(self.largest(x)))


class _Spatial(nn.Module):
    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return x * self.gate(self.convolution(pooled))

"""IResNet with attention in every block: the network of ArcFace and of A-SKD (released code).

Legend: B faces, D embedding size, C channels, H x W pixels.

Duta et al., "Improved residual networks for image and video recognition", ICPR 2020; Deng et al., "ArcFace",
CVPR 2019; the attention sits at the end of the residual branch, before the addition.
"""

from collections import OrderedDict
from typing import Final, Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.attention.cbam import CBAM
from foveate.backbones.backbone import Backbone, MakeAttention, initialise
from foveate.backbones.pointwise import pointwise
from foveate.backbones.prelu import PReLU
from foveate.backbones.recompute import Stage, through_stages
from foveate.errors import RecipeError

BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3), 152: (3, 8, 36, 3)}
"""Blocks in each of the four stages, by the network's usual depth number."""

Sites = Literal["block", "conv"]
Shortcut = Literal["convolution", "subsample"]


@final
class IResNet(Backbone):
    """A residual network for aligned faces.

    Args:
        depth: 18, 34, 50, 100 or 152.
        width: channels of the first stage; the others have 2, 4 and 8 times as many.
        embedding: D.
        attention: makes the attention module for a number of channels; None for a plain IResNet.
        sites: ``block`` puts one attention module at the end of each block, as the released code does; ``conv``
            puts one after each 3 x 3 convolution, as the paper's text literally says.
        shortcut: what a strided block whose channels stay adds its branch to, as the first block does: ``convolution``
            (1 x 1, with BatchNorm) as in insightface and in the released code, ``subsample`` (every second pixel) as
            in AdaFace's code.
        stem_stride: 1 in the paper; 2 makes everything four times cheaper.
        dropout: probability before the last linear layer.
        recompute: whether the activations inside a block are computed again for the backward pass rather than kept;
            about a third slower, a fraction of the memory.
        size: side of the faces in pixels.

    Raises:
        RecipeError: a depth that does not exist.
    """

    def __init__(
        self,
        depth: int = 50,
        *,
        width: int = 64,
        embedding: int = 512,
        attention: MakeAttention | None = CBAM,
        sites: Sites = "block",
        shortcut: Shortcut = "convolution",
        stem_stride: int = 1,
        dropout: float = 0.4,
        recompute: bool = False,
        size: int = 112,
    ) -> None:
        super().__init__()
        if depth not in BLOCKS:
            raise RecipeError(f"there is no IResNet of depth {depth}", remedy=f"Choose one of {sorted(BLOCKS)}.")
        self.embedding, self.size, self.recompute = embedding, size, recompute
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, stem_stride, padding=1, bias=False), nn.BatchNorm2d(width), PReLU(width)
        )
        side, channels = -(-size // stem_stride), width
        for stage, count in enumerate(BLOCKS[depth]):
            wider = width * 2**stage
            blocks = [IRBlock(channels, wider, 2, attention, sites, shortcut)]
            blocks += [IRBlock(wider, wider, 1, attention, sites) for _ in range(count - 1)]
            self.add_module(f"stage{stage + 1}", Stage(*blocks))
            side, channels = -(-side // 2), wider
        self.neck = nn.Sequential(nn.BatchNorm2d(channels), nn.Dropout(dropout), nn.Flatten())
        self.project = nn.Linear(channels * side * side, embedding)
        self.normalise = nn.BatchNorm1d(embedding)
        initialise(self)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        x = through_stages(self, self.stem(images), recompute=self.recompute)
        return self.normalise(self.project(self.neck(x)))


@final
class IRBlock(nn.Module):
    """x + attention(norm, conv, norm, prelu, conv, norm), the last convolution with the stride.

    Args:
        channels, out: channels before and after.
        stride: of the second convolution, and of the shortcut.
        attention: makes the attention module, or None.
        sites, shortcut: see ``IResNet``.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        stride: int,
        attention: MakeAttention | None,
        sites: Sites = "block",
        shortcut: Shortcut = "convolution",
    ) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            OrderedDict(
                norm1=nn.BatchNorm2d(channels),
                conv1=nn.Conv2d(channels, out, 3, padding=1, bias=False),
                norm2=nn.BatchNorm2d(out),
                act=PReLU(out),
                **({"inner": attention(out)} if attention and sites == "conv" else {}),
                conv2=nn.Conv2d(out, out, 3, stride, padding=1, bias=False),
                norm3=nn.BatchNorm2d(out),
                **({"attention": attention(out)} if attention else {}),
            )
        )
        if channels == out and (stride == 1 or shortcut == "subsample"):
            self.shortcut = nn.Identity() if stride == 1 else nn.MaxPool2d(1, stride)
        else:
            self.shortcut = nn.Sequential(pointwise(channels, out, stride), nn.BatchNorm2d(out))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C2 H2 W2"]:
        return self.shortcut(x) + self.branch(x)

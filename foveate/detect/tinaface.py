"""TinaFace (Zhu et al., "TinaFace: Strong but Simple Baseline for Face Detection", 2020), with attention.

Legend: B photos, A anchors, C channels, H x W pixels.

ResNet with GroupNorm and deformable convolutions in its last two stages; a feature pyramid of six levels, P2 to P7; an
inception neck and two towers that all levels share; for each anchor a face's logit, its box, and how well that fits.
A-SKD puts CBAM at the end of each residual branch (the A-SKD paper, section 4.5, does not say where).
"""

from collections import OrderedDict
from math import log
from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.attention.cbam import CBAM
from foveate.backbones.backbone import MakeAttention
from foveate.backbones.resnet import Norm, ResNet, normalisation
from foveate.blueprint import Recorded
from foveate.detect.anchors import PER_PLACE

PRIOR: Final = 0.01
"""Probability of a face at the start, so that the many places without one do not drown the few with one."""


@final
class TinaFace(Recorded, nn.Module):
    """Photos -> what is at every anchor.

    Args:
        depth: of the ResNet.
        width: channels of its first stage.
        attention: makes the attention module for a number of channels; None for a plain TinaFace.
        norm: GroupNorm ("group") or BatchNorm ("batch"), everywhere.
        deformable: stages of the ResNet whose 3 x 3 convolutions choose where they look.
        channels: C of pyramid and towers; a multiple of 4.
        tower: 3 x 3 convolutions in each of the two towers.
    """

    def __init__(
        self,
        depth: int = 50,
        *,
        width: int = 64,
        attention: MakeAttention | None = CBAM,
        norm: Norm = "group",
        deformable: tuple[int, ...] = (3, 4),
        channels: int = 256,
        tower: int = 4,
    ) -> None:
        super().__init__()
        backbone = ResNet(depth, width=width, attention=attention, norm=norm, deformable=deformable)
        self.stem = backbone.stem
        for stage in ("stage1", "stage2", "stage3", "stage4"):
            self.add_module(stage, backbone.get_submodule(stage))
        expansion = backbone.embedding // (8 * width)
        self.pyramid = Pyramid([expansion * width * 2**stage for stage in range(4)], channels, norm)
        self.neck = Inception(channels, norm)
        self.face_tower, self.box_tower = _tower(channels, tower, norm), _tower(channels, tower, norm)
        self.face = nn.Conv2d(channels, PER_PLACE, 3, padding=1)
        self.box = nn.Conv2d(channels, 4 * PER_PLACE, 3, padding=1)
        self.fit = nn.Conv2d(channels, PER_PLACE, 3, padding=1)
        _begin(self)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B A 6"]:
        """Answers by level, row, column and anchor, in the order of ``foveate.detect.anchors``: see ``Raw.of``."""
        x, features = self.stem(images), []
        for stage in ("stage1", "stage2", "stage3", "stage4"):
            x = self.get_submodule(stage)(x)
            features.append(x)
        found: list[list[Tensor]] = [[], [], []]
        for level in self.pyramid(features):
            shared = self.neck(level)
            faces, boxes = self.face_tower(shared), self.box_tower(shared)
            for kind, answer in zip(found, (self.face(faces), self.box(boxes), self.fit(boxes)), strict=True):
                kind.append(answer.permute(0, 2, 3, 1).flatten(1))
        face, box, fit = (torch.cat(kind, dim=1) for kind in found)
        return torch.cat([face[..., None], box.unflatten(1, (-1, 4)), fit[..., None]], dim=2)


@final
class Pyramid(nn.Module):
    """Features of four stages -> six levels of C channels (FPN; Lin et al., CVPR 2017), without activations.

    Args:
        stages: channels of the four stages.
        channels: C.
        norm: behind each convolution.
    """

    def __init__(self, stages: list[int], channels: int, norm: Norm) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(_normed(own, channels, 1, norm) for own in stages)
        self.output = nn.ModuleList(_normed(channels, channels, 3, norm) for _ in stages)
        self.coarse = nn.ModuleList(_normed(own, channels, 3, norm, stride=2) for own in (stages[-1], channels))

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """P2 to P5 from the stages, coarser ones added to finer ones (bilinear); P6 from the last stage, P7 from P6."""
        merged = [lateral(each) for lateral, each in zip(self.lateral, features, strict=True)]
        for place in (2, 1, 0):
            wider = F.interpolate(merged[place + 1], merged[place].shape[2:], mode="bilinear")
            merged[place] = merged[place] + wider
        levels = [output(each) for output, each in zip(self.output, merged, strict=True)]
        last = features[-1]
        for coarse in self.coarse:
            last = coarse(last)
            levels.append(last)
        return levels


@final
class Inception(nn.Module):
    """Fields of view of 3, 5 and 7 pixels, side by side (TinaFace, section 3; the context module of SSH).

    Args:
        channels: C, before and after.
        norm: behind each convolution.
    """

    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        half, quarter = channels // 2, channels // 4
        self.three = _normed(channels, half, 3, norm)
        self.narrow = _normed(channels, quarter, 3, norm)
        self.five = _normed(quarter, quarter, 3, norm)
        self.deep = _normed(quarter, quarter, 3, norm)
        self.seven = _normed(quarter, quarter, 3, norm)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        narrow = F.relu(self.narrow(x))
        return F.relu(torch.cat([self.three(x), self.five(narrow), self.seven(F.relu(self.deep(narrow)))], dim=1))


def _normed(channels: int, out: int, kernel: int, norm: Norm, *, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, out, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.xavier_uniform_(convolution.weight)
    return nn.Sequential(OrderedDict(conv=convolution, norm=normalisation(norm, out)))


def _tower(channels: int, length: int, norm: Norm) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(length):
        layers += [_normed(channels, channels, 3, norm), nn.ReLU()]
    return nn.Sequential(*layers)


def _begin(network: TinaFace) -> None:
    """Towers and face logits of small weights, boxes and fits of none, and faces improbable."""
    for tower in (network.face_tower, network.box_tower):
        for module in tower.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
    nn.init.normal_(network.face.weight, std=0.01)
    for answer, bias in (
        (network.face, -log(1 / PRIOR - 1)),
        (network.box, 0.0),
        (network.fit, 0.0),
    ):
        assert answer.bias is not None
        nn.init.constant_(answer.bias, bias)
    for answer in (network.box, network.fit):
        nn.init.zeros_(answer.weight)

"""Networks of other projects, written down naively from their published descriptions, with their own names.

- insightface's iresnet (arcface_torch): Deng et al., "ArcFace", CVPR 2019; Duta et al., ICPR 2020.
- AdaFace's IR and IR-SE: Kim et al., "AdaFace", CVPR 2022.
- The A-SKD authors' IR with CBAM: Shin et al., "Teaching Where to Look", ECCV 2022.

Legend: B faces, D embedding size.
"""

from collections.abc import Callable

import pytest
import torch
from torch import nn

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3)}


def _conv(inputs, outputs, kernel=3, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


def _plan(depth, width):
    """Channels before and after, and stride, of every block, stage by stage."""
    stages, before = [], width
    for stage, count in enumerate(BLOCKS[depth]):
        after = width * 2**stage
        stages.append([(before, after, 2), *[(after, after, 1)] * (count - 1)])
        before = after
    return stages


class ArcFaceBlock(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(before), _conv(before, after)
        self.bn2, self.prelu = nn.BatchNorm2d(after), nn.PReLU(after)
        self.conv2, self.bn3 = _conv(after, after, stride=stride), nn.BatchNorm2d(after)
        self.downsample = None
        if stride == 2:
            self.downsample = nn.Sequential(_conv(before, after, 1, stride), nn.BatchNorm2d(after))

    def forward(self, x):
        answer = self.conv1(self.bn1(x))
        answer = self.conv2(self.prelu(self.bn2(answer)))
        return self.bn3(answer) + (x if self.downsample is None else self.downsample(x))


class ArcFaceTorch(nn.Module):
    def __init__(self, depth, width, embedding):
        super().__init__()
        self.conv1, self.bn1, self.prelu = _conv(3, width), nn.BatchNorm2d(width), nn.PReLU(width)
        for number, stage in enumerate(_plan(depth, width), start=1):
            setattr(self, f"layer{number}", nn.Sequential(*(ArcFaceBlock(*block) for block in stage)))
        self.bn2, self.dropout = nn.BatchNorm2d(8 * width), nn.Dropout(0.0)
        self.fc, self.features = nn.Linear(8 * width * 7 * 7, embedding), nn.BatchNorm1d(embedding)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.features(self.fc(self.dropout(self.bn2(x).flatten(1))))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = _conv(channels, channels // 16, 1), _conv(channels // 16, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


def _residual(before, after, stride):
    return nn.Sequential(
        nn.BatchNorm2d(before),
        _conv(before, after),
        nn.BatchNorm2d(after),
        nn.PReLU(after),
        _conv(after, after, stride=stride),
        nn.BatchNorm2d(after),
    )


class AdaFaceBlock(nn.Module):
    def __init__(self, before, after, stride, squeeze):
        super().__init__()
        self.stride, self.res_layer = stride, _residual(before, after, stride)
        if squeeze:
            self.res_layer.add_module("se_block", SqueezeExcite(after))
        if before != after:
            self.shortcut_layer = nn.Sequential(_conv(before, after, 1, stride), nn.BatchNorm2d(after))

    def forward(self, x):
        around = self.shortcut_layer(x) if hasattr(self, "shortcut_layer") else x[:, :, :: self.stride, :: self.stride]
        return self.res_layer(x) + around


def _output(channels, embedding, affine):
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.Dropout(0.4),
        nn.Flatten(),
        nn.Linear(channels * 7 * 7, embedding),
        nn.BatchNorm1d(embedding, affine=affine),
    )


class AdaFace(nn.Module):
    """Answers with the embedding before it is normalised."""

    def __init__(self, depth, width, embedding, squeeze=False):
        super().__init__()
        self.input_layer = nn.Sequential(_conv(3, width), nn.BatchNorm2d(width), nn.PReLU(width))
        blocks = [block for stage in _plan(depth, width) for block in stage]
        self.body = nn.Sequential(*(AdaFaceBlock(*block, squeeze) for block in blocks))
        self.output_layer = _output(8 * width, embedding, affine=False)

    def forward(self, x):
        return self.output_layer(self.body(self.input_layer(x)))


class Channel(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = channels // 16
        self.shared_mlp = nn.Sequential(_conv(channels, hidden, 1), nn.ReLU(), _conv(hidden, channels, 1))

    def forward(self, x):
        pooled = self.shared_mlp(x.mean((2, 3), keepdim=True)) + self.shared_mlp(x.amax((2, 3), keepdim=True))
        return x * torch.sigmoid(pooled)


class Spatial(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = _conv(2, 1, 3)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)))


class ReleasedBlock(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.res_layer = _residual(before, after, stride)
        self.channel_layer, self.spatial_layer = Channel(after), Spatial()
        self.shortcut_layer = None
        if stride == 2:
            self.shortcut_layer = nn.Sequential(_conv(before, after, 1, stride), nn.BatchNorm2d(after))

    def forward(self, x):
        around = x if self.shortcut_layer is None else self.shortcut_layer(x)
        return around + self.spatial_layer(self.channel_layer(self.res_layer(x)))


class Released(nn.Module):
    def __init__(self, depth, width, embedding):
        super().__init__()
        self.input_layer = nn.Sequential(_conv(3, width), nn.BatchNorm2d(width), nn.PReLU(width))
        for number, stage in enumerate(_plan(depth, width), start=1):
            setattr(self, f"layer{number}", nn.Sequential(*(ReleasedBlock(*block) for block in stage)))
        self.output_layer = _output(8 * width, embedding, affine=True)

    def forward(self, x):
        x = self.input_layer(x)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.output_layer(x)


@pytest.fixture
def foreign() -> Callable[..., nn.Module]:
    """Makes a network of another project, by the name of its kind ("adaface_se" with SE), with random weights."""

    def make(kind: str, depth: int = 18, width: int = 16, embedding: int = 8) -> nn.Module:
        if kind.startswith("adaface"):
            return randomised(AdaFace(depth, width, embedding, squeeze=kind == "adaface_se"))
        return randomised({"released": Released, "arcface_torch": ArcFaceTorch}[kind](depth, width, embedding))

    return make


@pytest.fixture
def faces() -> torch.Tensor:
    """Three faces of noise, values in [-1, 1]."""
    return torch.rand(3, 3, 112, 112, generator=torch.Generator().manual_seed(1)) * 2 - 1


def randomised(network, seed=0):
    """The same network in evaluation mode, every number of it drawn so that activations neither grow nor vanish."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in network.state_dict().items():
        if value.ndim > 1:
            deviation = (1 / value[0].numel()) ** 0.5
            value.normal_(0.0, deviation, generator=generator)
        elif name.endswith(("weight", "running_var")):
            value.uniform_(0.5, 1.5, generator=generator)
        elif value.is_floating_point():
            value.normal_(0.0, 0.2, generator=generator)
        else:
            value.fill_(7)
    return network.eval()

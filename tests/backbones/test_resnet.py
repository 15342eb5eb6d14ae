"""ResNet is torchvision's where it has no attention, and CBAM stands where it should."""

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.backbones.resnet import ResNet
from foveate.errors import RecipeError
from foveate.taps import Taps


def test_resnet_18_with_cbam_has_eight_blocks_and_sixteen_maps():
    network = ResNet(18, width=8, size=64)
    embedding, caught = Taps(network, ["*.gate"])(torch.randn(2, 3, 64, 64))
    assert embedding.shape == (2, 64)
    maps = caught["*.gate"]
    assert len(maps) == 16
    assert [call.stage for call in maps] == [f"stage{stage}" for stage in (1, 2, 3, 4) for _ in range(4)]
    sides = [call.output.shape[2] for call in maps[1::2]]
    assert sides == [16, 16, 8, 8, 4, 4, 2, 2]


def test_the_paper_scale_has_the_parameters_of_resnet_18_and_its_attention():
    with torch.device("meta"):
        plain, attentive = (ResNet(18, attention=kind) for kind in (None, CBAM))
    counts = [sum(value.numel() for value in network.parameters()) for network in (plain, attentive)]
    assert counts[0] == 11_176_512  # torchvision's resnet18 without its classifier
    # Twice C * C / 16 for the channels, 2 * 49 for the places, in two blocks of each stage.
    assert counts[1] - counts[0] == sum(2 * (2 * c * c // 16 + 98) for c in (64, 128, 256, 512))


def test_a_depth_that_does_not_exist_is_refused():
    with pytest.raises(RecipeError, match="no ResNet of depth 20"):
        ResNet(20)

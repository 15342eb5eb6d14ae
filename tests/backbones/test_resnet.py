"""ResNet is torchvision's where it has no attention, and CBAM stands where it should."""

import pytest
import torch
import torchvision

from foveate.attention.cbam import CBAM
from foveate.backbones.resnet import ResNet
from foveate.errors import RecipeError
from foveate.taps import Taps


def _renamed(network):
    """Our names of torchvision's weights."""
    names = {}
    for name in network.state_dict():
        ours = name.replace("layer", "stage").replace("downsample", "shortcut")
        ours = ours.replace("conv1", "stem.0", 1) if name.startswith("conv1") else ours
        ours = ours.replace("bn1", "stem.1", 1) if name.startswith("bn1") else ours
        for number in (1, 2, 3):
            if ours.startswith("stage"):
                ours = ours.replace(f".conv{number}.", f".branch.conv{number}.")
                ours = ours.replace(f".bn{number}.", f".branch.norm{number}.")
        names[name] = ours
    return names


@pytest.mark.parametrize("depth", [18, 50])
def test_without_attention_it_is_torchvisions_network(depth):
    torch.manual_seed(0)
    theirs = getattr(torchvision.models, f"resnet{depth}")(weights=None)
    theirs.fc = torch.nn.Identity()
    ours = ResNet(depth, attention=None, size=64)
    names = _renamed(theirs)
    ours.load_state_dict({names[name]: value for name, value in theirs.state_dict().items()})
    images = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(ours.eval()(images), theirs.eval()(images), rtol=1e-4, atol=1e-5)


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

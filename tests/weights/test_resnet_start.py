"""A ResNet that begins with torchvision's weights is torchvision's, and a detector begins with all it has of them."""

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from foveate.attention.cbam import CBAM
from foveate.backbones.resnet import ResNet
from foveate.detect.tinaface import TinaFace
from foveate.errors import CheckpointError
from foveate.weights.resnet_start import begin_with


@pytest.fixture(scope="module", params=[18, 50])
def theirs(request, tmp_path_factory):
    """A network of torchvision with drawn weights and statistics, its depth, and its file."""
    torch.manual_seed(0)
    network = getattr(torchvision.models, f"resnet{request.param}")(weights=None)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
    file = tmp_path_factory.mktemp("weights") / "resnet.pth"
    torch.save(network.state_dict(), file)
    network.fc = torch.nn.Identity()
    return network.eval(), request.param, file


def test_without_attention_it_is_torchvisions_network(theirs):
    network, depth, file = theirs
    ours = ResNet(depth, attention=None, size=64)
    counters = sum(name.endswith(".num_batches_tracked") for name in ours.state_dict())
    assert begin_with(ours, file) == len(ours.state_dict()) - counters
    images = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(ours.eval()(images), network(images), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", ["group", "batch"])
def test_a_detector_takes_convolutions_and_batchnorm_and_draws_the_rest(theirs, norm):
    network, depth, file = theirs
    made = TinaFace(depth, attention=CBAM, norm=norm, channels=16, tower=1, deformable=(4,))
    before = {name: value.clone() for name, value in made.state_dict().items()}
    begin_with(made, file)
    state, known = made.state_dict(), network.state_dict()
    last = "conv3" if depth == 50 else "conv2"
    assert torch.equal(state[f"stage3.1.branch.{last}.weight"], known[f"layer3.1.{last}.weight"])
    bent = "stage4.1.branch.conv2"
    assert torch.equal(state[f"{bent}.conv.weight"], known["layer4.1.conv2.weight"])
    assert not state[f"{bent}.offset.weight"].any()
    assert torch.equal(state["stem.1.running_mean"], known["bn1.running_mean"]) if norm == "batch" else True
    stays = [name for name in state if "attention" in name or not name.startswith(("stem", "stage"))]
    stays += [name for name in state if norm == "group" and ".norm" in name]
    assert all(torch.equal(state[name], before[name]) for name in stays)


def test_another_resnet_is_refused_with_the_first_tensor_that_differs(theirs, tmp_path):
    _, depth, file = theirs
    with pytest.raises(CheckpointError, match=r"another ResNet .* is \(64, 3, 7, 7\), not \(32, 3, 7, 7\)"):
        begin_with(ResNet(depth, width=32, size=64), file)
    save_file({"layer1.0.conv1.weight": torch.zeros(3)}, tmp_path / "few.safetensors")
    with pytest.raises(CheckpointError, match="is missing"):
        begin_with(ResNet(depth, size=64), tmp_path / "few.safetensors")

"""Every attention module keeps the promises of ``Attention`` and serves wherever ``--attention NAME`` puts it.

A new file in ``foveate/attention`` is found and tested without a line here.
"""

import inspect
from pathlib import Path

import pytest
import torch

from foveate.attention.attention import Attention
from foveate.discover import classes
from foveate.face_task import FaceTask
from foveate.scale import Scale
from foveate.taps import Taps

KINDS = classes("attention", Attention)
TASK = FaceTask(Path("nowhere"), scale=Scale(depth=18, width=4, stem_stride=2, embedding=8, reduction=2))


@pytest.fixture(params=KINDS, ids=str)
def name(request):
    return request.param


@pytest.fixture
def module(name):
    torch.manual_seed(0)
    return KINDS[name](8, reduction=2).eval()


@pytest.fixture
def features():
    return torch.randn(3, 8, 6, 6, generator=torch.Generator().manual_seed(0))


def test_it_is_final_and_documented(name):
    assert KINDS[name].__final__
    assert inspect.getdoc(KINDS[name])
    assert inspect.getdoc(inspect.getmodule(KINDS[name]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype_are_kept(module, features, dtype):
    answer = module.to(dtype)(features.to(dtype))
    assert answer.shape == features.shape
    assert answer.dtype == dtype


def test_bfloat16_autocast_is_near(module, features):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer = module(features).float()
    torch.testing.assert_close(answer, module(features), rtol=0.05, atol=0.05)


def test_other_sides_and_channels_fit(name):
    for channels, height, width in ((16, 7, 7), (64, 2, 3), (2, 1, 1)):
        features = torch.randn(2, channels, height, width)
        assert KINDS[name](channels, reduction=2)(features).shape == features.shape


def test_maps_come_out_of_gates_and_weigh_channels_or_places(module, features):
    _, caught = Taps(module, ["*gate"])(features)
    assert caught["*gate"]
    for item in caught["*gate"]:
        assert item.name.split(".")[-1] == "gate"
        assert item.input.shape == item.output.shape
        assert item.output.shape in {(3, 8, 1, 1), (3, 1, 6, 6)}
        assert (item.output >= 0).all()
        order = item.input.flatten().argsort()
        assert (item.output.flatten()[order].diff() >= 0).all(), "a map must rise with its logits"


def test_each_image_is_weighed_by_itself(module, features):
    together = module(features)
    torch.testing.assert_close(module(features[1:2]), together[1:2])
    torch.testing.assert_close(module(features.flip(0)), together.flip(0))


def test_features_are_left_as_they_are(module, features):
    before = features.clone()
    module(features)
    assert torch.equal(features, before)


def test_gradients_reach_features_and_every_weight(name, features):
    torch.manual_seed(0)
    module = KINDS[name](8, reduction=2).train()
    features.requires_grad_()
    (module(features) * torch.randn(features.shape)).sum().backward()
    for parameter in [features, *module.parameters()]:
        assert parameter.grad.isfinite().all()
        assert parameter.grad.abs().sum() > 0


@pytest.mark.parametrize("sites", ["block", "conv"])
def test_the_command_lines_network_carries_it_in_every_block(name, sites):
    torch.manual_seed(0)
    network = TASK.network(name, sites).eval()
    gates = Taps(network, ["*.gate"]).names["*.gate"]
    alone = len(Taps(KINDS[name](8, reduction=2), ["*gate"]).names["*gate"])
    assert len(gates) == alone * 8 * (2 if sites == "conv" else 1)
    assert network(torch.zeros(2, 3, 112, 112)).isfinite().all()

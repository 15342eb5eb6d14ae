"""Every attention module keeps the promises of ``Attention`` and serves wherever ``--attention NAME`` puts it.

A new file in ``foveate/attention`` is found and tested without a line here.
"""

import copy
import dataclasses
import inspect
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from foveate.attention.attention import Attention
from foveate.backbones.iresnet import IResNet
from foveate.discover import classes
from foveate.distill.askd import AttentionSimilarity
from foveate.face_task import FaceTask
from foveate.fold import folded
from foveate.heads.arcface import ArcFace
from foveate.objective import Objective, Weighted
from foveate.scale import Scale
from foveate.taps import Taps
from foveate.teacher import LiveTeacher
from foveate.views import Views

KINDS = classes("attention", Attention)
TASK = FaceTask(Path("nowhere"), scale=Scale(depth=18, width=4, stem_stride=2, embedding=8, reduction=2))


def make(name, channels):
    """As the command line makes it: with a reduction, if the module knows any."""
    known = inspect.signature(KINDS[name]).parameters
    return KINDS[name](channels, **({"reduction": 2} if "reduction" in known else {}))


@pytest.fixture(params=KINDS, ids=str)
def name(request):
    return request.param


@pytest.fixture
def module(name):
    torch.manual_seed(0)
    return make(name, 8).eval()


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
        assert make(name, channels)(features).shape == features.shape


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
    module = make(name, 8).train()
    features.requires_grad_()
    (module(features) * torch.randn(features.shape)).sum().backward()
    for parameter in [features, *module.parameters()]:
        assert parameter.grad.isfinite().all()
        assert parameter.grad.abs().sum() > 0


@pytest.mark.parametrize("sites", ["block", "conv"])
def test_the_command_lines_network_carries_it_in_every_block(name, sites):
    torch.manual_seed(0)
    network = dataclasses.replace(TASK, attention=name, sites=sites).network().eval()
    gates = Taps(network, ["*.gate"]).names["*.gate"]
    alone = len(Taps(make(name, 8), ["*gate"]).names["*gate"])
    assert len(gates) == alone * 8 * (2 if sites == "conv" else 1)
    assert network(torch.zeros(2, 3, 112, 112)).isfinite().all()


def tiny_network(name, seed, **more):
    """An IResNet with attention in every block, whose BatchNorms are not the identity."""
    torch.manual_seed(seed)
    network = IResNet(18, width=4, embedding=8, size=32, attention=partial(make, name), **more)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2)
            for value in (module.bias, module.running_mean):
                nn.init.normal_(value, std=0.1)
    return network


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(0)
    high = torch.randn(6, 3, 32, 32, generator=generator)
    return Views(high, high + 0.3 * torch.randn(6, 3, 32, 32, generator=generator), torch.arange(6) % 5)


def test_folded_batch_norm_changes_no_answer_and_no_map(name, views):
    network = tiny_network(name, 0).double().eval()
    (want, maps), (got, others) = (Taps(net, ["*.gate"])(views.high.double()) for net in (network, folded(network)))
    torch.testing.assert_close(got, want)
    for ours, theirs in zip(maps["*.gate"], others["*.gate"], strict=True):
        torch.testing.assert_close(ours[1:3], theirs[1:3], msg=ours.name)


def test_recomputed_activations_give_the_same_gradients_and_statistics(name, views):
    kept = tiny_network(name, 0, dropout=0.0)
    again = copy.deepcopy(kept)
    again.recompute = True
    for network in (kept, again):
        answer, caught = Taps(network, ["*.gate"])(views.low)
        (answer.square().sum() + sum(call.output.square().sum() for call in caught["*.gate"])).backward()
    for (part, one), (_, other) in zip(kept.named_parameters(), again.named_parameters(), strict=True):
        assert torch.equal(one.grad, other.grad), part
    for (part, one), (_, other) in zip(kept.named_buffers(), again.named_buffers(), strict=True):
        assert torch.equal(one, other), part


@pytest.mark.parametrize("level", ["map", "logits"])
def test_a_step_of_askd_teaches_a_student_to_look_like_its_teacher(name, level, views):
    student, teacher = tiny_network(name, 1, dropout=0.0, recompute=True), tiny_network(name, 2)
    method = AttentionSimilarity(level=level)
    objective = Objective(student, ArcFace(8, 5), distillers={"askd": Weighted(method, 5.0)})
    trace = LiveTeacher(teacher, globs=objective.globs)(views)
    before = objective(views, teacher=trace)
    _, ours = Taps(student, ["*.gate"])(views.low)
    for mine, theirs in zip(ours["*.gate"], trace.caught["*.gate"], strict=True):
        assert mine.output.abs().max() > 0
        assert mine.output.shape == theirs.output.shape
        assert not torch.allclose(mine.output, theirs.output, atol=1e-3)
    assert before.terms["askd"] > 1e-3
    before.total.backward()
    looks = [value for part, value in student.named_parameters() if ".attention." in part]
    assert all(value.grad.isfinite().all() for value in student.parameters())
    assert looks
    assert all(value.grad.abs().sum() > 0 for value in looks)
    torch.optim.SGD(looks, lr=0.01).step()
    assert objective(views, teacher=trace).total < before.total

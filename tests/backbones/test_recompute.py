"""Activations that are computed again give the same gradients and move no statistics twice."""

import copy

import torch

from foveate.backbones.iresnet import IResNet
from foveate.taps import Taps


def _step(network):
    torch.manual_seed(1)
    x = torch.randn(4, 3, 32, 32)
    answer, caught = Taps(network, ["*.gate"])(x)
    (answer.square().sum() + sum(call.output.square().sum() for call in caught["*.gate"])).backward()
    return network


def test_gradients_and_statistics_are_those_of_kept_activations():
    torch.manual_seed(0)
    network = IResNet(18, width=4, embedding=8, size=32)
    again = copy.deepcopy(network)
    again.recompute = True
    for _ in range(2):
        plain, computed = _step(network), _step(again)
    for (name, one), (_, other) in zip(plain.named_parameters(), computed.named_parameters(), strict=True):
        assert torch.equal(one.grad, other.grad), name
    for (name, one), (_, other) in zip(plain.named_buffers(), computed.named_buffers(), strict=True):
        assert torch.equal(one, other), name


def test_whole_stages_are_tapped_once_as_those_of_kept_activations():
    torch.manual_seed(0)
    network, images = IResNet(18, width=4, embedding=8, size=32), torch.randn(2, 3, 32, 32)
    _, plain = Taps(network, ["stage[1-4]"])(images)
    network.recompute = True
    answer, computed = Taps(network, ["stage[1-4]"])(images)
    assert [call.name for call in computed["stage[1-4]"]] == ["stage1", "stage2", "stage3", "stage4"]
    for one, other in zip(plain["stage[1-4]"], computed["stage[1-4]"], strict=True):
        assert torch.equal(one.output, other.output)
    (answer.sum() + computed["stage[1-4]"][1].output.square().sum()).backward()


def test_fewer_activations_are_kept():
    def kept(network):
        total = 0

        def count(value):
            nonlocal total
            total += value.numel()
            return value

        with torch.autograd.graph.saved_tensors_hooks(count, lambda value: value):
            network(torch.randn(2, 3, 32, 32))
        return total

    torch.manual_seed(0)
    sizes = {"width": 8, "embedding": 8, "size": 32}
    assert kept(IResNet(50, **sizes, recompute=True)) < 0.3 * kept(IResNet(50, **sizes))

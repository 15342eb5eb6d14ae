"""Taps: what gates receive and answer, in any network, with no hook left behind."""

import pytest
import timm
import torch
from torch import nn

from foveate.attention.cbam import CBAM
from foveate.errors import RecipeError
from foveate.taps import Taps


class Failing(nn.Module):
    def forward(self, x):
        raise ZeroDivisionError


def network():
    return nn.Sequential(nn.Conv2d(3, 8, 3), CBAM(8, reduction=2), nn.Conv2d(8, 8, 3), CBAM(8, reduction=2)).eval()


def hooks(module):
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules())


def test_a_gate_receives_logits_and_answers_the_map():
    _, caught = Taps(network(), ["*.gate"])(torch.randn(2, 3, 12, 12))
    assert [item.name for item in caught["*.gate"]] == [
        "1.channel.gate",
        "1.spatial.gate",
        "3.channel.gate",
        "3.spatial.gate",
    ]
    assert [tuple(item.output.shape) for item in caught["*.gate"]] == [
        (2, 8, 1, 1),
        (2, 1, 10, 10),
        (2, 8, 1, 1),
        (2, 1, 8, 8),
    ]
    for item in caught["*.gate"]:
        assert torch.equal(item.input.sigmoid(), item.output)


def test_each_glob_has_its_own_modules_and_a_module_may_match_several():
    _, caught = Taps(network(), ["*.spatial.gate", "*.gate", "[02]"])(torch.randn(2, 3, 12, 12))
    assert {glob: len(items) for glob, items in caught.items()} == {"*.spatial.gate": 2, "*.gate": 4, "[02]": 2}
    assert caught["*.spatial.gate"][0].output is caught["*.gate"][1].output


def test_without_globs_the_network_simply_runs():
    module, images = network(), torch.randn(2, 3, 12, 12)
    answer, caught = Taps(module, [])(images)
    assert torch.equal(answer, module(images))
    assert caught == {}


def test_gradients_flow_through_what_was_caught():
    module = network()
    _, caught = Taps(module, ["1.spatial.gate"])(torch.randn(2, 3, 12, 12))
    caught["1.spatial.gate"][0].output.sum().backward()
    assert module[0].weight.grad.abs().sum() > 0
    assert module[2].weight.grad is None


def test_a_call_leaves_no_hooks_behind():
    module = network()
    taps = Taps(module, ["*.gate"])
    assert hooks(module) == 0
    taps(torch.randn(2, 3, 12, 12))
    assert hooks(module) == 0


def test_an_error_inside_the_network_leaves_no_hooks_behind():
    module = nn.Sequential(network(), Failing())
    with pytest.raises(ZeroDivisionError):
        Taps(module, ["*.gate"])(torch.randn(2, 3, 12, 12))
    assert hooks(module) == 0


def test_a_glob_without_a_match_is_named_together_with_the_network():
    with pytest.raises(RecipeError, match=r"no module of Sequential matches the glob '\*\.eye'"):
        Taps(network(), ["*.gate", "*.eye"])


def test_a_module_that_was_not_run_is_named():
    module = network()
    module.add_module("spare", nn.ModuleList([nn.Sigmoid()]))
    module.forward = lambda x: x
    with pytest.raises(RecipeError, match=r"the module spare\.0"):
        Taps(module, ["spare.0"])(torch.zeros(1))


def test_the_gates_of_timms_cbam_are_caught_unchanged():
    torch.manual_seed(0)
    module = timm.create_model("resnet18", block_args={"attn_layer": "cbam"}).eval()
    with torch.no_grad():
        _, caught = Taps(module, ["*.gate"])(torch.randn(1, 3, 64, 64))
    gates = caught["*.gate"]
    assert len(gates) == 16
    for place, (channel, spatial) in enumerate(zip(gates[::2], gates[1::2], strict=True)):
        stage = place // 2
        assert channel.output.shape == (1, 64 * 2**stage, 1, 1)
        assert spatial.output.shape == (1, 1, 16 // 2**stage, 16 // 2**stage)
    for item in gates:
        assert torch.equal(item.input.sigmoid(), item.output)


def test_the_gates_of_timms_squeeze_and_excitation_are_caught_unchanged():
    torch.manual_seed(0)
    module = timm.create_model("seresnet18").eval()
    with torch.no_grad():
        _, caught = Taps(module, ["*.gate"])(torch.randn(1, 3, 32, 32))
    assert [item.output.shape[1] for item in caught["*.gate"]] == [64, 64, 128, 128, 256, 256, 512, 512]
    for item in caught["*.gate"]:
        assert torch.equal(item.input.sigmoid(), item.output)


def test_a_module_that_is_run_twice_is_named():
    module = network()
    module[3] = module[1]
    with pytest.raises(RecipeError, match=r"the module 1\.channel\.gate was called twice"):
        Taps(module, ["*.gate"])(torch.randn(2, 3, 12, 12))


def test_modules_that_were_exchanged_are_tapped_all_the_same():
    """As SyncBatchNorm takes the place of BatchNorm before training."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    taps = Taps(module, ["1"])
    module[1] = nn.Identity()
    answer, caught = taps(torch.randn(2, 3, 8, 8))
    assert caught["1"][0].output is answer

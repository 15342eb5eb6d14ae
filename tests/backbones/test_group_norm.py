"""The fast GroupNorm is PyTorch's GroupNorm, forwards and backwards."""

import pytest
import torch
from torch import nn

from foveate.backbones.group_norm import GroupNorm


def _both(groups, channels, dtype):
    """Our module and torch's with the same weights."""
    ours, theirs = (kind(groups, channels).to(dtype) for kind in (GroupNorm, nn.GroupNorm))
    with torch.no_grad():
        ours.weight.copy_(torch.rand(channels) + 0.5)
        ours.bias.copy_(torch.randn(channels))
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def _gradients(module, x, direction):
    given = x.clone().requires_grad_()
    answer = module(given)
    answer.backward(direction)
    return [answer, given.grad, module.weight.grad, module.bias.grad]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("groups", "channels", "size"), [(1, 6, (4, 5)), (3, 6, (1, 1)), (6, 6, (7, 2)), (4, 32, (9, 9))]
)
def test_values_and_gradients_are_those_of_torch(layout, groups, channels, size):
    torch.manual_seed(0)
    modules = _both(groups, channels, torch.float64)
    x = (3 * torch.randn(3, channels, *size, dtype=torch.float64) + 1).contiguous(memory_format=layout)
    direction = torch.randn_like(x)
    for ours, theirs in zip(*(_gradients(module, x, direction) for module in modules), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("mean", [0.0, 3.0])
def test_in_bfloat16_it_is_as_near_to_the_truth_as_torchs_own(mean):
    """Also where a group's mean is several times its deviation."""
    torch.manual_seed(0)
    x = (torch.randn(4, 32, 20, 20) + mean).bfloat16().contiguous(memory_format=torch.channels_last)
    direction = torch.randn(4, 32, 20, 20).bfloat16().contiguous(memory_format=torch.channels_last)
    ours, theirs = _both(8, 32, torch.float32)
    _, exact = _both(8, 32, torch.float64)
    exact.load_state_dict(ours.state_dict())
    truth = _gradients(exact, x.double(), direction.double())
    found = [_gradients(module, x, direction) for module in (ours, theirs)]
    assert found[0][0].dtype == found[0][1].dtype == torch.bfloat16
    assert found[0][2].dtype == torch.float32
    for want, our, their in zip(truth, *found, strict=True):
        errors = [((value.double() - want).norm() / want.norm()).item() for value in (our, their)]
        assert errors[0] < max(1.5 * errors[1], 0.004)


def test_gradients_are_computed_only_where_they_are_wanted():
    module = GroupNorm(2, 4).requires_grad_(False)
    x = torch.randn(2, 4, 3, 3).contiguous(memory_format=torch.channels_last)
    assert not module(x).requires_grad
    module(x.requires_grad_()).sum().backward()
    assert x.grad is not None
    assert module.weight.grad is None

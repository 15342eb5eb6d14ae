"""The fast PReLU is PyTorch's PReLU, forwards and backwards."""

import pytest
import torch
from torch import nn

from foveate.backbones.prelu import PReLU


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_values_and_gradients_are_those_of_torch(layout):
    torch.manual_seed(0)
    ours, theirs = PReLU(5).double(), nn.PReLU(5).double()
    with torch.no_grad():
        ours.weight.copy_(torch.randn(5))
        theirs.weight.copy_(ours.weight)
    x = torch.randn(3, 5, 4, 6, dtype=torch.float64).contiguous(memory_format=layout)
    x[0, 0, 0, 0] = 0
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    direction = torch.randn_like(x)
    outputs = [module(value) for module, value in zip((ours, theirs), inputs, strict=True)]
    for output in outputs:
        output.backward(direction)
    assert torch.equal(*outputs)
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)


def test_the_gradient_of_the_slopes_is_summed_exactly_enough_in_bfloat16():
    torch.manual_seed(0)
    x = torch.randn(16, 4, 32, 32).bfloat16()
    module = PReLU(4)
    module(x).float().sum().backward()
    want = x.double().clamp_max(0).sum((0, 2, 3))
    torch.testing.assert_close(module.weight.grad.double(), want, rtol=5e-3, atol=0)

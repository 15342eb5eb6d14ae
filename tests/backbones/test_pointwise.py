"""A strided 1 x 1 convolution of few channels leaves out pixels first, and its answer and gradients stay the same."""

import pytest
import torch
from torch import nn

from foveate.backbones.pointwise import pointwise


@pytest.mark.parametrize("channels", [3, 4, 16])
@pytest.mark.parametrize("stride", [1, 2])
def test_answer_and_gradients_are_those_of_a_convolution(channels, stride):
    torch.manual_seed(0)
    ours = pointwise(channels, 5, stride).double()
    theirs = nn.Conv2d(channels, 5, 1, stride, bias=False).double()
    theirs.load_state_dict(ours.state_dict())
    found = []
    for convolution in (ours, theirs):
        x = torch.randn(2, channels, 7, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        x = x.contiguous(memory_format=torch.channels_last).requires_grad_()
        answer = convolution(x)
        answer.square().sum().backward()
        found.append((answer.detach(), x.grad, convolution.weight.grad))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)

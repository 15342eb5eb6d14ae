"""The tiny networks of these tests: their strided shortcut is a plain convolution that leaves memory alone."""

import pytest
import torch

from foveate.backbones.iresnet import IRBlock


@pytest.mark.parametrize("channels", [4, 15, 16])
def test_the_strided_shortcut_and_its_gradient_are_those_of_a_convolution(channels):
    torch.manual_seed(0)
    shortcut = IRBlock(channels, 8, 2, None).shortcut[0].to(memory_format=torch.channels_last)
    faces = torch.randn(8, channels, 57, 57).contiguous(memory_format=torch.channels_last)
    answer = shortcut(faces)
    weights = torch.randn_like(answer)
    answer.backward(weights)
    picked = faces[:, :, ::2, ::2].double()
    expected = torch.einsum("oi,bihw->bohw", shortcut.weight.detach()[:, :, 0, 0].double(), picked)
    gradient = torch.einsum("bohw,bihw->oi", weights.double(), picked)
    assert torch.allclose(answer.detach().double(), expected, atol=1e-4)
    assert torch.allclose(shortcut.weight.grad[:, :, 0, 0].double(), gradient, rtol=1e-3, atol=1e-2)

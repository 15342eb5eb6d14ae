"""Efficient channel attention: the formula, one number at a time."""

import math

import pytest
import torch

from foveate.attention.eca import ECA, neighbours
from foveate.errors import RecipeError
from foveate.taps import Taps


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_each_channel_is_weighed_by_the_means_around_it(kernel):
    torch.manual_seed(0)
    module = ECA(6, kernel).double()
    weights = module.convolution.weight.flatten().tolist()
    images = torch.randn(2, 6, 3, 4, dtype=torch.float64)
    output, caught = Taps(module, ["gate"])(images)
    for number, image in enumerate(images.tolist()):
        means = [sum(value for row in plane for value in row) / 12 for plane in image]
        for c in range(6):
            places = range(c - kernel // 2, c + kernel // 2 + 1)
            logit = sum(w * means[at] for w, at in zip(weights, places, strict=True) if 0 <= at < 6)
            weight = 1 / (1 + math.exp(-logit))
            assert caught["gate"][0].output[number, c, 0, 0].item() == pytest.approx(weight)
            torch.testing.assert_close(output[number, c], weight * images[number, c])


@pytest.mark.parametrize(("channels", "kernel"), [(2, 1), (8, 3), (64, 3), (128, 5), (256, 5), (512, 5)])
def test_wider_layers_look_at_more_neighbours(channels, kernel):
    assert neighbours(channels) == kernel
    assert [tuple(value.shape) for value in ECA(channels).parameters()] == [(1, 1, kernel)]


@pytest.mark.parametrize("kernel", [0, 2, -1])
def test_a_kernel_without_a_middle_is_refused(kernel):
    with pytest.raises(RecipeError, match=f"ECA's kernel is {kernel}"):
        ECA(8, kernel)

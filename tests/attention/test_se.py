"""Squeeze-and-excitation: the formula, one number at a time."""

import math

import torch

from foveate.attention.se import SE
from foveate.taps import Taps


def test_each_channel_is_weighed_by_what_the_perceptron_makes_of_the_means():
    torch.manual_seed(0)
    module = SE(6, reduction=2).double()
    first, second = (module.perceptron[place].weight.squeeze().tolist() for place in (0, 2))
    images = torch.randn(2, 6, 3, 4, dtype=torch.float64)
    output, caught = Taps(module, ["gate"])(images)
    for number, image in enumerate(images.tolist()):
        means = [sum(value for row in plane for value in row) / 12 for plane in image]
        hidden = [max(sum(w * m for w, m in zip(row, means, strict=True)), 0.0) for row in first]
        for c, row in enumerate(second):
            weight = 1 / (1 + math.exp(-sum(w * h for w, h in zip(row, hidden, strict=True))))
            assert abs(caught["gate"][0].output[number, c, 0, 0].item() - weight) < 1e-12
            torch.testing.assert_close(output[number, c], weight * images[number, c])


def test_few_channels_leave_one_hidden_unit():
    assert SE(4).perceptron[0].weight.shape == (1, 4, 1, 1)

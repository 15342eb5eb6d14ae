"""CBAM: equations 3 to 6 of the A-SKD paper, one number at a time."""

import math

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.taps import Taps


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def naive_channel(f, first, second):
    """Equation 5 for one image: sigma(FC(AvgPool f) + FC(MaxPool f)), one FC for both, pooled over H x W."""
    logits = [0.0] * len(f)
    for pool in (lambda values: sum(values) / len(values), max):
        pooled = [pool([value for row in plane for value in row]) for plane in f]
        hidden = [max(sum(w * p for w, p in zip(row, pooled, strict=True)), 0.0) for row in first]
        for c, row in enumerate(second):
            logits[c] += sum(w * h for w, h in zip(row, hidden, strict=True))
    return [sigmoid(value) for value in logits]


def naive_spatial(f, kernel):
    """Equation 6 for one image: sigma(conv [AvgPool f; MaxPool f]), pooled over C, zeros around."""
    height, width, reach = len(f[0]), len(f[0][0]), len(kernel[0]) // 2
    mean = [[sum(plane[y][x] for plane in f) / len(f) for x in range(width)] for y in range(height)]
    largest = [[max(plane[y][x] for plane in f) for x in range(width)] for y in range(height)]
    answer = [[0.0] * width for _ in range(height)]
    for y in range(height):
        for x in range(width):
            for weights, pooled in zip(kernel, (mean, largest), strict=True):
                for dy in range(-reach, reach + 1):
                    for dx in range(-reach, reach + 1):
                        if 0 <= y + dy < height and 0 <= x + dx < width:
                            answer[y][x] += weights[dy + reach][dx + reach] * pooled[y + dy][x + dx]
    return [[sigmoid(value) for value in row] for row in answer]


def naive(module, image):
    first, second = (
        layer.weight.squeeze().tolist() for layer in (module.channel.perceptron[0], module.channel.perceptron[2])
    )
    channel = naive_channel(image, first, second)
    refined = [
        [[weight * value for value in row] for row in plane] for weight, plane in zip(channel, image, strict=True)
    ]
    spatial = naive_spatial(refined, module.spatial.convolution.weight[0].tolist())
    answer = [
        [[m * v for m, v in zip(maps, row, strict=True)] for maps, row in zip(spatial, plane, strict=True)]
        for plane in refined
    ]
    return channel, spatial, answer


@pytest.mark.parametrize("kernel", [3, 7])
def test_it_is_equations_3_to_6(kernel):
    torch.manual_seed(0)
    module = CBAM(6, reduction=2, kernel=kernel).double()
    images = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    output, caught = Taps(module, ["*gate"])(images)
    channel, spatial = caught["*gate"]
    for number, image in enumerate(images.tolist()):
        for got, want in zip((channel.output, spatial.output, output), naive(module, image), strict=True):
            want = torch.tensor(want, dtype=torch.float64)
            torch.testing.assert_close(got[number].reshape(want.shape), want)


def test_the_paper_has_a_kernel_of_7_and_no_biases():
    module = CBAM(64)
    assert module.spatial.convolution.weight.shape == (1, 2, 7, 7)
    assert [tuple(value.shape) for value in module.channel.parameters()] == [(4, 64, 1, 1), (64, 4, 1, 1)]
    assert sum(value.numel() for value in module.parameters()) == 2 * 4 * 64 + 2 * 49


def test_few_channels_leave_one_hidden_unit():
    assert CBAM(4).channel.perceptron[0].weight.shape == (1, 4, 1, 1)

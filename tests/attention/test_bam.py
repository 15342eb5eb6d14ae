"""BAM: equations 1 to 4, one number at a time, and two maps that are shown apart."""

import math

import pytest
import torch
from torch import nn

from foveate.attention.bam import BAM
from foveate.taps import Taps


def relu_of_norm(norm, channel, value):
    """BatchNorm in evaluation mode, then ReLU, for one number."""
    weight, bias, mean, variance = (
        item[channel].item() for item in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    )
    return max((value - mean) / math.sqrt(variance + norm.eps) * weight + bias, 0.0)


def naive_channel(module, image):
    """Equation 3: the logits of each channel."""
    first, norm, _, second = module.channel.perceptron
    means = [sum(value for row in plane for value in row) / (len(plane) * len(plane[0])) for plane in image]
    hidden = [
        relu_of_norm(norm, number, sum(w * m for w, m in zip(row, means, strict=True)))
        for number, row in enumerate(first.weight.flatten(1).tolist())
    ]
    rows = zip(second.weight.flatten(1).tolist(), second.bias.tolist(), strict=True)
    return [sum(w * h for w, h in zip(row, hidden, strict=True)) + bias for row, bias in rows]


def naive_convolution(planes, kernels, dilation):
    """Zeros around; as many places as before."""
    height, width, reach = len(planes[0]), len(planes[0][0]), len(kernels[0][0]) // 2
    answer = [[[0.0] * width for _ in range(height)] for _ in kernels]
    for out, kernel in enumerate(kernels):
        for y in range(height):
            for x in range(width):
                for plane, weights in zip(planes, kernel, strict=True):
                    for dy in range(-reach, reach + 1):
                        for dx in range(-reach, reach + 1):
                            row, column = y + dilation * dy, x + dilation * dx
                            if 0 <= row < height and 0 <= column < width:
                                answer[out][y][x] += weights[dy + reach][dx + reach] * plane[row][column]
    return answer


def naive_spatial(module, image):
    """Equation 4: the logits of each place."""
    layers = list(module.spatial.convolutions)
    for place, dilation in ((0, 1), (3, 4), (6, 4)):
        convolution, norm = layers[place : place + 2]
        image = naive_convolution(image, convolution.weight.tolist(), dilation)
        image = [[[relu_of_norm(norm, c, v) for v in row] for row in plane] for c, plane in enumerate(image)]
    (last,) = naive_convolution(image, layers[9].weight.tolist(), 1)
    return [[value + layers[9].bias.item() for value in row] for row in last]


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


@pytest.mark.parametrize("join", ["sum", "product"])
def test_it_is_equations_1_to_4(join):
    torch.manual_seed(0)
    module = BAM(4, reduction=2, join=join).double().eval()
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for value in (norm.weight, norm.running_var):
                nn.init.uniform_(value, 0.5, 2)
            for value in (norm.bias, norm.running_mean):
                nn.init.normal_(value)
    images = torch.randn(2, 4, 6, 5, dtype=torch.float64)
    output, caught = Taps(module, ["*gate"])(images)
    for number, image in enumerate(images.tolist()):
        channel, spatial = naive_channel(module, image), naive_spatial(module, image)
        for call, want in zip(caught["*gate"], (channel, spatial), strict=True):
            want = torch.tensor(want, dtype=torch.float64)
            torch.testing.assert_close(call.input[number].reshape(want.shape), want)
            torch.testing.assert_close(call.output[number].reshape(want.shape), want.sigmoid())
        for c in range(4):
            for y in range(6):
                for x in range(5):
                    logit = channel[c] + spatial[y][x] if join == "sum" else channel[c] * spatial[y][x]
                    want = image[c][y][x] * (1 + sigmoid(logit))
                    assert output[number, c, y, x].item() == pytest.approx(want)


def test_a_place_learns_of_those_up_to_eight_away():
    module = BAM(2, reduction=1).double().eval()
    for value in module.spatial.parameters():
        nn.init.constant_(value, 0.1)  # no ReLU is shut
    images = torch.ones(1, 2, 21, 21, dtype=torch.float64, requires_grad=True)
    _, caught = Taps(module, ["spatial.gate"])(images)
    caught["spatial.gate"][0].input[0, 0, 10, 10].backward()
    seen = images.grad[0].abs().sum(0).nonzero()
    assert seen.amin(0).tolist() == [2, 2]
    assert seen.amax(0).tolist() == [18, 18]


def test_few_channels_leave_one_hidden_unit():
    assert BAM(4).channel.perceptron[0].weight.shape == (1, 4, 1, 1)

"""Resizing and blurring matrices against loops over pixels, Pillow and torchvision."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F
from torchvision.transforms.v2.functional import gaussian_blur

from foveate.degrade.matrices import bicubic, gaussian, nearest
from foveate.errors import RecipeError

SIZES = [(112, 14), (112, 24), (112, 28), (112, 56), (14, 112), (24, 112), (7, 5), (5, 7), (3, 112), (8, 8)]


def keys_cubic(x, a):
    """The kernel of Keys (1981)."""
    x = abs(x)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def naive_antialiased(source, target):
    """As Pillow: the kernel (a = -0.5) is as wide as the pixels it makes, cut off at the border."""
    step = source / target
    width = max(step, 1.0)
    rows = []
    for i in range(target):
        centre = (i + 0.5) * step
        row = [keys_cubic((j + 0.5 - centre) / width, -0.5) for j in range(source)]
        first, last = max(math.floor(centre - 2 * width + 0.5), 0), min(math.floor(centre + 2 * width + 0.5), source)
        row = [value if first <= j < last else 0.0 for j, value in enumerate(row)]
        rows.append([value / sum(row) for value in row])
    return torch.tensor(rows, dtype=torch.float64)


def naive_aliased(source, target):
    """As OpenCV: four taps (a = -0.75), the border's pixel repeated."""
    matrix = torch.zeros(target, source, dtype=torch.float64)
    for i in range(target):
        centre = (i + 0.5) * source / target - 0.5
        for tap in range(math.floor(centre) - 1, math.floor(centre) + 3):
            matrix[i, min(max(tap, 0), source - 1)] += keys_cubic(centre - tap, -0.75)
    return matrix


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_antialiased_bicubic_is_the_widened_kernel(source, target):
    torch.testing.assert_close(bicubic(source, target), naive_antialiased(source, target), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_aliased_bicubic_has_four_taps(source, target):
    torch.testing.assert_close(
        bicubic(source, target, antialias=False), naive_aliased(source, target), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_bicubic_agrees_with_pillow_within_one_grey_level(source, target):
    pixels = np.random.default_rng(0).integers(0, 256, (source, source), dtype=np.uint8)
    want = np.asarray(Image.fromarray(pixels).resize((target, target), Image.Resampling.BICUBIC)).astype(float)
    matrix = bicubic(source, target).numpy()
    # Pillow goes along the rows first, and rounds and clips what it has before it goes along the columns.
    got = np.clip(matrix @ np.clip(np.rint(pixels @ matrix.T), 0, 255), 0, 255)
    assert np.abs(got - want).max() <= 1


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_nearest_takes_the_pixel_of_the_floor_rule(source, target):
    matrix = nearest(source, target)
    for i in range(target):
        want = [0.0] * source
        want[math.floor(Fraction(i * source, target))] = 1.0
        assert matrix[i].tolist() == want


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_nearest_is_what_torch_calls_nearest(source, target):
    line = torch.rand(1, 1, source)
    want = F.interpolate(line, target, mode="nearest")[0, 0]
    assert torch.equal((nearest(source, target).float() @ line[0, 0]), want)


@pytest.mark.parametrize("size", [3, 4, 5, 14])
@pytest.mark.parametrize("sigma", [0.1, 0.7, 1.0, 2.0])
def test_a_blur_is_five_weights_with_reflected_borders(size, sigma):
    weights = [math.exp(-(offset**2) / (2 * sigma**2)) for offset in range(-2, 3)]
    want = torch.zeros(size, size, dtype=torch.float64)
    for i in range(size):
        for offset, weight in zip(range(-2, 3), weights, strict=True):
            j = i + offset
            j = -j if j < 0 else j
            j = 2 * (size - 1) - j if j >= size else j
            want[i, j] += weight / sum(weights)
    torch.testing.assert_close(gaussian(size, torch.tensor([sigma], dtype=torch.float64))[0], want)


@pytest.mark.parametrize("size", [3, 14, 24])
def test_a_blur_is_torchvisions(size):
    image = torch.rand(1, 3, size, size, dtype=torch.float64)
    (matrix,) = gaussian(size, torch.tensor([1.0], dtype=torch.float64))
    torch.testing.assert_close(matrix @ image @ matrix.T, gaussian_blur(image, [5, 5], [1.0, 1.0]))


def test_a_sigma_of_0_is_the_identity():
    assert torch.equal(gaussian(9, torch.zeros(1, dtype=torch.float64))[0], torch.eye(9, dtype=torch.float64))


def test_each_sigma_has_its_own_matrix():
    sigma = torch.tensor([0.0, 0.5, 1.0, 2.0], dtype=torch.float64)
    together = gaussian(9, sigma)
    for number in range(4):
        assert torch.equal(together[number], gaussian(9, sigma[number : number + 1])[0])
    assert together[3, 4].tolist() == together[3, 4].flip(0).tolist()


def test_other_numbers_of_taps_reach_further():
    (matrix,) = gaussian(9, torch.tensor([2.0], dtype=torch.float64), taps=3)
    assert [int(count) for count in (matrix > 0).sum(1)] == [2, *[3] * 7, 2]


@pytest.mark.parametrize("size", [1, 2])
def test_an_image_smaller_than_the_blur_is_refused(size):
    with pytest.raises(RecipeError, match=f"needs more than 2 pixels, the image has {size}"):
        gaussian(size, torch.ones(1, dtype=torch.float64))

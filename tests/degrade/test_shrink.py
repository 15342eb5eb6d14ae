"""Preset paper: bicubic, blur, bicubic, one step after the other, against torch's and torchvision's own."""

import pytest
import torch
from torch.nn import functional as F
from torchvision.transforms.v2.functional import gaussian_blur

from foveate.degrade.shrink import Shrink


def step_by_step(images, side, sigma, *, antialias=True):
    size = images.shape[-1]
    small = F.interpolate(images, (side, side), mode="bicubic", align_corners=False, antialias=antialias)
    small = gaussian_blur(small, [5, 5], [sigma, sigma]) if sigma else small
    return F.interpolate(small, (size, size), mode="bicubic", align_corners=False, antialias=antialias)


@pytest.fixture
def images():
    return torch.rand(3, 3, 112, 112, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("side", [14, 24, 28, 56])
def test_it_is_bicubic_blur_bicubic(images, side, sigma, antialias):
    got = Shrink(side, sigma, antialias)(images)
    want = step_by_step(images, side, sigma, antialias=antialias)
    assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_default_blur_has_sigma_1(images):
    torch.testing.assert_close(Shrink(14)(images), step_by_step(images, 14, 1.0), rtol=0, atol=1e-5)


def test_float32_is_as_good_to_five_digits(images):
    want = step_by_step(images, 14, 1.0)
    got = Shrink(14)(images.float())
    assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_smaller_the_side_the_less_is_left(images):
    left = [Shrink(side)(images).std().item() for side in (7, 14, 28, 56, 112)]
    assert left == sorted(left)
    assert left[-1] < images.std()


def test_a_range_of_sigma_is_drawn_for_each_face(images):
    chance = torch.tensor([0.0, 0.25, 0.9], dtype=torch.float64)
    got = Shrink(14, (0.0, 2.0))(images, chance)
    for face, sigma in enumerate((0.0, 0.5, 1.8)):
        want = step_by_step(images[face : face + 1], 14, sigma)
        torch.testing.assert_close(got[face : face + 1], want, rtol=0, atol=1e-5)


def test_without_chance_a_range_is_its_middle(images):
    torch.testing.assert_close(Shrink(14, (0.5, 1.5))(images), Shrink(14, 1.0)(images))


def test_a_fixed_sigma_ignores_chance(images):
    assert torch.equal(Shrink(14)(images, torch.rand(3, dtype=torch.float64)), Shrink(14)(images))


def test_the_title_names_preset_and_side():
    assert Shrink(14).title == "paper 14px"

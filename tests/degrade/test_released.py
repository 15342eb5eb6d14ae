"""Preset released: the authors' images to the last digit, and their known oddities."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from foveate.degrade.released import Released


@pytest.mark.parametrize("side", [14, 24, 28, 56])
def test_images_match_the_authors_code(golden, side):
    with np.load(golden / "released_degradation.npz") as file:
        pixels, want = torch.from_numpy(file["image_rgb_uint8"]), torch.from_numpy(file[f"low_{side}"]).double()
    images = pixels.permute(0, 3, 1, 2).double() / 127.5 - 1
    got = Released(side)(images)
    assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


@pytest.mark.parametrize("side", [14, 24, 28, 56])
def test_it_is_nearest_both_ways_then_a_vertical_blur(side):
    images = torch.rand(2, 3, 112, 112, dtype=torch.float64)
    blocks = F.interpolate(F.interpolate(images, (side, side), mode="nearest"), (112, 112), mode="nearest")
    weights = torch.tensor([0.1525, 0.2218, 0.2514, 0.2218, 0.1525], dtype=torch.float64)
    padded = F.pad(blocks, (0, 0, 2, 2), mode="reflect")
    want = sum(weight * padded[:, :, row : row + 112] for row, weight in enumerate(weights))
    torch.testing.assert_close(Released(side)(images), want, rtol=0, atol=2e-4)


def test_the_face_of_full_size_stays_as_it_is():
    images = torch.rand(2, 3, 112, 112)
    assert torch.equal(Released(112)(images), images)
    assert torch.equal(Released(112)(images, torch.rand(2, dtype=torch.float64)), images)


def test_chance_changes_nothing():
    images = torch.rand(2, 3, 112, 112)
    assert torch.equal(Released(14)(images, torch.rand(2, dtype=torch.float64)), Released(14)(images))


@pytest.mark.parametrize(("side", "shift"), [(56, 0.5), (28, 1.5), (14, 3.5), (24, 2.5)])
def test_content_moves_right_by_the_known_distance(side, shift):
    """The mean over a row of how far the picture lags behind, as computed from the floor rule (docs/degradation.md)."""
    ramp = torch.arange(112.0, dtype=torch.float64).expand(1, 3, 112, 112).contiguous()
    moved = (ramp - Released(side)(ramp))[0, 0, 56]
    assert moved.mean().item() == pytest.approx(shift)


def test_the_title_names_preset_and_side():
    assert Released(14).title == "released 14px"

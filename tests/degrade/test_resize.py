"""Faces of any size become 112 x 112 as other libraries make them."""

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.degrade.resize import resize
from foveate.degrade.shrink import Shrink


@pytest.fixture
def face():
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (18, 14, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [112, 9])
def test_bicubic_is_what_pillow_makes_of_the_face(face, size):
    face = face // 3 + 80  # no overshoot, which Pillow cuts off after each axis
    expected = np.array(Image.fromarray(face.numpy()).resize((size, size), Image.Resampling.BICUBIC), dtype=int)
    found = resize(face, size).numpy()
    assert found.dtype == np.uint8
    assert found.shape == (size, size, 3)
    assert np.abs(found - expected).max() <= 1  # Pillow rounds after each axis


def test_the_overshoot_of_the_kernel_is_cut_off():
    edge = torch.full((8, 8, 3), 255, dtype=torch.uint8)
    edge[:, :4] = 0
    found = resize(edge, 32)[0, :, 0].int()
    assert torch.equal(found, found.sort().values)  # an overflow would turn white into black


def test_it_can_be_used_in_inference_and_in_training_after_that():
    with torch.inference_mode():
        resize(torch.zeros(13, 13, 3, dtype=torch.uint8), 21)
    images = torch.rand(1, 3, 21, 21, requires_grad=True)
    Shrink(13)(images, torch.zeros(1)).sum().backward()
    assert images.grad is not None


def test_nearest_copies_the_pixel_that_the_floor_rule_names(face):
    found = resize(face, 112, by="nearest")
    for row in (0, 6, 7, 50, 111):
        for column in (0, 7, 8, 63, 111):
            assert found[row, column].tolist() == face[row * 18 // 112, column * 14 // 112].tolist()


@pytest.mark.parametrize("by", ["bicubic", "nearest"])
def test_a_face_of_that_size_stays_as_it_is(by):
    face = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (20, 20, 3), dtype=np.uint8))
    assert torch.equal(resize(face, 20, by=by), face)


def test_a_face_of_one_colour_keeps_it():
    assert torch.equal(resize(torch.full((11, 7, 3), 200, dtype=torch.uint8), 30).unique(), torch.tensor([200]).byte())

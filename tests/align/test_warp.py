"""Crops pixel by pixel: similarities against a loop, boxes against Pillow."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.align.cut import cut
from foveate.align.warp import warp
from foveate.errors import DataError


def _photo(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _turned(scale: float, angle: float, shift: tuple[float, float]) -> np.ndarray:
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[a, -b, shift[0]], [b, a, shift[1]]])


def _pixel(photo: np.ndarray, x: int, y: int) -> np.ndarray:
    inside = 0 <= y < photo.shape[0] and 0 <= x < photo.shape[1]
    return photo[y, x].astype(float) if inside else np.zeros(3)


def _bilinear(photo: np.ndarray, x: float, y: float) -> np.ndarray:
    left, top = math.floor(x), math.floor(y)
    across, down = x - left, y - top
    above = (1 - across) * _pixel(photo, left, top) + across * _pixel(photo, left + 1, top)
    below = (1 - across) * _pixel(photo, left, top + 1) + across * _pixel(photo, left + 1, top + 1)
    return (1 - down) * above + down * below


@pytest.mark.parametrize("matrix", [_turned(0.7, 0.4, (3.2, -1.5)), _turned(2.1, -2.0, (6, 9)), _turned(1, 0, (-4, 2))])
def test_every_pixel_is_between_the_four_around_its_place(matrix):
    photo, size = _photo(11, 14), 9
    found = warp(photo, matrix, size).numpy()
    for v in range(size):
        for u in range(size):
            x, y = np.linalg.solve(matrix[:, :2], np.array([u, v]) - matrix[:, 2])
            assert np.abs(found[v, u] - _bilinear(photo.numpy(), x, y)).max() <= 0.5 + 1e-6


def test_the_identity_keeps_the_photo_and_the_outside_is_black():
    photo = _photo(6, 8)
    found = warp(photo, np.eye(2, 3), 10)
    assert torch.equal(found[:6, :8], photo)
    assert not found[6:].any()
    assert not found[:, 8:].any()


def test_anti_aliasing_averages_where_the_photo_shrinks_and_changes_nothing_where_it_grows():
    photo = _photo(12, 12)
    shrunk = np.array([[1 / 3, 0, -1 / 3], [0, 1 / 3, -1 / 3]])  # pixel 1 becomes pixel 0, pixel 4 becomes 1
    blocks = photo.double().reshape(4, 3, 4, 3, 3).mean(dim=(1, 3))
    assert (warp(photo, shrunk, 4, antialias=True).double() - blocks).abs().max() <= 0.5 + 1e-6
    assert torch.equal(warp(photo, shrunk, 4), photo[1::3, 1::3])
    grown = _turned(1.3, 0.2, (0, 0))
    assert torch.equal(warp(photo, grown, 9, antialias=True), warp(photo, grown, 9))


def test_opencv_warps_the_same():
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed (pip install 'foveate[align]')")
    photo, matrix = _photo(60, 50), _turned(0.9, 0.3, (20.5, -7.25))
    found = cv2.warpAffine(photo.numpy(), matrix, (40, 40), flags=cv2.INTER_LINEAR)
    assert np.abs(found.astype(int) - warp(photo, matrix, 40).numpy()).max() <= 8  # it may round places to 1/32 pixel


@pytest.mark.parametrize("size", [5, 31])
def test_a_box_is_resized_as_pillow_does(size):
    photo = _photo(30, 40)
    found = cut(photo, np.array([3.4, 5.6, 24.5, 17.2]), size).numpy()
    want = Image.fromarray(photo.numpy()[6:17, 3:24]).resize((size, size), Image.Resampling.BILINEAR)
    assert np.abs(found.astype(int) - np.asarray(want)).max() <= 1


def test_a_box_is_cut_off_at_the_edges_of_the_photo():
    photo = _photo(30, 40)
    assert torch.equal(cut(photo, np.array([-9.0, -9, 10, 10]), 10), photo[:10, :10])
    assert torch.equal(cut(photo, np.array([30.0, 20, 99, 99]), 10), photo[20:, 30:])


@pytest.mark.parametrize("box", [[40.0, 0, 50, 9], [-9.0, 3, 0.2, 9], [5.0, 5, 5.3, 9], [9.0, 9, 3, 3]])
def test_a_box_without_pixels_is_refused(box):
    with pytest.raises(DataError, match=r"holds no pixel of the photo.*40 x 30"):
        cut(_photo(30, 40), np.array(box), 10)

"""The crops of object classification take the part of a photo that they say they take."""

import numpy as np
import pytest
from PIL import Image

from foveate.data.crop import Crop
from foveate.data.exact_size import ExactSize
from foveate.data.photo_crops import CentreCrop, RandomResizedCrop
from foveate.errors import DataError, RecipeError


def _gradient(height, width):
    """Red grows with the column, green with the row."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([columns, rows, np.zeros_like(rows)], 2).astype(np.uint8)


def _seen(crop):
    """Left, right, top and bottom edge of what a crop of a gradient shows, in pixels of the photo, to about one."""
    inside = crop.astype(float)
    columns, rows = inside[:, :, 0].mean(0), inside[:, :, 1].mean(1)
    step = [(values[-1] - values[0]) / (len(values) - 1) / 2 for values in (columns, rows)]
    return (columns[0] - step[0] + 0.5, columns[-1] + step[0] + 0.5, rows[0] - step[1] + 0.5, rows[-1] + step[1] + 0.5)


@pytest.mark.parametrize("size", [(200, 120), (120, 200), (160, 160)])
def test_the_centre_crop_is_the_middle_square(size):
    height, width = size
    left, right, top, bottom = _seen(CentreCrop(32, 0.5)(_gradient(*size), np.empty(0)))
    side = 0.5 * min(size)
    assert (left, right) == pytest.approx(((width - side) / 2, (width + side) / 2), abs=1.5)
    assert (top, bottom) == pytest.approx(((height - side) / 2, (height + side) / 2), abs=1.5)


def test_a_whole_square_of_the_right_size_is_left_as_it_is():
    photo = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    assert np.array_equal(CentreCrop(48, 1.0)(photo, np.empty(0)), photo)


@pytest.mark.parametrize("seed", range(20))
def test_a_random_part_has_the_area_the_shape_and_the_place_that_were_drawn(seed):
    chance = np.random.default_rng(seed).random(4)
    height, width = 180, 240
    left, right, top, bottom = _seen(RandomResizedCrop(40, 0.1)(_gradient(height, width), chance))
    wide, high = right - left, bottom - top
    area, ratio = height * width * (0.1 + 0.9 * chance[0]), (4 / 3) ** (2 * chance[1] - 1)
    assert wide == pytest.approx(min(np.sqrt(area * ratio), width), abs=2)
    assert high == pytest.approx(min(np.sqrt(area / ratio), height), abs=2)
    assert left == pytest.approx(chance[2] * (width - wide), abs=2)
    assert top == pytest.approx(chance[3] * (height - high), abs=2)


def test_resizing_is_pillows_antialiased_bilinear():
    photo = np.random.default_rng(1).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    want = np.asarray(Image.fromarray(photo).resize((30, 30), Image.Resampling.BILINEAR))
    assert np.array_equal(CentreCrop(30, 1.0)(photo, np.empty(0)), want)


def test_an_exact_size_takes_nothing_else():
    face = np.zeros((8, 8, 3), dtype=np.uint8)
    assert ExactSize(8)(face, np.empty(0)) is face
    with pytest.raises(DataError, match=r"8 x 8 pixels, the network takes 9 x 9"):
        ExactSize(9)(face, np.empty(0))


def test_a_crop_must_be_made_whole():
    with pytest.raises(TypeError):
        Crop()  # pyright: ignore[reportAbstractUsage] -- that is the point
    for wrong in (
        lambda: RandomResizedCrop(8, 0.0),
        lambda: RandomResizedCrop(8, stretch=0.5),
        lambda: CentreCrop(8, 1.5),
    ):
        with pytest.raises(RecipeError, match="Give"):
            wrong()

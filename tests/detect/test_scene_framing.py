"""Squares for a detector are functions of their chance, have their faces where the boxes say, and stack with NaN."""

import dataclasses

import numpy as np
import pytest

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.encode import encode
from foveate.data.face_photos import FacePhotos
from foveate.data.image_writer import write_image
from foveate.data.loader import batches
from foveate.detect.scene_framing import SceneFraming
from foveate.errors import RecipeError

FACE = (230, 40, 40)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twelve grey photos of different sizes with one red face each."""
    folder, found = tmp_path_factory.mktemp("photos"), []
    for number in range(12):
        pixels = np.full((150 + 5 * number, 120, 3), 100, dtype=np.uint8)
        left, top = 30 + 3 * number, 40 + 2 * number
        pixels[top : top + 52, left : left + 40] = FACE
        write_image(folder / f"{number}.jpg", encode(pixels))
        found.append(AnnotatedPhoto(f"{number}.jpg", "", np.array([[left, top, left + 40, top + 52]], dtype=float)))
    return FacePhotos(folder, found)


def _chances():
    return np.random.default_rng(0).random((24, 1))


@pytest.mark.parametrize("rows", [(0,), (1,), (2, 3)])
def test_faces_are_where_the_boxes_say(photos, rows):
    framing = SceneFraming(128, rows, jitter=False)
    for place, chance in enumerate(_chances()):
        pixels, boxes = framing.example(photos, place % len(photos), chance)
        assert pixels.shape == (128, 128, 3)
        assert len(boxes) >= 1
        inside = np.zeros((128, 128), dtype=np.bool_)
        for left, top, right, bottom in boxes.round().astype(int):
            inside[top:bottom, left:right] = True
        red = np.abs(pixels.astype(int) - FACE).sum(2) < 150
        assert red[inside].mean() > 0.85


def test_more_rows_make_more_and_smaller_faces(photos):
    counts, heights = [], []
    for rows in (0, 2, 4):
        framing = SceneFraming(128, (rows,), jitter=False)
        boxes = [framing.example(photos, 0, chance)[1] for chance in _chances()]
        counts.append(np.mean([len(each) for each in boxes]))
        heights.append(np.median(np.concatenate([each[:, 3] - each[:, 1] for each in boxes])))
    assert counts[0] < counts[1] < counts[2]
    assert heights[0] > heights[1] > heights[2]


def test_the_same_chance_gives_the_same_square_and_another_another(photos):
    framing = SceneFraming(64, (0, 2), grey=0.5)
    once, again, other = (framing.example(photos, 3, np.array([chance])) for chance in (0.3, 0.3, 0.7))
    assert np.array_equal(once[0], again[0])
    assert np.array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0])


def test_grey_photos_have_three_equal_channels(photos):
    pixels, _ = SceneFraming(64, grey=1.0).example(photos, 0, np.array([0.3]))
    assert (pixels == pixels[..., :1]).all()
    assert pixels.std() > 0


def test_boxes_are_stacked_with_rows_of_nan():
    framing = SceneFraming(64)
    boxes = [np.full((count, 4), count, dtype=np.float32) for count in (2, 0, 1)]
    stacked = framing.stack(boxes)
    assert stacked.shape == (3, 2, 4)
    assert np.isnan(stacked).all(2).tolist() == [[False, False], [True, True], [False, True]]
    assert framing.stack([boxes[1]]).shape == (1, 1, 4)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_hands_out_squares_and_boxes_whatever_the_number_of_workers(photos, workers):
    framing = SceneFraming(64, (0, 1))
    loaded = list(batches(photos, batch=4, framing=framing, seed=1, epoch=2, workers=workers))
    alone = list(batches(photos, batch=4, framing=framing, seed=1, epoch=2))
    for (pixels, boxes, _), (others, other_boxes, _) in zip(loaded, alone, strict=True):
        assert pixels.equal(others)
        assert boxes.shape[0] == 4
        assert np.array_equal(boxes.numpy(), other_boxes.numpy(), equal_nan=True)


@pytest.mark.parametrize("wrong", [{"size": 8}, {"rows": ()}, {"rows": (-1,)}, {"grey": 1.5}])
def test_squares_that_cannot_be_are_refused(wrong):
    with pytest.raises(RecipeError):
        dataclasses.replace(SceneFraming(64), **wrong)

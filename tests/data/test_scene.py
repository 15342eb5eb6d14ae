"""What is done to a photo is done to its boxes: marked faces stay where their boxes are."""

import numpy as np
import pytest

from foveate.data.scene import SHARES, Scene, jittered, mosaic, square_crop

COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], dtype=np.uint8)


def _scene(seed=0, height=120, width=180, faces=3):
    """A grey photo with faces that are patches of one colour each."""
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 90, dtype=np.uint8)
    boxes = []
    for number in range(faces):
        size = random.integers(12, 24, 2)
        left, top = 5 + number * (width // faces), int(random.integers(0, height - size[1]))
        pixels[top : top + size[1], left : left + size[0]] = COLOURS[number]
        boxes.append([left, top, left + size[0], top + size[1]])
    return Scene(pixels, np.array(boxes, dtype=np.float32).reshape(-1, 4))


def _marked(scene, number):
    """The box around the pixels of a face's colour."""
    away = np.abs(scene.pixels.astype(int) - COLOURS[number]).sum(2)
    rows, columns = np.nonzero(away < 120)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_boxes_follow_their_faces_into_another_size_and_a_mirror():
    scene = _scene()
    for other in (scene.resized(240, 90), scene.mirrored(), scene.mirrored().resized(60, 360)):
        for number in range(3):
            assert other.boxes[number].tolist() == pytest.approx(_marked(other, number), abs=2.1)
    assert np.array_equal(scene.mirrored().mirrored().boxes, scene.boxes)


def test_a_part_keeps_the_faces_whose_centre_it_has_and_cuts_their_boxes():
    scene = Scene(np.zeros((50, 60, 3), dtype=np.uint8), np.array([[0, 0, 20, 20], [30, 10, 50, 30]], dtype=np.float32))
    part = scene.cut(12, 5, 30, 40)
    assert part.pixels.shape == (40, 30, 3)
    assert part.boxes.tolist() == [[18, 5, 30, 25]]  # the first one's centre (10, 10) is outside


@pytest.mark.parametrize("seed", range(20))
def test_square_crops_have_a_face_and_one_of_the_sizes(seed):
    scene, random = _scene(seed), np.random.default_rng(seed)
    part = square_crop(scene, random)
    height, width = part.pixels.shape[:2]
    assert height == width
    assert height in {int(share * 120) for share in SHARES}
    assert 1 <= len(part.boxes) <= 3
    assert part.boxes.min() >= 0
    assert part.boxes.max() <= height


def test_a_photo_without_faces_is_cropped_too():
    part = square_crop(_scene(faces=0), np.random.default_rng(0))
    assert part.boxes.shape == (0, 4)
    assert part.pixels.shape[0] == part.pixels.shape[1]


def test_the_same_draw_gives_the_same_crop():
    one, two = (square_crop(_scene(), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.pixels, two.pixels)
    assert np.array_equal(one.boxes, two.boxes)


def test_light_and_colours_change_within_their_bounds():
    photo = np.random.default_rng(0).integers(60, 190, (32, 32, 3), dtype=np.uint8)
    found = [jittered(photo, np.random.default_rng(seed)) for seed in range(60)]
    means = np.array([each.mean() for each in found])
    assert means.std() > 5
    assert means.min() > 0.5 * photo.mean() - 34
    assert means.max() < 1.5 * photo.mean() + 50
    assert (
        np.abs(
            jittered(
                photo, np.random.default_rng(1), brightness=0.0, contrast=(1.0, 1.0), saturation=(1.0, 1.0), hue=0.0
            ).astype(int)
            - photo
        ).max()
        < 8
    )


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_mosaic_is_full_of_photos_with_their_shapes_and_faces(rows):
    scenes = (_scene(seed) for seed in range(100))
    made = mosaic(scenes, 360, rows)
    assert made.pixels.shape == (360, 360, 3)
    # 360 pixels a row, photos of 180 x 120: in rows of 360, 180 and 120 pixels are 1, 2 and 2 of them.
    assert len(made.boxes) >= {1: 1, 2: 2 * 4, 3: 3 * 6}[rows]
    for left, top, right, bottom in made.boxes.round().astype(int):
        inner = made.pixels[top + 3 : bottom - 3, left + 3 : right - 3].reshape(-1, 3).astype(int)
        colour = np.median(inner, 0)
        assert np.abs(colour - COLOURS).sum(1).min() < 40
        assert np.abs(inner - colour).mean() < 20
    # The height of a face is that of its patch, times the row over the photo's height, and so is its width.
    (left, top, right, bottom), first = made.boxes[0], _scene(0).boxes[0]
    assert [right - left, bottom - top] == pytest.approx((first[2:] - first[:2]) * 360 / rows / 120, abs=2.5)


def test_a_mosaic_leaves_out_faces_whose_centre_its_border_cuts_away():
    wide = Scene(np.zeros((50, 100, 3), dtype=np.uint8), np.array([[5, 5, 25, 30], [60, 5, 90, 30]], dtype=np.float32))
    made = mosaic(iter([wide]), 50, 1)
    assert made.boxes.tolist() == [[5, 5, 25, 30]]

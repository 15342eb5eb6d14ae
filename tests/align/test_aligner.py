"""From the faces of a photo to its crops."""

import numpy as np
import pytest
import torch

from foveate.align.aligner import Aligner
from foveate.align.cut import cut
from foveate.align.template import template
from foveate.detect.faces import Faces
from foveate.errors import RecipeError

PHOTO = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8))
BOX = [20.0, 10, 132, 122]


def _faces(count: int = 1, points: np.ndarray | None = None) -> Faces:
    """Faces of 112 x 112 pixels, the first at (20, 10), each 30 pixels to the right of the one before."""
    shift = np.arange(count, dtype=np.float32)[:, None] * [30, 0]
    corner = shift + np.array([20, 10])
    five = template() if points is None else points
    return Faces(
        np.concatenate([corner, corner + 112], axis=1).astype(np.float32),
        np.full(count, 0.9, np.float32),
        (five + corner[:, None]).astype(np.float32),
    )


NOBODY = _faces(0)


def test_the_five_points_come_to_lie_on_the_template():
    ((crop,), problems) = Aligner()(PHOTO, _faces())
    assert problems == []
    assert crop.how == "detected"
    assert crop.score == pytest.approx(0.9)
    assert torch.equal(crop.pixels, PHOTO[10:122, 20:132])
    assert crop.box.tolist() == BOX
    ((small,), _) = Aligner(size=224)(PHOTO, _faces())
    assert small.pixels.shape == (224, 224, 3)


def test_a_box_is_cut_out_and_resized():
    ((crop,), _) = Aligner(shape="box", size=50)(PHOTO, _faces())
    assert torch.equal(crop.pixels, cut(PHOTO, np.array(BOX), 50))
    assert crop.points is not None


def test_all_faces_or_those_in_given_boxes():
    crops, _ = Aligner(choice="all")(PHOTO, _faces(3))
    assert [crop.box[0] for crop in crops] == [20, 50, 80]
    boxes = np.array([[75.0, 5, 185, 115], [0.0, 140, 9, 149], [22.0, 12, 130, 120]])
    crops, problems = Aligner()(PHOTO, _faces(3), boxes)
    assert [crop.box[0] for crop in crops] == [80, 20]
    assert problems == ["no face was found"]


def test_given_boxes_are_cut_out_as_they_are_where_no_detector_was_asked():
    crops, problems = Aligner(shape="box")(PHOTO, None, np.array([[1.0, 2, 30, 40], [500.0, 500, 600, 600]]))
    assert [crop.how for crop in crops] == ["box"]
    assert torch.equal(crops[0].pixels, cut(PHOTO, np.array([1.0, 2, 30, 40]), 112))
    assert problems == ["the box (500, 500, 600, 600) holds no pixel of the photo"]


def test_where_no_face_is_found_the_photo_is_dropped_or_resized_or_its_middle_is():
    assert Aligner()(PHOTO, NOBODY) == ([], ["no face was found"])
    ((crop,), problems) = Aligner(undetected="resize")(PHOTO, NOBODY)
    assert (crop.how, crop.score, crop.points, problems) == ("resize", None, None, [])
    assert torch.equal(crop.pixels, cut(PHOTO, np.array([0.0, 0, 200, 150]), 112))
    ((crop,), _) = Aligner(undetected="centre")(PHOTO, NOBODY)
    assert torch.equal(crop.pixels, cut(PHOTO, np.array([25.0, 0, 175, 150]), 112))


def test_where_no_face_is_found_in_a_given_box_the_box_stands_for_it():
    box = np.array([[10.0, 20, 70, 60]])
    ((crop,), _) = Aligner(undetected="resize")(PHOTO, NOBODY, box)
    assert torch.equal(crop.pixels, cut(PHOTO, box[0], 112))
    ((crop,), _) = Aligner(undetected="centre")(PHOTO, NOBODY, box)
    assert crop.box.tolist() == [20, 20, 60, 60]


def test_points_that_coincide_count_as_no_face():
    faces = _faces(points=np.zeros((5, 2)))
    assert Aligner()(PHOTO, faces) == ([], ["the points of the face coincide"])
    assert Aligner(undetected="resize")(PHOTO, faces)[0][0].how == "resize"


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(RecipeError, match="no template for 100 x 100"):
        Aligner(size=100)
    assert Aligner("box", 100).size == 100
    with pytest.raises(RecipeError, match="0 pixels"):
        Aligner("box", 0)

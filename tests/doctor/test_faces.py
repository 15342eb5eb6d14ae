"""Where the eyes of a set stand, and in which order its colours are."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from foveate.data.open import open_training_set
from foveate.doctor.alignment import LEFT_EYE, RIGHT_EYE, Alignment, alignment
from foveate.doctor.colour import colour
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import survey


def _seen(faces, folder):
    return survey(Pictures.of_training(open_training_set(folder(list(faces)))))


@pytest.mark.parametrize(("scale", "right", "down"), [(1, 0, 0), (1, 8, 0), (1, 0, -7), (1.2, 0, 0), (0.85, 3, 6)])
def test_the_eyes_are_found_where_they_were_moved_to(faces, move, folder, scale, right, down):
    found = alignment(_seen([move(face, scale, right, down) for face in faces], folder))
    eyes = [[56 + scale * (x - 56) + right, 56 + scale * (y - 56) + down] for x, y in (LEFT_EYE, RIGHT_EYE)]
    assert found.is_clear
    assert found.left == pytest.approx(eyes[0], abs=2)
    assert found.right == pytest.approx(eyes[1], abs=2)
    assert Alignment.from_json(found.as_json()) == found


def test_faces_that_stand_anywhere_are_not_clear(faces, folder):
    random = np.random.default_rng(0)
    found = alignment(_seen([np.roll(face, random.integers(-20, 21, 2), (0, 1)) for face in faces], folder))
    assert not found.is_clear
    assert not found.is_blurred


def test_blurred_faces_say_that_they_are(faces, folder):
    blurred = [np.asarray(Image.fromarray(face).filter(ImageFilter.GaussianBlur(8))) for face in faces]
    assert alignment(_seen(blurred, folder)).is_blurred


def test_colours_are_told_however_few_dissent(faces, folder):
    swapped = faces[..., ::-1]
    assert colour(_seen(faces, folder)).order == "rgb"
    found = colour(_seen(swapped, folder))
    assert (found.order, found.warm, found.votes) == ("bgr", 0, 60)
    assert str(found).startswith("0.0 % of 60 faces have more red than blue in their middle (95 % interval 0.0 to")
    assert colour(_seen([*swapped[:30], *faces[30:]], folder)).order == "mixed"


def test_too_few_faces_and_grey_ones_decide_nothing(faces, folder):
    assert colour(_seen(faces[:9], folder)).order == "unsure"
    grey = np.repeat(faces.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)
    found = colour(_seen(grey, folder))
    assert (found.order, found.votes, found.low, found.high) == ("grey", 0, 0, 1)


def test_the_shared_faces_stand_as_the_template_has_them_in_the_right_colours(shared):
    images = open_training_set(shared / "data/faces")
    seen = survey(Pictures.of_training(images).sample(300))
    found = alignment(seen)
    assert found.is_clear
    assert found.distance(LEFT_EYE, RIGHT_EYE) < 3
    assert colour(seen).order == "rgb"

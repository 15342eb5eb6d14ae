"""Enlarged photos: what the detector is shown, and where its answers lie in the photo that was given."""

from collections.abc import Sequence
from typing import final

import numpy as np
import pytest
import torch

from foveate.detect.detector import Detector
from foveate.detect.enlarged import Enlarged
from foveate.detect.faces import Faces
from foveate.errors import RecipeError


@final
class Corners(Detector):
    """Finds one face: the whole photo, with its corners and centre as points."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    @property
    def title(self) -> str:
        return "corners"

    def __call__(self, photos: Sequence[torch.Tensor]) -> list[Faces]:
        self.shapes += [tuple(photo.shape) for photo in photos]
        return [self._whole(*photo.shape[:2]) for photo in photos]

    def _whole(self, height: int, width: int) -> Faces:
        points = [[0, 0], [width, 0], [width / 2, height / 2], [0, height], [width, height]]
        return Faces(
            np.array([[0, 0, width, height]], np.float32), np.ones(1, np.float32), np.array([points], np.float32)
        )


def _photo(height: int, width: int) -> torch.Tensor:
    return torch.zeros(height, width, 3, dtype=torch.uint8)


def test_answers_are_in_pixels_of_the_photo_as_it_was_given():
    inner = Corners()
    first, second = Enlarged(inner, zoom=4.0)([_photo(20, 16), _photo(5, 8)])
    assert inner.shapes == [(80, 64, 3), (20, 32, 3)]
    assert first.boxes.tolist() == [[0, 0, 16, 20]]
    assert second.points[0].tolist() == [[0, 0], [8, 0], [4, 2.5], [0, 5], [8, 5]]


def test_a_border_repeats_the_edge_and_lies_outside_of_the_photo():
    seen = []

    @final
    class Keeping(Detector):
        title = "keeping"

        def __call__(self, photos):
            seen.extend(photos)
            return Corners()(photos)

    photo = torch.arange(4 * 6 * 3, dtype=torch.uint8).reshape(4, 6, 3)
    (faces,) = Enlarged(Keeping(), border=0.5)([photo])
    assert seen[0].shape == (10, 12, 3)
    assert torch.equal(seen[0][3:7, 3:9], photo)
    assert torch.equal(seen[0][:3, 3:9], photo[:1].expand(3, 6, 3))
    assert faces.boxes.tolist() == [[-3, -3, 9, 7]]
    (faces,) = Enlarged(Keeping(), border=0.5, zoom=3.0)([photo])
    assert seen[1].shape == (30, 36, 3)
    assert np.allclose(faces.boxes, [[-3, -3, 9, 7]])


def test_large_photos_are_shrunk_for_the_search():
    inner = Corners()
    (faces,) = Enlarged(inner, longest=100)([_photo(300, 400)])
    assert inner.shapes == [(75, 100, 3)]
    assert faces.boxes.tolist() == [[0, 0, 400, 300]]
    Enlarged(inner, zoom=8.0, longest=100)([_photo(40, 20)])
    assert inner.shapes[-1] == (100, 50, 3)


def test_an_enlarged_photo_keeps_its_colours():
    seen = []

    @final
    class Keeping(Detector):
        title = "keeping"

        def __call__(self, photos):
            seen.extend(photos)
            return Corners()(photos)

    Enlarged(Keeping(), zoom=2.5, border=0.1)([torch.tensor([10, 100, 250]).to(torch.uint8).expand(20, 30, 3)])
    assert seen[0].reshape(-1, 3).unique(dim=0).tolist() == [[10, 100, 250]]


def test_the_title_names_what_is_done_to_photos():
    assert Enlarged(Corners()).title == "corners"
    assert Enlarged(Corners(), zoom=3.0, border=0.2).title == "corners, photos enlarged 3 times, border of 0.2"


@pytest.mark.parametrize("wrong", [{"zoom": 0.0}, {"zoom": 100.0}, {"border": -0.1}, {"zoom": float("nan")}])
def test_sizes_that_cannot_be_are_refused(wrong):
    with pytest.raises(RecipeError, match="cannot be enlarged"):
        Enlarged(Corners(), **wrong)

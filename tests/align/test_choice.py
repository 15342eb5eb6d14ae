"""Whose face is meant."""

import numpy as np
import pytest

from foveate.align.choice import chosen, matching
from foveate.detect.faces import Faces


def faces(*boxes: list[float]) -> Faces:
    edges = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    return Faces(edges, np.linspace(1, 0.8, len(edges), dtype=np.float32), np.zeros((len(edges), 5, 2), np.float32))


BYSTANDER, PERSON, SPECK = [0, 0, 90, 90], [70, 75, 130, 140], [98, 98, 106, 106]
"""In a photo of 200 x 200: large but in the corner; about the middle; a false alarm near to it."""


def test_the_central_face_is_the_one_nearest_to_the_middle_in_sides_of_its_box():
    assert chosen(faces(BYSTANDER, PERSON), "central", height=200, width=200) == [1]
    assert chosen(faces(BYSTANDER, SPECK, PERSON), "central", height=200, width=200) == [2]
    assert chosen(faces(BYSTANDER, PERSON), "central", height=80, width=80) == [0]


def test_the_largest_and_all():
    assert chosen(faces(PERSON, BYSTANDER), "largest", height=200, width=200) == [1]
    assert chosen(faces(PERSON, BYSTANDER, SPECK), "all", height=200, width=200) == [0, 1, 2]


@pytest.mark.parametrize("choice", ["central", "largest", "all"])
def test_without_faces_nobody_is_chosen(choice):
    assert chosen(faces(), choice, height=9, width=9) == []


def test_a_box_goes_with_the_face_that_overlaps_most():
    boxes = np.array([[60.0, 60, 140, 140], [0.0, 0, 80, 80], [150.0, 150, 190, 190], [88.0, 88, 190, 190]])
    assert matching(faces(PERSON, BYSTANDER), boxes) == [0, 1, None, None]
    assert matching(faces(), boxes) == [None] * 4


def test_no_face_is_given_to_two_boxes():
    boxes = np.array([[10.0, 10, 30, 30], [18.0, 10, 38, 30]])
    assert matching(faces([10, 10, 30, 30]), boxes) == [0, None]
    assert matching(faces([16, 10, 36, 30], [10, 10, 30, 30]), boxes) == [1, 0]

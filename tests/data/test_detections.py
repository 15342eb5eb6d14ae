"""Detections in WIDER FACE's text format come back as they were written."""

import numpy as np
import pytest

from foveate.data.detections import Detections, read_detections, write_detections
from foveate.errors import DataError


def test_boxes_and_scores_come_back_the_surest_first(tmp_path):
    random = np.random.default_rng(0)
    corner = random.integers(0, 500, (7, 2)) / 8
    boxes = np.concatenate([corner, corner + random.integers(1, 99, (7, 2)) / 8], axis=1)
    given = {"0--Parade/a_1.jpg": Detections(boxes, random.permutation(7) / 8), "1--Else/b.jpg": Detections.none()}
    write_detections(tmp_path, given)
    assert (tmp_path / "0--Parade/a_1.txt").read_text().splitlines()[:2] == ["a_1", "7"]
    found, missing = read_detections(tmp_path, [*given, "1--Else/c.jpg"])
    assert missing == ["1--Else/c.jpg"]
    order = np.argsort(-given["0--Parade/a_1.jpg"].scores)
    assert np.array_equal(found["0--Parade/a_1.jpg"].boxes, boxes[order])
    assert np.array_equal(found["0--Parade/a_1.jpg"].scores, given["0--Parade/a_1.jpg"].scores[order])
    assert len(found["1--Else/b.jpg"]) == len(found["1--Else/c.jpg"]) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\n2\n1 2 3 4 0.5\n", "announces 2 boxes and has 1"),
        ("a\n", "announces no boxes"),
        ("a\nmany\n", "announces many boxes"),
        ("a\n1\n1 2 3 4\n", "not five numbers"),
        ("a\n1\n1 2 x 4 0.5\n", "not five numbers"),
        ("a\n1\n1 2 3 4 nan\n", "not finite"),
    ],
)
def test_damaged_files_are_refused_by_name(tmp_path, text, problem):
    (tmp_path / "e").mkdir()
    (tmp_path / "e/a.txt").write_text(text)
    with pytest.raises(DataError, match=problem) as caught:
        read_detections(tmp_path, ["e/a.jpg"])
    assert caught.value.file == tmp_path / "e/a.txt"


def test_a_folder_of_nothing_and_names_that_lead_out_are_refused(tmp_path):
    with pytest.raises(DataError, match="no detections of any of 1 photos"):
        read_detections(tmp_path, ["e/a.jpg"])
    with pytest.raises(DataError, match="no photo's name"):
        write_detections(tmp_path, {"../a.jpg": Detections.none()})

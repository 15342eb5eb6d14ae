"""The text file of boxes."""

import pytest

from foveate.align.boxes import read_boxes
from foveate.errors import DataError

PHOTOS = ["a b/1.jpg", "c.png"]


def _read(tmp_path, text):
    (tmp_path / "boxes.txt").write_text(text)
    return read_boxes(tmp_path / "boxes.txt", PHOTOS)


def test_each_line_is_a_photo_and_a_box_and_paths_may_contain_spaces(tmp_path):
    found = _read(tmp_path, "# faces\n\na b/1.jpg 1 2 3.5 4\nc.png\t-1\t0\t9\t9\na b/1.jpg 5 5 6 6\n")
    assert {name: boxes.tolist() for name, boxes in found.items()} == {
        "a b/1.jpg": [[1, 2, 3.5, 4], [5, 5, 6, 6]],
        "c.png": [[-1, 0, 9, 9]],
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("c.png 1 2 3", "'c.png 1 2 3' is no photo with a box"),
        ("c.png 1 2 x 4", "is no photo with a box"),
        ("c.png 3 2 3 4", "is no photo with a box"),
        ("c.png 1 2 3 nan", "is no photo with a box"),
        ("c.png 1 2 inf 4", "is no photo with a box"),
        ("d.png 1 2 3 4", r"there is no photo 'd\.png'"),
    ],
)
def test_a_line_that_is_none_is_refused_with_its_number(tmp_path, line, problem):
    with pytest.raises(DataError, match=rf"boxes\.txt: record line 2: .*{problem}"):
        _read(tmp_path, f"c.png 1 2 3 4\n{line}\n")


def test_a_file_that_is_missing_or_holds_no_box_is_refused(tmp_path):
    with pytest.raises(DataError, match="the boxes cannot be read"):
        read_boxes(tmp_path / "none.txt", PHOTOS)
    with pytest.raises(DataError, match="holds no box"):
        _read(tmp_path, "# nothing\n")

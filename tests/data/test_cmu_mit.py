"""The CMU+MIT test set: boxes by photo, and photos without faces."""

import pytest

from foveate.data.cmu_mit import read_cmu_mit
from foveate.errors import DataError


@pytest.fixture
def folder(tmp_path):
    for name in ("b c.jpg", "a.jpg", "empty.jpg"):
        (tmp_path / name).touch()
    return tmp_path


def test_boxes_are_gathered_by_photo_and_photos_without_faces_stay(folder):
    (folder / "faces.txt").write_text("b c.jpg 1 2 3 4.5\na.jpg 0 0 9 9\nb c.jpg -1 5 6 7\n")
    first, second, third = read_cmu_mit(folder)
    assert (first.name, first.boxes.tolist(), first.flags, first.event) == ("a.jpg", [[0, 0, 9, 9]], None, "")
    assert (second.name, second.boxes.tolist()) == ("b c.jpg", [[1, 2, 3, 4.5], [-1, 5, 6, 7]])
    assert (third.name, third.boxes.shape) == ("empty.jpg", (0, 4))


def test_another_list_of_the_same_photos_is_read(folder):
    (folder / "heads.txt").write_text("a.jpg 0 0 9 9\n")
    assert [len(photo) for photo in read_cmu_mit(folder, "heads.txt")] == [1, 0, 0]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a.jpg 1 2 3", r"line 2 \('a\.jpg 1 2 3'\) is no box of a photo"),
        ("a.jpg 1 2 x 4", "line 2 .* is no box"),
        ("a.jpg 3 2 3 4", "line 2 .* is no box"),
        ("a.jpg 1 4 3 2", "line 2 .* is no box"),
        ("a.jpg 1 2 inf 4", "line 2 .* is no box"),
        ("a.jpg 1 2 nan 4", "line 2 .* is no box"),
        ("../a.jpg 1 2 3 4", "line 2 .* is no box"),
        ("", "line 2 .* is no box"),
        ("x.jpg 1 2 3 4", r"line 2 names a photo that is not there, x\.jpg"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(folder, line, problem):
    (folder / "faces.txt").write_text(f"a.jpg 1 2 3 4\n{line}\na.jpg 1 2 3 4\n")
    with pytest.raises(DataError, match=problem):
        read_cmu_mit(folder)


def test_the_test_set_has_its_511_faces(shared):
    folder = shared / "data/detect/cmu_mit"
    if not folder.is_dir():
        pytest.skip("no CMU+MIT photos beside the repository")
    for name in ("faces.txt", "heads.txt"):
        photos = read_cmu_mit(folder, name)
        assert (len(photos), sum(map(len, photos)), sum(len(photo) > 0 for photo in photos)) == (130, 511, 117)

"""WIDER FACE's text and its quirks, its ground truth, and boxes that leave their photos."""

import dataclasses

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from foveate.data.annotated import FLAGS, AnnotatedPhoto
from foveate.data.box_report import OddBox, image_size, odd_boxes
from foveate.data.wider_truth import read_wider_truth
from foveate.data.widerface import read_widerface
from foveate.data.widerface_writer import write_wider_truth, write_widerface
from foveate.errors import DataError

TEXT = """0--Parade/0_Parade_a_1_2.jpg
2
10 20 30 40 2 1 0 0 1 0 
1026 474 0 23 0 0 1 1 2 1 
0--Parade/0_Parade_empty_0_452.jpg
0
0 0 0 0 0 0 0 0 0 0 
photo b.jpg
0
7--Cheering/c.jpg
1
-3 5 10 10 0 0 0 0 0 0
"""  # noqa: W291 -- the official text ends its lines with a space


def _read(tmp_path, text):
    (tmp_path / "gt.txt").write_text(text)
    return read_widerface(tmp_path / "gt.txt")


def _photo(name, *boxes, flags=None):
    event = name.split("/")[0]
    marks = np.zeros((len(boxes), 6), dtype=np.int64) if flags is None else np.array(flags)
    return AnnotatedPhoto(name, event, np.array(boxes, dtype=np.float64).reshape(-1, 4), marks)


def _same(one, other):
    return (one.name, one.event, one.boxes.tolist(), one.flags.tolist()) == (
        (other.name, other.event, other.boxes.tolist(), other.flags.tolist())
    )


def test_the_text_and_its_quirks_are_read(tmp_path):
    first, empty, plain, last = _read(tmp_path, TEXT)
    assert (first.name, first.event) == ("0--Parade/0_Parade_a_1_2.jpg", "0--Parade")
    assert first.boxes.tolist() == [[10, 20, 40, 60], [1026, 474, 1026, 497]]
    assert first.flags.tolist() == [[2, 1, 0, 0, 1, 0], [0, 0, 1, 1, 2, 1]]
    assert first.flag("blur").tolist() == [2, 0]
    assert first.flag("invalid").tolist() == [0, 1]
    assert first.with_area().tolist() == [True, False]
    assert (empty.name, len(empty), empty.boxes.shape, empty.flags.shape) == (
        ("0--Parade/0_Parade_empty_0_452.jpg", 0, (0, 4), (0, 6))
    )
    assert (plain.name, plain.event, len(plain)) == ("photo b.jpg", "", 0)
    assert last.boxes.tolist() == [[-3, 5, 7, 15]]


def test_a_single_face_of_zeros_is_a_face(tmp_path):
    (photo,) = _read(tmp_path, "a.jpg\n1\n0 0 0 0 0 0 0 0 0 0\n")
    assert photo.boxes.tolist() == [[0, 0, 0, 0]]
    assert not photo.with_area().any()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 2 3 4 0 0 0 0 0 0\n", "line 1 is '1 2 3 4 0 0 0 0 0 0', not the path of a photo"),
        ("../a.jpg\n0\n", r"line 1 is '\.\./a\.jpg', not the path of a photo"),
        ("a.jpg\n", "line 2 is '', not the number of faces in a.jpg"),
        ("a.jpg\n-1\n", "line 2 is '-1', not the number of faces"),
        ("a.jpg\nb.jpg\n0\n", r"line 2 is 'b\.jpg', not the number of faces"),
        ("a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n", "line 2 announces 2 faces in a.jpg, but the text ends before them"),
        ("a.jpg\n1\n1 2 3 4\nb.jpg\n0\n", r"line 3 \('1 2 3 4', of a.jpg\) is not four whole numbers"),
        ("a.jpg\n1\n1 2 3.5 4 0 0 0 0 0 0\n", "is not four whole numbers"),
        ("a.jpg\n1\n1 2 3 9999999999 0 0 0 0 0 0\n", "is not four whole numbers"),
        ("a.jpg\n" + "9" * 5000 + "\n", "not the number of faces"),
        ("a.jpg\n1\n1 2 -3 4 0 0 0 0 0 0\n", "is not four whole numbers"),
        ("a.jpg\n0\n\n1 2 3 4 0 0 0 0 0 0\n", "line 3 is '', not the path of a photo"),
        ("a.jpg\n0\na.jpg\n0\n", r"line 3 names a\.jpg for the second time"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(tmp_path, text, problem):
    with pytest.raises(DataError, match=problem):
        _read(tmp_path, text)


def test_what_is_written_is_read_again(tmp_path):
    photos = _read(tmp_path, TEXT)
    write_widerface(tmp_path / "again.txt", photos)
    again = read_widerface(tmp_path / "again.txt")
    assert all(_same(one, other) for one, other in zip(again, photos, strict=True))
    assert (tmp_path / "again.txt").read_text().splitlines()[4:7] == TEXT.splitlines()[4:7]


def test_boxes_are_cut_at_the_border_and_keep_their_numbers():
    photo = _photo("a.jpg", (-3, 5, 7, 15), (1, 2, 3, 4), (5, 30, 25, 45), (50, 50, 60, 60))
    assert photo.outside(20, 40).tolist() == [True, False, True, True]
    cut = photo.clipped(20, 40)
    assert cut.boxes.tolist() == [[0, 5, 7, 15], [1, 2, 3, 4], [5, 30, 20, 40], [20, 40, 20, 40]]
    assert cut.with_area().tolist() == [True, True, True, False]
    assert photo.boxes[0, 0] == -3
    assert not photo.outside(60, 60)[1:].any()


def test_boxes_that_leave_their_photo_or_have_no_area_are_reported_by_name(tmp_path, noise_jpeg):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(noise_jpeg(0))
    assert image_size(tmp_path / "a.jpg") == (8, 8)
    photos = [_photo("a.jpg", (0, 0, 8, 8), (1, 1, 1, 5)), _photo("b.jpg", (2, 2, 9, 4))]
    assert odd_boxes(photos, tmp_path) == (
        OddBox("a.jpg", 1, (1.0, 1.0, 1.0, 5.0), (8, 8), "has no area"),
        OddBox("b.jpg", 0, (2.0, 2.0, 9.0, 4.0), (8, 8), "leaves the image"),
    )
    (tmp_path / "a.jpg").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"a\.jpg: the size of the image cannot be read \(it is no image"):
        odd_boxes(photos, tmp_path)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(DataError, match=r"a\.jpg: .*\(No such file"):
        odd_boxes(photos, tmp_path)


@pytest.fixture
def truth(tmp_path):
    """Three photos of two events, of which one shows nobody, and what counts."""
    photos = [
        _photo("0--Parade/a.jpg", (1, 2, 4, 6), (0, 0, 2, 2), flags=[[0, 1, 0, 1, 2, 0], [2, 0, 1, 0, 0, 1]]),
        _photo("0--Parade/b.jpg"),
        _photo("7--Cheering/c.jpg", (5, 5, 9, 9)),
    ]
    none, both = np.zeros(2, dtype=bool), np.ones(2, dtype=bool)
    counted = {
        "easy": [none, none[:0], none[:1]],
        "medium": [np.array([False, True]), none[:0], both[:1]],
        "hard": [both, none[:0], both[:1]],
    }
    write_wider_truth(tmp_path / "truth", photos, counted)
    return tmp_path / "truth", photos, counted


def test_the_ground_truth_is_read_as_written(truth):
    folder, photos, counted = truth
    read = read_wider_truth(folder)
    assert all(_same(one, other) for one, other in zip(read.photos, photos, strict=True))
    for level, marks in counted.items():
        assert [each.tolist() for each in read.counted[level]] == [each.tolist() for each in marks]


def _change(folder, file, **changed):
    whole = {name: value for name, value in loadmat(folder / file).items() if not name.startswith("__")}
    for name, change in changed.items():
        change(whole[name])
    savemat(folder / file, whole)


def test_files_that_do_not_fit_each_other_are_refused(truth):
    folder, _, _ = truth

    def beyond(numbers):
        numbers[1, 0][0, 0] = np.array([[2]])

    _change(folder, "wider_hard_val.mat", gt_list=beyond)
    with pytest.raises(
        DataError, match=r"wider_hard_val\.mat: record 7--Cheering/c\.jpg: of 1 faces it counts number 2"
    ):
        read_wider_truth(folder)

    def renamed(names):
        names[0, 0][1, 0] = "other"

    _change(folder, "wider_medium_val.mat", file_list=renamed)
    with pytest.raises(DataError, match=r"wider_medium_val\.mat: its photos are not those of wider_face_val\.mat"):
        read_wider_truth(folder)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("file_list", "../x", "its events and photos do not go together"),
        ("file_list", "a", "its events and photos do not go together"),
        ("face_bbx_list", np.array([[1, 2, 3]]), r"record 0--Parade/b\.jpg: it should have a table of 4 columns"),
        ("face_bbx_list", "text", "it should have a table of 4 columns"),
        ("face_bbx_list", np.array([[1.5, 2, 3, 4]]), "its numbers should be whole ones"),
        ("face_bbx_list", np.array([[1, 2, 3, 4]]), "its boxes and flags do not go together"),
        ("blur_label_list", np.array([[1]]), "its boxes and flags do not go together"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(truth, name, value, problem):
    def change(cells):
        cells[0, 0][1, 0] = value

    _change(truth[0], "wider_face_val.mat", **{name: change})
    with pytest.raises(DataError, match=problem):
        read_wider_truth(truth[0])


def test_a_list_of_fewer_photos_is_refused(truth):
    def shorten(cells):
        cells[0, 0] = cells[0, 0][:1]

    _change(truth[0], "wider_face_val.mat", pose_label_list=shorten)
    with pytest.raises(DataError, match="its pose_label_list has other photos than its file_list"):
        read_wider_truth(truth[0])


def test_a_missing_file_is_named(truth):
    (truth[0] / "wider_easy_val.mat").unlink()
    with pytest.raises(DataError, match=r"wider_easy_val\.mat: cannot be opened"):
        read_wider_truth(truth[0])


def test_flags_that_a_data_set_lacks_are_zeros():
    photo = dataclasses.replace(_photo("a.jpg", (0, 0, 1, 1)), flags=None)
    assert [photo.flag(name).tolist() for name in FLAGS] == [[0]] * 6


def test_the_official_ground_truth_has_the_published_number_of_faces(shared):
    folder = shared / "data/detect/wider_ground_truth"
    if not folder.is_dir():
        pytest.skip("no official WIDER FACE ground truth beside the repository")
    truth = read_wider_truth(folder)
    assert len(truth.photos) == 3226
    faces = {level: sum(int(marks.sum()) for marks in counted) for level, counted in truth.counted.items()}
    assert faces == {"easy": 7211, "medium": 13319, "hard": 31958}
    assert len({photo.event for photo in truth.photos}) == 61


def test_three_boxes_of_the_development_photos_leave_their_image(shared):
    folder = shared / "data/detect/photos"
    if not folder.is_dir():
        pytest.skip("no annotated photos beside the repository")
    train, val = (read_widerface(folder / f"{split}_bbx_gt.txt") for split in ("train", "val"))
    assert (len(train), len(val)) == (340, 80)
    assert [odd.problem for odd in odd_boxes((*train, *val), folder)] == ["leaves the image"] * 3

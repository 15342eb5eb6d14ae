"""Lists of images: which, of which classes, in which order."""

import numpy as np
import pytest

from foveate.data.folder import ImageFolder
from foveate.data.image_list import ImageList
from foveate.data.open import open_training_set
from foveate.errors import DataError


@pytest.fixture
def folder(tmp_path):
    for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "c c/1 2.jpg"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(name.encode())
    return tmp_path


def _read(folder, text, name="list.txt"):
    (folder / name).write_text(text)
    images = ImageList(folder / name)
    assert [images.encoded(index).decode() for index in range(len(images))] == [*images._files.names]
    return [images.record(index) for index in range(len(images))], images.labels.tolist(), images.classes


def test_a_list_says_which_images_in_which_order_of_which_classes(folder):
    names, labels, classes = _read(folder, "b/1.jpg 10\na/2.jpg 9\nc c/1 2.jpg 10\n")
    assert names == ["b/1.jpg", "a/2.jpg", "c c/1 2.jpg"]
    assert (labels, classes) == ([1, 0, 1], ("9", "10"))


def test_labels_that_are_names_are_sorted_as_names(folder):
    assert _read(folder, "b/1.jpg zoe\na/1.jpg 10\na/2.jpg 9\n")[1:] == ([2, 0, 1], ("10", "9", "zoe"))


def test_names_that_float_would_read_are_names(folder):
    assert _read(folder, "b/1.jpg 1_10\na/1.jpg 11_0\na/2.jpg Nan\n")[1:] == ([1, 0, 2], ("11_0", "1_10", "Nan"))


def test_insightface_s_lst_has_the_path_before_the_class(folder):
    more = "\t".join(str(number) for number in range(14))
    names, labels, classes = _read(folder, f"1\ta/1.jpg\t0\n0\tb/1.jpg\t1\t{more}\n", "train.lst")
    assert (names, labels, classes) == (["a/1.jpg", "b/1.jpg"], [0, 1], ("0", "1"))


def test_mxnet_s_lst_has_the_path_behind_index_and_labels(folder):
    names, labels, classes = _read(folder, "7\t3.000000\tb/1.jpg\n8\t1.000000\t1.0\ta/1.jpg\n", "train.lst")
    assert (names, labels, classes) == (["b/1.jpg", "a/1.jpg"], [1, 0], ("1", "3"))


def test_images_may_lie_elsewhere(folder, tmp_path_factory):
    file = tmp_path_factory.mktemp("lists") / "some.list"
    file.write_text("a/1.jpg\t0\nb/1.jpg\t1\n")
    images = ImageList(file, folder)
    assert images.encoded(1) == b"b/1.jpg"
    assert [*images.files()] == [file, folder / "a/1.jpg", folder / "b/1.jpg"]


def test_a_path_with_a_list_is_opened_by_it_and_one_without_is_a_folder_of_identities(folder):
    assert isinstance(open_training_set(folder), ImageFolder)
    (folder / "train.lst").write_text("a/1.jpg 0\nb/1.jpg 1\n")
    assert isinstance(open_training_set(folder), ImageFolder)
    assert isinstance(open_training_set(folder / "train.lst"), ImageList)
    (folder / "list.txt").write_text("b/1.jpg 0\na/1.jpg 1\n")
    opened = open_training_set(folder)
    assert isinstance(opened, ImageList)
    assert opened.record(0) == "b/1.jpg"
    assert len(open_training_set(folder / "list.txt")) == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a/2.jpg", r"line 2 \('a/2.jpg'\) does not have a path and a label"),
        ("c c/1 2.jpg", "line 2 names an image that is not there"),
        ("", "does not have a path and a label"),
        ("../x.jpg 1", "leads out of the folder"),
        ("/etc/passwd 1", "leads out of the folder"),
        ("a/2.jpg -1", "no class number"),
        ("a/2.jpg 0.5", "no class number"),
        ("a/2.jpg nan", "no class number"),
        ("a/2.jpg " + "9" * 5000, "no class number"),
        (f"a/2.jpg {1 << 24}", "no class number"),
        ("a/1.jpg 1", "for the second time"),
        ("a/3.jpg 1", r"line 2 names an image that is not there, a/3\.jpg"),
        ("a 1", "line 2 names an image that is not there"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(folder, line, problem):
    (folder / "list.txt").write_text(f"a/1.jpg 0\n{line}\nb/1.jpg 1\n")
    with pytest.raises(DataError, match=problem) as caught:
        ImageList(folder)
    assert "line 2 " in str(caught.value)
    assert caught.value.file == folder / "list.txt"


@pytest.mark.parametrize(
    ("text", "problem"), [("", "the list is empty"), ("a/1.jpg 0\na/2.jpg 0", "one class only, 0")]
)
def test_a_list_that_teaches_nothing_is_refused(folder, text, problem):
    (folder / "list.txt").write_text(text)
    with pytest.raises(DataError, match=problem):
        ImageList(folder)


def test_the_state_changes_with_the_list(folder):
    (folder / "list.txt").write_text("a/1.jpg 0\nb/1.jpg 1\n")
    before = ImageList(folder)
    (folder / "list.txt").write_text("a/1.jpg 0\na/2.jpg 1\n")
    after = ImageList(folder)
    assert np.array_equal(before.labels, after.labels)
    assert before.state() != after.state()


def test_one_image_under_two_paths_is_refused(folder):
    (first, *_) = sorted(path.relative_to(folder) for path in folder.rglob("*.jpg"))
    with pytest.raises(DataError, match=r"line 2 .* for the second time"):
        _read(folder, f"{first} 0\n./{first} 1\n")

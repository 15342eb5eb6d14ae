"""Folders of identity folders: what counts as an image, and what is refused."""

import os

import numpy as np
import pytest

from foveate.data.folder import ImageFolder
from foveate.doctor.digests import digests
from foveate.errors import DataError


def _make(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.fsencode(name))
    return folder


def test_classes_are_the_sorted_folder_names(tmp_path):
    images = ImageFolder(_make(tmp_path, "zoe/1.jpg", "ann/b.PNG", "ann/a.JPEG", "Bob/x.webp", "Bob/y.Bmp"))
    assert images.classes == ("Bob", "ann", "zoe")
    assert images.labels.tolist() == [0, 0, 1, 1, 2]
    assert images.labels.dtype == np.int64
    names = [images.record(index) for index in range(5)]
    assert names == ["Bob/x.webp", "Bob/y.Bmp", "ann/a.JPEG", "ann/b.PNG", "zoe/1.jpg"]
    assert [images.encoded(index).decode() for index in range(5)] == names


def test_names_that_are_no_utf_8_have_a_fingerprint(tmp_path):
    odd = os.fsdecode(b"p\xe9")
    images = ImageFolder(_make(tmp_path, "a/1.jpg", f"{odd}/1.jpg"))
    assert images.classes == ("a", odd)
    assert len(images.fingerprint()) == 64
    assert len(digests(tmp_path)[f"{odd}/"]) == 64


def test_hidden_files_and_notes_are_ignored(tmp_path):
    _make(tmp_path, "a/1.jpg", "b/1.jpg", "a/.hidden.jpg", "b/notes.txt", ".cache/1.jpg", ".x.jpg", "pairs.txt")
    images = ImageFolder(tmp_path)
    assert [images.record(index) for index in range(len(images))] == ["a/1.jpg", "b/1.jpg"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "holds no identity folders"),
        (["notes.txt"], "holds no identity folders"),
        (["a/1.jpg"], "one identity only, a"),
        (["a/1.jpg", "b/notes.txt"], "b: the identity folder holds no images"),
        (["a/1.jpg", "b/1.jpg", "b/deep/2.jpg"], "b: the folder deep stands inside of an identity folder"),
        (["a/1.jpg", "b/1.jpg", "3.jpg"], "the image 3.jpg stands outside of an identity folder"),
    ],
)
def test_a_folder_of_another_layout_is_refused(tmp_path, names, problem):
    with pytest.raises(DataError, match=problem) as caught:
        ImageFolder(_make(tmp_path, *names))
    assert str(tmp_path) in str(caught.value.file)
    assert caught.value.remedy


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="nowhere: the folder cannot be listed"):
        ImageFolder(tmp_path / "nowhere")


def test_a_file_instead_of_a_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"1\.jpg: the folder cannot be listed"):
        ImageFolder(_make(tmp_path, "1.jpg") / "1.jpg")


def test_a_file_that_vanished_is_refused_when_it_is_read(tmp_path):
    images = ImageFolder(_make(tmp_path, "a/1.jpg", "b/1.jpg"))
    (tmp_path / "b/1.jpg").unlink()
    assert images.encoded(0) == b"a/1.jpg"
    with pytest.raises(DataError, match=r"b/1\.jpg: cannot be read \(No such file"):
        images.encoded(1)


def test_a_file_that_became_a_folder_is_refused_when_it_is_read(tmp_path):
    images = ImageFolder(_make(tmp_path, "a/1.jpg", "b/1.jpg"))
    (tmp_path / "b/1.jpg").unlink()
    (tmp_path / "b/1.jpg").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        images.encoded(1)

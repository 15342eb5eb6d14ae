"""The photos below a folder, and the names of their crops."""

import pytest

from foveate.align.photo_folder import find_photos, stems
from foveate.errors import DataError


def test_photos_of_any_depth_are_found_in_order_and_other_files_counted(tmp_path):
    for name in ("b/x/2.JPG", "b/1.png", "a.webp", ".hidden.jpg", ".cache/3.jpg", "notes.txt", "b/4.heic", "LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_photos(tmp_path)
    assert found.names == ("a.webp", "b/1.png", "b/x/2.JPG")
    assert found.others == {".heic": 1, ".txt": 1, "without ending": 1}


def test_a_missing_folder_and_one_without_photos_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        find_photos(tmp_path / "none")
    with pytest.raises(DataError, match="holds no photos"):
        find_photos(tmp_path)


def test_photos_that_differ_by_their_ending_alone_keep_it():
    names = ["p/a.jpg", "p/a.png", "p/b.jpg", "q/a.jpg", "p/c.1.jpg"]
    assert stems(names) == {
        "p/a.jpg": "p/a.jpg",
        "p/a.png": "p/a.png",
        "p/b.jpg": "p/b",
        "q/a.jpg": "q/a",
        "p/c.1.jpg": "p/c.1",
    }


def test_two_photos_are_never_called_the_same():
    with pytest.raises(DataError, match=r"a\.jpg\.png: its crop would be called as that of a\.jpg"):
        stems(["a.jpg", "a.jpg.png", "a.png"])


def test_linked_folders_are_searched_once(tmp_path):
    photos, disk = tmp_path / "photos", tmp_path / "disk"
    for file in (photos / "ann/1.jpg", disk / "bob/1.jpg"):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"")
    (photos / "bob").symlink_to(disk / "bob")
    (photos / "ann/all").symlink_to(photos)
    (disk / "bob/back").symlink_to(photos)
    assert find_photos(photos).names == ("ann/1.jpg", "bob/1.jpg")

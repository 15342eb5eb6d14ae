"""A list of image files behaves as a sequence of bytes."""

import pytest

from foveate.data.image_files import ImageFiles
from foveate.errors import DataError


def test_it_is_a_sequence_of_the_files_bytes(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name * 2)
    files = ImageFiles(tmp_path, ["a", "b", "c"])
    assert list(files) == [b"aa", b"bb", b"cc"]
    assert files[-1] == b"cc"
    assert list(files[1:]) == [b"bb", b"cc"]
    assert len(files) == 3


def test_a_file_is_read_only_when_asked_for(tmp_path):
    files = ImageFiles(tmp_path, ["nowhere.jpg"])
    with pytest.raises(DataError, match=r"nowhere\.jpg: cannot be read"):
        files[0]

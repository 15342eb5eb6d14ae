"""Files appear whole or not at all."""

import pytest

from foveate.files import replacing


def test_files_appear_when_the_block_ends(tmp_path):
    target = tmp_path / "deep" / "a.bin"
    with replacing(target, tmp_path / "b.bin") as (first, second):
        first.write(b"one")
        second.write(b"two")
        assert not target.exists()
    assert target.read_bytes() == b"one"
    assert (tmp_path / "b.bin").read_bytes() == b"two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.bin", "deep"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(target) as (file,):
        _ = file.write(b"new") / 0
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]

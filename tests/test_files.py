"""A file is replaced whole or not at all, whatever goes wrong on the way."""

import json
import os

import numpy as np
import pytest

from foveate.files import array_name, finite, replacing, write_arrays, write_bytes, write_json


def test_bytes_replace_the_old_content_and_parents_are_made(tmp_path):
    target = tmp_path / "deep" / "er" / "file.bin"
    write_bytes(target, b"one")
    write_bytes(target, b"two")
    assert target.read_bytes() == b"two"
    assert os.listdir(target.parent) == ["file.bin"]  # noqa: PTH208


def test_the_old_file_is_whole_until_the_new_one_is(tmp_path):
    target = tmp_path / "file.bin"
    write_bytes(target, b"old")
    with replacing(target) as (file,):
        file.write(b"ne")
        file.flush()
        assert target.read_bytes() == b"old"
        file.write(b"w")
    assert target.read_bytes() == b"new"


def test_a_file_in_the_place_of_a_folder_is_what_the_error_names(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(OSError, match=r"notes/deep'$"):
        write_bytes(tmp_path / "notes/deep/file.bin", b"new")
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file_and_no_partial_one(tmp_path, monkeypatch, failing):
    target = tmp_path / "file.bin"
    write_bytes(target, b"old")

    def fail(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(*{"fsync": ("os.fsync", fail), "replace": ("pathlib.Path.replace", fail)}[failing])
    with pytest.raises(OSError, match="no space left"):
        write_bytes(target, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_content_is_on_disk_before_it_takes_the_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, type(tmp_path).replace
    monkeypatch.setattr("os.fsync", lambda number: (order.append("fsync"), fsync(number)))
    monkeypatch.setattr("pathlib.Path.replace", lambda *paths: (order.append("rename"), replace(*paths)))
    write_bytes(tmp_path / "file.bin", b"new")
    assert order == ["fsync", "rename", "fsync"]


def test_an_interrupt_leaves_the_old_file_too(tmp_path):
    target = tmp_path / "file.bin"
    write_bytes(target, b"old")

    def interrupted():
        with replacing(target) as (file,):
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_json_that_cannot_be_written_leaves_the_old_file(tmp_path):
    target = tmp_path / "file.json"
    write_json(target, {"a": 1})
    with pytest.raises(TypeError):
        write_json(target, {"a": object()})
    assert json.loads(target.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [target]


def test_json_holds_null_for_numbers_that_are_not_finite(tmp_path):
    target = tmp_path / "file.json"
    write_json(target, {"a": [float("nan"), (1.5, float("-inf"))], 2: np.float64("inf"), "text": "é"})
    text = target.read_text()
    assert text.endswith("}\n")
    assert json.loads(text) == {"a": [None, [1.5, None]], "2": None, "text": "é"}


def test_finite_values_stay_as_they_are():
    value = {"a": [1, 2.5, "x", None, True]}
    assert finite(value) == value


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


def test_a_name_as_long_as_file_systems_allow_can_be_written(tmp_path):
    names = ["x" * 250 + end for end in (".png", ".jpg")]
    with replacing(*(tmp_path / name for name in names)) as files:
        for number, file in enumerate(files):
            file.write(bytes([number]))
    assert [(tmp_path / name).read_bytes() for name in names] == [b"\0", b"\1"]


def test_arrays_may_be_called_as_folders_are(tmp_path):
    write_arrays(tmp_path / "a.npz", {"m\udcfcller/scores": np.arange(3)})
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays[array_name("m\udcfcller/scores")].tolist() == [0, 1, 2]
    assert array_name("müller/scores") == "müller/scores"

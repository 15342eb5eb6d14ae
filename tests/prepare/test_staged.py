"""A folder appears when it is complete, and interrupted work goes on."""

from pathlib import Path

import pytest

from foveate.errors import DataError
from foveate.prepare.staged import staged


def _break(out, plan):
    with staged(out, plan) as folder:
        (folder / "first").write_text("1")
        raise KeyboardInterrupt


def test_a_folder_appears_when_it_is_complete(tmp_path):
    with staged(tmp_path / "deep/out", {"a": [1]}) as folder:
        (folder / "file").write_text("x")
        assert not (tmp_path / "deep/out").exists()
    assert [path.name for path in (tmp_path / "deep/out").iterdir()] == ["file"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_interrupted_work_goes_on_with_the_same_plan_only(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        _break(tmp_path / "out", {"seed": 1})
    assert not (tmp_path / "out").exists()
    with pytest.raises(DataError, match="unfinished work of another command"):
        _break(tmp_path / "out", {"seed": 2})
    with staged(tmp_path / "out", {"seed": 1}) as folder:
        assert (folder / "first").read_text() == "1"
    assert (tmp_path / "out/first").exists()


def test_where_nothing_was_written_other_arguments_may_follow(tmp_path):
    with pytest.raises(DataError, match="no such number"), staged(tmp_path / "set", {"number": 0}):
        raise DataError("no such number", remedy="Give another")
    with staged(tmp_path / "set", {"number": 1}) as folder:
        (folder / "file").touch()
    assert (tmp_path / "set/file").is_file()


def test_what_is_there_is_never_written_over(tmp_path):
    (tmp_path / "out").mkdir()
    with staged(tmp_path / "out", {}) as folder:  # an empty folder is a place to write
        (folder / "file").write_text("x")
    with pytest.raises(DataError, match="it exists already"), staged(tmp_path / "out", {}):
        pass
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="it exists already"), staged(tmp_path / "file", {}):
        pass


def test_behind_a_link_the_folder_appears_where_the_link_leads(tmp_path):
    (tmp_path / "disk/set").mkdir(parents=True)
    (tmp_path / "set").symlink_to(tmp_path / "disk/set")
    with staged(tmp_path / "set", {}) as folder:
        assert folder.parent == tmp_path / "disk"
        (folder / "file").write_text("x")
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["file"]
    assert (tmp_path / "set").is_symlink()


def test_work_that_is_complete_but_not_in_its_place_goes_on(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _break(tmp_path / "out", {"seed": 1})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), staged(tmp_path / "out", {"seed": 1}):
        patch.setattr(Path, "replace", killed)
    with staged(tmp_path / "out", {"seed": 1}):
        pass
    assert (tmp_path / "out/first").read_text() == "1"


def test_what_a_killed_process_left_behind_does_not_come_along(tmp_path):
    plan = {"a": 1}
    with pytest.raises(KeyboardInterrupt):
        _break(tmp_path / "set", plan)
    left = tmp_path / ".set.partial/inside/.train.rec.7.partial"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    with staged(tmp_path / "set", plan) as folder:
        (folder / "inside/train.rec").write_bytes(b"whole")
    assert [file.name for file in (tmp_path / "set/inside").iterdir()] == ["train.rec"]


def test_a_folder_is_not_made_among_the_images_it_comes_of(tmp_path):
    (tmp_path / "people/anna").mkdir(parents=True)
    source = {"source": str(tmp_path / "people")}
    with pytest.raises(DataError, match="it would be among the images"), staged(tmp_path / "people/low", source):
        pass
    (tmp_path / "people/train.rec").write_bytes(b"")  # records mind nothing beside them
    with staged(tmp_path / "people/low", source):
        pass
    assert (tmp_path / "people/low").is_dir()

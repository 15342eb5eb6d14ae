"""How a study is run is written down once, and every later start keeps to it."""

import json
from dataclasses import replace

import pytest

from foveate.errors import RecipeError
from foveate.study.setting import Setting, describe, recorded
from foveate.study.study import Entry, Study

STUDY = Study("Two rows", "verification", (Entry("8x", "base", "Base", "base"), Entry("8x", "askd", "A-SKD", "askd")))


def test_a_study_is_written_down_and_refuses_other_flags(tmp_path):
    setting = Setting(tmp_path, ("--data", "faces"), ("--epochs", "3"), tmp_path / "teachers", teacher_seeds=2)
    assert recorded(tmp_path) is None
    describe("two", STUDY, setting)
    assert recorded(tmp_path) == setting
    describe("two", STUDY, setting)
    content = json.loads((tmp_path / "two.json").read_text())
    assert [entry["label"] for entry in content["entries"]] == ["Base", "A-SKD"]
    with pytest.raises(RecipeError, match=r"begun with flags \['--data', 'faces'\], not \['--data', 'other'\]"):
        describe("other", STUDY, Setting(tmp_path, ("--data", "other"), setting.teacher_flags, setting.teachers, 2))


def test_a_row_means_the_same_runs_in_every_study_of_a_folder(tmp_path):
    setting = Setting(tmp_path, (), (), tmp_path / "teachers", teacher_seeds=2)
    describe("two", STUDY, setting)
    heavy = replace(STUDY.entries[1], flags=("--weight", "9"))
    other = replace(STUDY, entries=(STUDY.entries[0], heavy))
    describe("other", other, setting)  # nothing was run yet
    describe("two", STUDY, setting)
    (tmp_path / "other.json").unlink()
    (tmp_path / "8x/askd-0").mkdir(parents=True)
    (tmp_path / "8x/askd-0/run.json").write_text("{}")
    with pytest.raises(RecipeError, match=r"called 8x/askd are of 'askd', the study's are of 'askd --weight 9'"):
        describe("other", other, setting)
    assert not (tmp_path / "other.json").exists()
    (tmp_path / "notes.json").write_text("{")  # none of a study
    describe("two", STUDY, setting)
    plain = replace(STUDY.entries[1], name="a", recipe="kd")
    describe("third", replace(STUDY, entries=(plain,)), setting)
    (tmp_path / "8x/a-b-0").mkdir()
    (tmp_path / "8x/a-b-0/run.json").write_text("{}")  # of a row called a-b
    describe("fourth", replace(STUDY, entries=(replace(plain, recipe="at"),)), setting)

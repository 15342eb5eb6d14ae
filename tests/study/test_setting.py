"""How a study is run is written down once, and every later start keeps to it."""

import json

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

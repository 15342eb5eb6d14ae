"""``--head NAME`` trains with the head in foveate/heads/NAME.py, and its model knows how to score again."""

import dataclasses
import json

import pytest
import torch

from foveate.discover import classes
from foveate.errors import RecipeError
from foveate.face_task import FaceTask
from foveate.heads.head import Head
from foveate.model_file import load_model
from foveate.scale import SMALL, Scale

KINDS = classes("heads", Head)


@pytest.mark.parametrize("name", KINDS)
def test_each_head_is_made_for_the_classes_of_the_data(name, faces):
    head = FaceTask(faces, scale=Scale(embedding=8, head=name, margin_warmup=0.3)).head()
    assert type(head) is KINDS[name]
    assert head.weight.shape == (7, 8)
    assert getattr(head, "scale", 32) == 32
    assert getattr(head, "warmup", 0.3) == 0.3


def test_the_usual_head_is_arcface(faces):
    assert type(FaceTask(faces, scale=SMALL).head()) is KINDS["arcface"]


def test_a_teacher_and_its_student_train_with_another_head(run, faces, tiny, tmp_path):
    flags = ["--data", faces, *tiny, "--head", "adaface", "--log-every", "1"]
    assert run("train", "teacher", *flags, "--out", tmp_path / "teacher").code == 0
    teacher = tmp_path / "teacher/model.safetensors"
    assert run("train", "askd_kd", *flags, "--teacher", teacher, "--out", tmp_path / "student").code == 0
    first, *_ = (tmp_path / "student/log.jsonl").read_text().splitlines()
    assert json.loads(first)["losses"].keys() == {"adaface", "askd", "kd"}
    for name in ("teacher", "student"):
        head = load_model(tmp_path / name / "model.safetensors").head
        assert type(head) is KINDS["adaface"]
        assert head.mean != 20
        assert torch.equal(head.mean, head.mean.clamp(1e-3, 20))  # lengths of eight numbers are short


def test_a_head_there_is_not_is_refused_with_those_there_are(faces):
    with pytest.raises(RecipeError, match=r"no 'mine' in foveate.heads. Choose from: adaface, arcface, cosface"):
        FaceTask(faces, scale=Scale(head="mine")).head()


@pytest.mark.parametrize("name", [name for name in KINDS if name != "arcface"])
def test_class_centres_are_sampled_for_arcface_only(name):
    assert dataclasses.replace(SMALL, sample=0.5).head == "arcface"
    with pytest.raises(RecipeError, match=rf"--sample is 0.5.*--head {name}"):
        Scale(head=name, sample=0.5)


def test_a_head_takes_the_fields_of_the_scale_that_it_names(faces, monkeypatch):
    """A new head needs no edited line: what its constructor calls as the scale does is given."""

    class Sized(KINDS["normface"]):
        def __init__(self, embedding, classes, *, batch: int) -> None:
            super().__init__(embedding, classes)
            self.batch = batch

    monkeypatch.setattr("foveate.face_task.method", lambda *_: Sized)
    assert FaceTask(faces, scale=Scale(embedding=8, batch=24)).head().batch == 24

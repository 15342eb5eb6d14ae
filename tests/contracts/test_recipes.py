"""Every recipe is a documented function whose arguments are its flags, and trains.

A new file in ``foveate/recipes`` is found and tested without a line here; a new kind of task adds a tiny example of
itself, under its class name.
"""

import dataclasses
import functools
import inspect
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
import torch

from foveate.blueprint import describe
from foveate.cli import main
from foveate.data.encode import encode
from foveate.data.image_writer import write_image
from foveate.data.insightface_writer import write_insightface
from foveate.data.pairs import VerificationPairs
from foveate.data.verification_writer import write_verification_bin
from foveate.detection_scale import SMALL
from foveate.detection_task import DetectionTask
from foveate.discover import names, recipe
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.model_file import load_model
from foveate.photo_scale import PhotoScale
from foveate.photo_task import PhotoTask
from foveate.run import Run
from foveate.scale import Scale
from foveate.teacher import LiveTeacher
from foveate.train import train

SCALE = Scale(
    depth=18,
    width=4,
    stem_stride=2,
    embedding=8,
    reduction=2,
    batch=8,
    epochs=1,
    schedule="cosine",
    learning_rate=0.01,
)

PHOTO_SCALE = PhotoScale(width=4, reduction=2, size=48, batch=8, epochs=1, schedule="cosine")

DETECTION_SCALE = dataclasses.replace(
    SMALL, width=4, norm="batch", channels=8, tower=1, size=96, rows=(0, 1), fit=(64, 96), batch=8, epochs=1
)

NETWORKS = {"imagenet_vit_askd": {"backbone": "timm", "model": "test_vit"}}
"""Of recipes that want another network than their task's."""


def photo_task(folder: Path, name: str, preset: str = "paper") -> PhotoTask:
    """16 photos of noise of 4 classes, of several sizes, which are two batches, and 8 more to test on."""
    for part, count in (("train", 4), ("val", 2)) if not folder.exists() else ():
        random = np.random.default_rng(count)
        for number in range(4 * count):
            file = folder / part / f"n{number % 4:08d}" / f"{number}.JPEG"
            write_image(file, encode(random.integers(0, 256, (40 + number, 36, 3), dtype=np.uint8)))
    network = NETWORKS.get(name, {})
    attention = "none" if network else "cbam"
    return PhotoTask(folder, preset=preset, attention=attention, scale=dataclasses.replace(PHOTO_SCALE, **network))


def face_task(folder: Path, name: str, preset: str = "paper") -> FaceTask:
    """16 images of noise of 4 people, which are two batches, and 20 pairs of them in ten folds."""
    if not folder.exists():
        random = np.random.default_rng(0)
        images = [encode(random.integers(0, 256, (112, 112, 3), dtype=np.uint8)) for _ in range(16)]
        write_insightface(folder, [(image, number // 4) for number, image in enumerate(images)], classes=4)
        left, same = np.repeat(np.arange(10), 2), np.arange(20) % 2 == 0
        pairs = VerificationPairs("held", images, left, np.where(same, left, left + 6), same, np.arange(20) // 2)
        write_verification_bin(folder / "held.bin", pairs)
    return FaceTask(folder, preset=preset, scale=SCALE)


def detection_task(folder: Path, name: str, preset: str = "paper") -> DetectionTask:
    """16 photos of noise with two faces each, which are two batches, 2 more to hold out, and 2 to test on."""
    if not folder.exists():
        random = np.random.default_rng(0)
        for split, count in (("train", 16), ("val", 2)):
            lines = []
            for number in range(count):
                photo = f"{split}{number}.jpg"
                write_image(folder / photo, encode(random.integers(0, 256, (70, 60 + number, 3), dtype=np.uint8)))
                lines += [photo, "2", "8 9 20 27 0 0 0 0 0 0", "35 30 18 24 0 0 0 0 0 0"]
            (folder / f"{split}_bbx_gt.txt").write_text("\n".join(lines))
    return DetectionTask(folder, (folder,), preset=preset, scale=DETECTION_SCALE)


TASKS: dict[str, Callable[..., Any]] = {
    "FaceTask": face_task,
    "PhotoTask": photo_task,
    "DetectionTask": detection_task,
}
TEACHERS = {"FaceTask": "teacher", "PhotoTask": "imagenet_teacher", "DetectionTask": "widerface_teacher"}


def kind_of_task(name: str) -> str:
    return get_type_hints(recipe(name))["task"].__name__


@pytest.fixture(params=names("recipes"))
def name(request):
    return request.param


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recipes")


@pytest.fixture(scope="session")
def make_task(folder):
    def make_task(name: str, **more) -> Any:
        kind = kind_of_task(name)
        assert kind in TASKS, f"write a tiny example of {kind} into this file"
        return TASKS[kind](folder / kind, name, **more)

    return make_task


@pytest.fixture(scope="session")
def teacher(make_task, folder):
    """The checkpoint of a tiny teacher for a recipe, trained when it is first asked for."""

    @functools.cache
    def trained(own: str, like: str, preset: str) -> Path:
        out = folder / f"{own}-{like}-{preset}"
        torch.manual_seed(0)
        train(recipe(own)(make_task(like, preset=preset)), Run(out, recipe=own))
        return out / "model.safetensors"

    def teacher(name: str, preset: str) -> Path:
        own = TEACHERS[kind_of_task(name)]
        return trained(own, name if name in NETWORKS else own, preset)

    return teacher


@pytest.fixture
def build(name, make_task, teacher):
    """Builds the recipe's experiment at a tiny scale, a student with a teacher of its own architecture."""

    def build(preset: str = "paper") -> Experiment:
        kinds = get_type_hints(recipe(name))
        given = {"student": kinds["student"](teacher=teacher(name, preset))} if "student" in kinds else {}
        torch.manual_seed(0)
        return recipe(name)(make_task(name, preset=preset), **given)

    return build


def test_its_documentation_explains_every_argument(name):
    function = recipe(name)
    assert (inspect.getdoc(inspect.getmodule(function)) or "").endswith((".", ")"))
    text = inspect.getdoc(function) or ""
    assert text.split("\n")[0].endswith("."), "the first line is a sentence"
    explained = re.findall(r"^    (\w+): \S", text.partition("Args:")[2], flags=re.MULTILINE)
    assert explained == list(inspect.signature(function).parameters)


def test_its_arguments_are_flags(name):
    function = recipe(name)
    task, *others = inspect.signature(function).parameters.values()
    hints = get_type_hints(function)
    assert task.name == "task"
    assert hints["return"] is Experiment
    for item in (task, *others):
        alone = item.kind is inspect.Parameter.KEYWORD_ONLY
        assert alone != dataclasses.is_dataclass(hints[item.name])
        assert not alone or item.default is not inspect.Parameter.empty


def test_its_help_names_every_flag(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", name, "--help"])
    assert not ended.value.code
    text = capsys.readouterr().out
    hints, flags = get_type_hints(recipe(name)), ["seed", "device", "resume", "json"]
    for item in inspect.signature(recipe(name)).parameters:
        parts = dataclasses.is_dataclass(hints[item])
        flags += [field.name for field in dataclasses.fields(hints[item])] if parts else [item]
    for flag in {*flags} - {"scale"}:
        assert re.search(rf"--(\[?no-\]?)?{flag.replace('_', '-')}\b", text), flag


def test_it_trains_two_steps_and_leaves_a_model_and_results(name, build, tmp_path):
    experiment = build()
    results = train(experiment, Run(tmp_path, recipe=name, log_every=1))
    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    losses = [{"total": line["loss"], **line["losses"]} for line in steps if "loss" in line]
    assert len(losses) == 2
    assert all(math.isfinite(value) for step in losses for value in step.values())
    assert results["evaluations"].keys() == {evaluation.name for evaluation in experiment.evaluations}
    assert results["evaluations"]
    assert load_model(tmp_path / "model.safetensors").views == experiment.views


def test_the_same_seed_builds_the_same_experiment(name, build):
    one, two = (build().objective.state_dict() for _ in range(2))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_it_follows_the_preset(name, build):
    paper, released = ((made.views, describe(made.objective.network)) for made in (build("paper"), build("released")))
    assert paper != released


def test_the_teacher_of_the_checkpoint_is_the_one_that_teaches(name, build, teacher):
    experiment = build()
    teaching = experiment.teacher
    assert (teaching is not None) == bool(len(experiment.objective.distillers))
    if teaching is not None:
        assert teaching.fingerprint == LiveTeacher(load_model(teacher(name, "paper")).network).fingerprint
        assert experiment.notes["teacher"]["recipe"] == TEACHERS[kind_of_task(name)]
        assert experiment.views.degrade.title != "sharp"

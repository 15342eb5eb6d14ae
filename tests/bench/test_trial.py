"""A trial builds the recipes themselves, on faces the package draws."""

import dataclasses
import sys
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
import torch

from foveate.bench import trial as module
from foveate.bench.training_flops import training_gflops
from foveate.bench.trial import Trial, batch_of, experiment, pairs_of
from foveate.detection_task import DetectionTask
from foveate.discover import names
from foveate.discover import recipe as find_recipe
from foveate.errors import RecipeError
from foveate.evaluate.verification import verify
from foveate.face_task import FaceTask
from foveate.flops import network_work
from foveate.photo_scale import PhotoScale
from foveate.photo_task import PhotoTask
from foveate.scale import SMALL, Scale

PHOTOS = PhotoScale(width=4, reduction=2, size=48, epochs=10, schedule="cosine")


def _fitting(recipe, trial):
    """The trial at a scale of the recipe's own task, with a transformer where it wants one."""
    if get_type_hints(find_recipe(recipe))["task"] is FaceTask:
        return trial
    vit = {"backbone": "timm", "model": "test_vit"} if "vit" in recipe else {}
    return dataclasses.replace(trial, scale=dataclasses.replace(PHOTOS, **vit), attention="none" if vit else "cbam")


KINDS = {recipe: get_type_hints(find_recipe(recipe))["task"] for recipe in names("recipes")}


@pytest.mark.parametrize("recipe", [recipe for recipe, kind in KINDS.items() if kind is DetectionTask])
def test_a_recipe_for_detectors_is_refused(recipe, trial, tmp_path):
    with pytest.raises(RecipeError, match="cannot be measured"):
        experiment(recipe, trial, tmp_path)


@pytest.mark.parametrize("recipe", [recipe for recipe, kind in KINDS.items() if kind is not DetectionTask])
def test_every_recipe_of_classes_can_be_tried(recipe, trial, tmp_path):
    trial = _fitting(recipe, trial)
    made = experiment(recipe, trial, tmp_path)
    assert len(made.objective.head.weight) == len(made.images.classes) == trial.classes
    batch = batch_of(trial, 4)
    assert batch.images.shape[1] == 112
    batch = batch._replace(images=batch.images[:, : made.size, : made.size])
    views = made.views(batch, seed=0, epoch=0)
    trace = None if made.teacher is None else made.teacher(views)
    assert made.objective(views, teacher=trace).total.isfinite()


def test_the_preset_and_the_scale_are_the_trials(made, trial):
    assert made["askd"].views.colour == "bgr"
    assert made["askd"].objective.network.arguments["width"] == trial.scale.width


def test_a_batch_is_what_the_loader_would_hand_out(trial):
    batch = batch_of(trial, 10)
    assert batch.images.shape == (10, 112, 112, 3)
    assert batch.images.dtype == torch.uint8
    assert torch.equal(batch.images[0], batch.images[4])  # four drawn faces
    assert not torch.equal(batch.images[0], batch.images[1])
    assert batch.label.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]
    assert batch.position.tolist() == list(range(10))


def test_an_unknown_recipe_is_refused(trial, tmp_path):
    with pytest.raises(RecipeError, match="there is no recipe 'nothing'"):
        experiment("nothing", trial, tmp_path)


def test_a_recipe_that_needs_more_than_a_teacher_is_refused(trial, tmp_path, monkeypatch):
    def needy(task: module.FaceTask, *, moon: str) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "find_recipe", lambda _: needy)
    with pytest.raises(RecipeError, match="needs moon"):
        experiment("needy", trial, tmp_path)


def test_a_recipe_of_another_task_is_refused(trial, tmp_path, monkeypatch):
    def other(task: PhotoTask) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "find_recipe", lambda _: other)
    with pytest.raises(RecipeError, match="cannot be measured"):
        experiment("other", trial, tmp_path)
    assert sys.modules  # nothing was built


def test_pairs_can_be_judged():
    pairs = pairs_of([b"a", b"b", b"c"], 40)
    assert len(pairs.images) == 80
    assert np.bincount(pairs.fold).tolist() == [4] * 10
    same = np.array(
        [pairs.images[left] == pairs.images[right] for left, right in zip(pairs.left, pairs.right, strict=True)]
    )
    assert same.tolist() == pairs.same.tolist()
    vectors = np.random.default_rng(0).normal(size=(80, 4))
    assert (
        verify(vectors[pairs.left], vectors[pairs.right], pairs.same, pairs.fold, protocol="insightface").accuracy >= 0
    )
    with pytest.raises(RecipeError, match="cannot be dealt out"):
        pairs_of([b"a", b"b"], 30)


def test_too_few_faces_are_refused(trial):
    with pytest.raises(RecipeError, match="too few"):
        dataclasses.replace(trial, classes=1)
    with pytest.raises(RecipeError, match="too few"):
        Trial(drawn=1)


@pytest.mark.parametrize("more", [{"sample": 0.5}, {"sample": 1.0}, {"recompute": True}])
def test_the_cost_of_a_run_counts_all_centres_and_nothing_twice(more):
    scale = {**dataclasses.asdict(SMALL), "width": 4, "embedding": 8, "batch": 8, "clip": None}
    plain, other = (
        training_gflops({"recipe": "base", "arguments": {"scale": each, "preset": "paper"}, "classes": {"number": 7}})
        for each in (scale, {**scale, **more})
    )
    assert other == plain > 0


def _cost(teacher):
    """Of a face in the training of a tiny student."""
    small = {**dataclasses.asdict(SMALL), "width": 4, "embedding": 8, "batch": 4, "clip": None}
    of = {"arguments": {"scale": small, "preset": "paper"}, "classes": {"number": 7}}
    return training_gflops({"recipe": "kd", **of, "teacher": teacher})


def test_a_teacher_costs_what_its_own_size_costs():
    small = {**dataclasses.asdict(SMALL), "width": 4, "embedding": 8, "batch": 4, "clip": None}
    costs, of_networks = [], []
    for size, attention in ((small, "cbam"), ({**small, "width": 8}, "none")):
        known = {"scale": size, "preset": "paper", "attention": attention}
        costs.append(_cost({"recipe": "teacher", "arguments": known}))
        network = FaceTask(Path(), attention=attention, scale=Scale(**size)).network()
        of_networks.append(network_work(network, size=112, batch=2, backward=False).flops / 2e9)
    assert costs[1] - costs[0] == pytest.approx(of_networks[1] - of_networks[0])
    for unknown in ({"recipe": "import", "arguments": {}}, {"recipe": "gone", "arguments": {"scale": small}}):
        assert _cost(unknown) == costs[0]

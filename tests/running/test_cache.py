"""A teacher that was asked before teaches as the teacher itself does, and a cache that does not fit is never used."""

import collections
import json
import os
import shutil
import threading
from typing import final

import numpy as np
import pytest
import torch

from foveate.attention.attention import Attention
from foveate.cache import _alone, cached_teacher, plan_cache
from foveate.cached_teacher import CachedTeacher
from foveate.commands.terminal import Bar
from foveate.data.exact_size import ExactSize
from foveate.data.folder import ImageFolder
from foveate.data.insightface import InsightFaceRecords
from foveate.data.loader import in_order
from foveate.discover import classes
from foveate.distill.askd import AttentionSimilarity
from foveate.distill.distiller import Distiller
from foveate.distill.kd import LogitKD
from foveate.errors import RecipeError
from foveate.face_task import FaceTask
from foveate.model_file import load_model
from foveate.objective import Objective, Weighted
from foveate.run import Run, Silent
from foveate.scale import Scale
from foveate.student import TaughtStudent
from foveate.taps import Taps
from foveate.teacher import LiveTeacher
from foveate.teaching import sittings
from foveate.views import FaceViews, Views


@pytest.fixture
def train(run, faces, teacher, tiny, tmp_path):
    """Trains a student of 8 steps; answers with its weights."""

    def train(recipe, name, *more, data=faces, code=0):
        flags = ["--data", data, "--teacher", teacher / "model.safetensors", "--out", tmp_path / name, *tiny]
        ended = run("train", recipe, *flags, *more)
        assert ended.code == code, ended.err
        return ended if code else load_model(tmp_path / name / "model.safetensors").network.state_dict()

    return train


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def _folder(cache):
    (folder,) = (each for each in cache.iterdir() if each.is_dir())
    return folder


@pytest.mark.parametrize("recipe", ["askd", "askd_kd"])
@pytest.mark.parametrize("preset", ["paper", "released"])
def test_a_student_of_a_cached_teacher_learns_as_that_of_the_live_one(
    recipe, preset, run, train, faces, tiny, cache, tmp_path
):
    more = ["--precision", "float32", "--preset", preset]
    if preset == "released":
        assert run("train", "teacher", "--data", faces, "--out", tmp_path / "bgr", *tiny, *more).code == 0
        more += ["--teacher", tmp_path / "bgr/model.safetensors"]
    train(recipe, "live", *more, "--log-every", "1")
    train(recipe, "kept", *more, "--log-every", "1", "--cache", cache)
    logs = [(tmp_path / name / "log.jsonl").read_text().splitlines() for name in ("live", "kept")]
    (first, second), (kept_first, kept_second) = [[json.loads(line)["losses"] for line in log[:2]] for log in logs]
    assert kept_first == pytest.approx(first, rel=2e-3)
    assert kept_second == pytest.approx(second, rel=1e-2)  # a step later rounding has been through the weights
    assert json.loads((tmp_path / "kept/run.json").read_text())["teacher_cache"] == "float16"


@pytest.mark.parametrize("recipe", ["rkd", "fkd", "horkd"])
def test_methods_that_compare_embeddings_learn_from_embeddings_alone(recipe, train, teacher, cache, tmp_path):
    more = ["--precision", "float32", "--log-every", "1"]
    train(recipe, "live", *more)
    train(recipe, "kept", *more, "--cache", cache)
    logs = [(tmp_path / name / "log.jsonl").read_text().splitlines() for name in ("live", "kept")]
    live, kept = (json.loads(log[0])["losses"] for log in logs)
    assert kept == pytest.approx(live, rel=2e-3)
    assert json.loads((_folder(cache) / "card.json").read_text())["width"] == 8


@pytest.mark.parametrize("recipe", ["at", "fitnet", "fskd"])
def test_methods_that_compare_features_refuse_a_cache(recipe, train, cache):
    ended = train(recipe, "run", "--cache", cache, code=2)
    assert "is features of shape" in ended.err
    assert "train this method without --cache" in ended.err


def test_it_holds_what_the_teacher_says_of_each_image_and_its_mirror_image(train, teacher, faces, cache):
    train("askd", "kept", "--precision", "float32", "--cache", cache)
    folder = _folder(cache)
    card = json.loads((folder / "card.json").read_text())
    rows = np.memmap(folder / "maps.f16", np.float16, "r", shape=(card["rows"], card["width"]))
    network, images = load_model(teacher / "model.safetensors").network, InsightFaceRecords(faces)
    assert card["rows"] == 2 * len(images) == 56
    pixels, _, _ = next(in_order(images, range(5, 6), batch=1, framing=ExactSize(112)))
    for row, image in ((10, pixels), (11, pixels.flip(2))):
        with torch.no_grad():
            embedding, caught = Taps(network, ["*.gate"])(FaceViews().normalise(image))
        want = torch.cat([*(call.output.flatten() for call in caught["*.gate"]), embedding.flatten()])
        assert np.allclose(rows[row], want.numpy(), rtol=1e-3, atol=2e-3)
    assert 0 < card["largest_rounding_error"] < 0.25  # the embedding has values of some hundred
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "maps.f16"]


def test_a_second_student_reads_what_is_there(train, cache):
    train("askd", "one", "--cache", cache)
    before = (_folder(cache) / "maps.f16").stat().st_mtime_ns
    train("askd", "two", "--cache", cache, "--ratio", "4")
    assert (_folder(cache) / "maps.f16").stat().st_mtime_ns == before


def test_other_data_and_another_precision_have_one_of_their_own(train, faces, cache, tmp_path):
    def keys():
        return {file.parent.name: json.loads(file.read_text())["key"] for file in cache.glob("*/card.json")}

    data = shutil.copytree(faces, tmp_path / "data")
    train("askd", "one", "--cache", cache, data=data)
    first = keys()
    os.utime(data / "train.rec", ns=(1, 1))
    train("askd", "two", "--cache", cache, data=data)
    (touched,) = (key for name, key in keys().items() if name not in first)
    assert touched["data"] != next(iter(first.values()))["data"]
    for precision in ("float32", "bf16"):  # one of them is what "auto" chose
        train("askd", precision, "--cache", cache, "--precision", precision, data=data)
    assert len(keys()) == 3
    assert all(keys()[name] == key for name, key in first.items())


def test_of_two_processes_that_want_the_same_one_the_second_waits(tmp_path):
    said, order, inside = [], [], threading.Event()

    class Hearing(Silent):
        def say(self, text):
            said.append(text)
            inside.set()

    def second():
        with _alone(tmp_path / "one", Hearing()):
            order.append("second")

    with _alone(tmp_path / "one", Silent()):
        thread = threading.Thread(target=second)
        thread.start()
        assert inside.wait(10)
        with _alone(tmp_path / "another", Silent()):
            order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert "waiting for it" in said[0]


def test_a_file_that_is_too_short_is_made_again(train, cache):
    train("askd", "one", "--cache", cache)
    file = _folder(cache) / "maps.f16"
    whole = file.read_bytes()
    file.write_bytes(whole[:-2])
    train("askd", "two", "--cache", cache)
    assert file.read_bytes() == whole


def test_one_that_was_interrupted_goes_on_where_it_stopped(train, cache, monkeypatch, tmp_path):
    monkeypatch.setattr("foveate.cache._BATCH", 2)
    monkeypatch.setattr("foveate.cache._SAVE_EVERY", 1)
    train("askd", "whole", "--cache", tmp_path / "whole cache")
    step, told = Bar.step, []

    def interrupted(self, done, total, record):
        told.append(done)
        step(self, done, total, record)
        if record is None and total == 28 and done == 12 and told.count(12) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Bar, "step", interrupted)
    train("askd", "cut", "--cache", cache, code=130)
    assert not (_folder(cache) / "card.json").exists()
    told.clear()
    train("askd", "cut", "--cache", cache, "--resume")
    assert told[0] == 14
    assert (_folder(cache) / "maps.f16").read_bytes() == (_folder(tmp_path / "whole cache") / "maps.f16").read_bytes()


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(train, cache, monkeypatch):
    usage = collections.namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 1000))
    ended = train("askd", "run", "--cache", cache, code=2)
    assert "the disk has 0.0 GiB left" in ended.err
    assert not list(cache.rglob("maps*"))


def test_moved_faces_and_whole_features_are_refused(train, cache, faces, teacher, tmp_path):
    ended = train("askd", "run", "--cache", cache, "--crop", "2", code=2)
    assert "faces that are moved in training look different in every epoch" in ended.err

    @final
    class Features(Distiller):
        globs = ("stage4",)

        def forward(self, student, teacher):
            return (student.caught["stage4"][0].output - teacher.caught["stage4"][0].output).square().mean()

    small = Scale(depth=18, width=4, stem_stride=2, embedding=8, batch=8, reduction=4, epochs=1, schedule="cosine")
    task = FaceTask(faces, scale=small)
    file = teacher / "model.safetensors"
    experiment = TaughtStudent(teacher=file).taught(task, {"features": Weighted(Features(), 1.0)})
    (sitting,) = sittings([(experiment, Run(tmp_path / "x", cache=cache))], torch.device("cpu"))
    with pytest.raises(RecipeError, match=r"the input of stage4 is features of shape \(16, 7, 7\)"):
        plan_cache(sitting)


def test_the_plan_counts_the_bytes_that_are_written(faces, teacher, cache, tmp_path):
    small = Scale(depth=18, width=4, stem_stride=2, embedding=8, batch=8, reduction=4, epochs=1, schedule="cosine")
    task = FaceTask(faces, scale=small)
    file = teacher / "model.safetensors"
    experiment = TaughtStudent(teacher=file).taught(task, {"kd": Weighted(LogitKD(), 1.0)})
    (sitting,) = sittings([(experiment, Run(tmp_path / "x", cache=cache))], torch.device("cpu"))
    plan = plan_cache(sitting)
    assert plan.bytes == 2 * 28 * 8 * 2  # logits are made of embeddings, two bytes a number
    made = cached_teacher(sitting)
    assert isinstance(made, CachedTeacher)
    assert (_folder(cache) / "maps.f16").stat().st_size == plan.bytes
    assert "KiB an image" in plan.words()


def test_views_that_are_not_numbered_are_refused(train, cache, tmp_path):
    train("askd", "one", "--cache", cache)
    made = CachedTeacher(_folder(cache), None)
    with pytest.raises(RecipeError, match="more than a cache can hold"):
        made(Views(torch.zeros(1, 3, 112, 112), torch.zeros(1, 3, 112, 112), torch.zeros(1, dtype=torch.int64)))


def test_a_folder_of_images_notices_a_changed_file(noise, tmp_path):
    for number, image in enumerate(noise[:4]):
        (tmp_path / f"set/{number // 2}").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"set/{number // 2}/{number}.jpg").write_bytes(image)
    before = ImageFolder(tmp_path / "set").state()
    assert ImageFolder(tmp_path / "set").state() == before
    (tmp_path / "set/1/3.jpg").write_bytes(noise[5])
    assert ImageFolder(tmp_path / "set").state() != before


@pytest.mark.parametrize("attention", classes("attention", Attention))
def test_the_maps_of_every_kind_of_attention_are_kept(attention, faces, cache, tmp_path):
    small = Scale(depth=18, width=4, stem_stride=2, embedding=8, batch=8, reduction=4, epochs=1, schedule="cosine")
    task = FaceTask(faces, scale=small, attention=attention)
    method = {"askd": Weighted(AttentionSimilarity(), 5.0)}
    objective = Objective(task.network(), task.head(), distillers=method)
    live = LiveTeacher(task.network(), globs=objective.globs)
    experiment = task.experiment(objective, task.views((8,)), teacher=live)
    run = Run(tmp_path / "x", cache=cache, precision="float32")
    (sitting,) = sittings([(experiment, run)], torch.device("cpu"))
    kept = cached_teacher(sitting)
    seen, want = next(sitting.traces(range(4)))
    faceless = torch.zeros(len(seen), 3, 1, 1)
    got = kept(Views(faceless, faceless, torch.zeros(len(seen), dtype=torch.long), seen))
    assert [call.name for call in got.caught["*.gate"]] == [call.name for call in want.caught["*.gate"]]
    for ours, theirs in zip(got.caught["*.gate"], want.caught["*.gate"], strict=True):
        torch.testing.assert_close(ours.output, theirs.output, rtol=1e-3, atol=1e-3)

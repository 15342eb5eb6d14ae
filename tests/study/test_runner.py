"""Runs of a study are done once, go on where they stopped, wait for each other, and never run twice at a time."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from foveate.errors import RecipeError
from foveate.model_file import read_card, save_model
from foveate.study.jobs import Job
from foveate.study.runner import progress, work

TRAIN = """
import json, pathlib, shutil, signal, sys, time
_, folder, *what = sys.argv[1:]
folder = pathlib.Path(folder)
signal.signal(signal.SIGINT, lambda *_: (folder.joinpath("interrupted").touch(), sys.exit(130)))
with folder.joinpath("runs").open("a") as runs:
    runs.write("begun\\n")
if "fail" in what:
    sys.exit("the network fell over")
folder.joinpath("log.jsonl").write_text('{"progress": 0.5, "loss": 1}\\n')
while "slow" in what and not folder.joinpath("go").exists():
    time.sleep(0.01)
if "damaged" in what:
    folder.joinpath("model.safetensors").write_text("no weights")
if "weights" in what:
    shutil.copy(folder.parent / "given.safetensors", folder / "model.safetensors")
if "overtaken" in what:
    shutil.copy(folder.parent / "given.safetensors", folder.parent / "taken.safetensors")
folder.joinpath("results.json").write_text(json.dumps({"cost": {"seconds": 100.0}}))
"""


@pytest.fixture
def launch(tmp_path):
    """In place of foveate train: it takes a folder, and what is to happen there."""
    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    save_model(tmp_path / "given.safetensors", {"network.weight": torch.tensor([1.0, 2.5])}, {"recipe": "teacher"})
    return [sys.executable, str(script)]


@pytest.fixture
def job(tmp_path):
    def job(name, *what, needs=(), gives=None):
        return Job(name, tmp_path / name, ("train", str(tmp_path / name), *what), needs, gives)

    return job


def _begun(job: Job) -> int:
    return len((job.folder / "runs").read_text().split()) if (job.folder / "runs").exists() else 0


def test_what_is_done_is_not_done_again(job, launch, tmp_path):
    todo, said = [job("one"), job("two")], []
    assert work(todo, tmp_path, launch=launch, say=said.append) == []
    assert said == ["one: finished", "two: finished"]
    assert work(todo, tmp_path, launch=launch) == []
    assert [_begun(item) for item in todo] == [1, 1]


def test_a_student_waits_for_the_weights_of_its_teacher_which_are_halved(job, launch, tmp_path):
    weights = tmp_path / "teachers/teacher-0.safetensors"
    todo = [job("student", needs=(weights,)), job("teacher", "weights", gives=weights)]
    said = []
    assert work(todo, tmp_path, launch=launch, say=said.append, at_once=2) == []
    assert said == ["teacher: finished", "student: finished"]
    assert read_card(weights)["recipe"] == "teacher"
    assert weights.stat().st_size < (tmp_path / "given.safetensors").stat().st_size


def test_a_file_in_the_place_of_a_folder_stops_one_run_only(job, launch, tmp_path):
    todo, said = [job("bad"), job("good"), job("better")], []
    todo[0].folder.write_text("somebody's notes")
    assert work(todo, tmp_path, launch=launch, say=said.append) == ["bad"]
    assert said[0].startswith("bad: FAILED to begin: ")
    assert str(todo[0].folder) in said[0]
    assert said[1:] == ["good: finished", "better: finished"]
    assert todo[0].folder.read_text() == "somebody's notes"


def test_weights_that_cannot_be_kept_stop_one_run_only(job, launch, tmp_path):
    todo, said = [job("bad", "damaged", gives=tmp_path / "teachers/0.safetensors"), job("good")], []
    assert work(todo, tmp_path, launch=launch, say=said.append) == ["bad"]
    assert said[0].startswith("bad: FAILED with code 0: its weights cannot be kept: ")
    assert said[1:] == ["good: finished"]
    assert "its weights cannot be kept" in json.loads((todo[0].folder / "failed.json").read_text())["said"]


def test_a_teacher_is_no_teacher_if_another_study_was_first(job, launch, tmp_path):
    taken, said = tmp_path / "taken.safetensors", []
    todo = [job("teacher", "weights", "overtaken", gives=taken), job("student", needs=(taken,))]
    assert work(todo, tmp_path, launch=launch, say=said.append) == ["teacher", "student"]
    assert len(said) == 1
    assert "these are weights of a teacher that was not trained in" in said[0]


def test_a_run_and_its_sweep_fail_by_themselves(job, tmp_path):
    run = job("8x/base-0")
    swept = dataclasses.replace(run, name="8x/base-0-sweep", result="sweep.json")
    run.folder.mkdir(parents=True)
    run.failure.write_text("{}")
    assert progress([run, swept]).states == {"8x/base-0": "failed", "8x/base-0-sweep": "waiting"}


def test_a_run_that_fails_is_named_and_the_others_go_on(job, launch, tmp_path):
    weights = tmp_path / "never.safetensors"
    todo, said = [job("bad", "fail", gives=weights), job("waits", needs=(weights,)), job("good")], []
    assert work(todo, tmp_path, launch=launch, say=said.append) == ["bad", "waits"]
    assert "bad: FAILED with code 1: the network fell over" in said[0]
    assert progress(todo).states == {"bad": "failed", "waits": "waiting", "good": "done"}
    assert work(todo, tmp_path, launch=launch) == ["bad", "waits"]
    assert _begun(todo[0]) == 2


def test_progress_counts_steps_and_expects_what_finished_runs_took(job, launch, tmp_path):
    todo, heard = [job("one"), job("two", "slow")], []
    todo[1].folder.mkdir()

    def tell(now):
        heard.append(now)
        if now.states["two"] == "running" and now.done == 0.75:
            (todo[1].folder / "go").touch()

    assert work(todo, tmp_path, launch=launch, tell=tell) == []
    halfway = next(now for now in heard if now.done == 0.75)
    assert halfway.seconds_left == pytest.approx(50)
    assert heard[0].seconds_left is None
    assert heard[-1].states == {"one": "done", "two": "done"}
    assert (heard[-1].done, heard[-1].seconds_left) == (1.0, 0.0)


STUDY = """
import sys
from pathlib import Path
from foveate.study.jobs import Job
from foveate.study.runner import work
out = Path(sys.argv[1])
work([Job("slow", out / "slow", ("train", str(out / "slow"), "slow"))], out, launch=[sys.executable, sys.argv[2]])
"""


@pytest.fixture
def working(launch, tmp_path):
    """A study in a process of its own, whose run never ends by itself."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", STUDY, str(tmp_path), launch[-1]]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        log = tmp_path / "slow/log.jsonl"
        while not log.exists():
            assert process.poll() is None
            time.sleep(0.01)
        yield process
        (tmp_path / "slow/go").touch()
        process.kill()


def test_a_stopped_study_lets_its_run_write_a_checkpoint(working, tmp_path):
    working.send_signal(signal.SIGTERM)
    assert working.wait() != 0
    assert (tmp_path / "slow/interrupted").exists()


def test_a_study_is_worked_on_once_even_after_its_process_was_killed(working, job, launch, tmp_path):
    todo = [job("slow", "slow")]
    with pytest.raises(RecipeError, match=f"process {working.pid}, or a run it began, is working"):
        work(todo, tmp_path, launch=launch)
    working.kill()
    working.wait()
    with pytest.raises(RecipeError, match="is working on the study"):
        work(todo, tmp_path, launch=launch)
    (tmp_path / "slow/go").touch()
    while not (tmp_path / "slow/results.json").exists():
        time.sleep(0.01)
    for _ in range(500):  # its lock ends with the run
        try:
            assert work(todo, tmp_path, launch=launch) == []
            break
        except RecipeError:
            time.sleep(0.01)
    assert json.loads((tmp_path / "slow/results.json").read_text())
    assert _begun(todo[0]) == 1


def test_a_job_that_leaves_a_picture_counts_as_done(tmp_path):
    drawn = Job("looks/8x", tmp_path, ("looks",), result="8x.png")
    (tmp_path / "8x.png").write_bytes(b"\x89PNG")
    now = progress([drawn])
    assert (now.states, now.done) == ({"looks/8x": "done"}, 1.0)

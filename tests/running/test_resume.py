"""A run that was killed and resumed ends in the same bytes as one that never stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from foveate.checkpoint import Spent, check_same_run, save_state, steps_saved
from foveate.commands.terminal import Bar
from foveate.errors import CheckpointError
from foveate.model_file import load_model

ENVIRONMENT = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONPATH": str(Path(__file__).parents[2]),
}

KILLED_WHILE_WRITING = """
import os, signal, sys
import foveate.checkpoint as checkpoint
from foveate.cli import main
from foveate.files import replacing

write_bytes = checkpoint.write_bytes

def killed_half_way(path, content):
    if path.name == "optimiser.safetensors" and path.parent.name == ".partial-00000008":
        with replacing(path) as (file,):
            file.write(content[: len(content) // 2])
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    write_bytes(path, content)

checkpoint.write_bytes = killed_half_way
main(sys.argv[1:])
"""


@pytest.fixture
def flags(faces, teacher, tiny):
    """Flags of a recipe's run of 8 steps."""

    def flags(recipe, out, *more):
        guide = [] if recipe == "base" else ["--teacher", str(teacher / "model.safetensors")]
        return ["train", recipe, "--data", str(faces), "--out", str(out), *tiny, *guide, *more]

    return flags


def _steps(log: Path) -> list[int]:
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [json.loads(line)["step"] for line in lines if '"loss"' in line]


def _weights(out: Path) -> bytes:
    return (out / "model.safetensors").read_bytes()


def _checkpoints(out: Path) -> list[str]:
    return sorted(folder.name for folder in (out / "checkpoints").iterdir())


def _kill_after(step: int, command: list[str], out: Path) -> None:
    """Run in a process of its own and kill it as soon as the log holds this step."""
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE) as process:
        while process.poll() is None and max(_steps(out / "log.jsonl"), default=0) < step:
            time.sleep(0.005)
        process.kill()
        _, said = process.communicate()
    assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed: {said.decode()}"
    assert not (out / "model.safetensors").exists()


def test_a_run_killed_three_times_ends_in_the_same_bytes(flags, run, tmp_path):
    out, more = tmp_path / "killed", ["--epochs", "4", "--checkpoint-every", "2", "--log-every", "1"]
    assert run(*flags("askd_kd", tmp_path / "whole", *more)).code == 0
    command = [sys.executable, "-m", "foveate.cli", *flags("askd_kd", out, *more, "--resume")]
    _kill_after(5, command, out)  # 4 steps are an epoch
    reached = max(_steps(out / "log.jsonl"))
    assert 5 <= reached < 8
    writing = [sys.executable, "-c", KILLED_WHILE_WRITING, *flags("askd_kd", out, *more, "--resume")]
    killed = subprocess.run(writing, env=ENVIRONMENT, stderr=subprocess.DEVNULL, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert _checkpoints(out) == [".partial-00000008", "step-00000004", "step-00000006"]
    _kill_after(11, command, out)
    assert run(*flags("askd_kd", out, *more, "--resume", "--workers", "1")).code == 0
    assert _weights(out) == _weights(tmp_path / "whole")
    assert _steps(out / "log.jsonl") == list(range(1, 17))
    for name in ("evaluations", "arguments", "degradation"):
        whole = json.loads((tmp_path / "whole/results.json").read_text())[name]
        assert json.loads((out / "results.json").read_text())[name] == whole


@pytest.fixture
def default_interrupt():
    """Ctrl-C as in a terminal: a job in the background is born ignoring it. Whoever handles it puts this back."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def _press_at(stop):
    step = Bar.step

    def pressed(self, done, total, record):
        step(self, done, total, record)
        if done == stop:
            os.kill(os.getpid(), signal.SIGINT)

    return pressed


@pytest.mark.usefixtures("default_interrupt")
@pytest.mark.parametrize("stop", [3, 8])  # the eighth is the last
def test_ctrl_c_ends_the_step_writes_a_checkpoint_and_goes_on_to_the_same_bytes(
    flags, run, tmp_path, monkeypatch, stop
):
    assert run(*flags("base", tmp_path / "whole")).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(Bar, "step", _press_at(stop))
        ended = run(*flags("base", tmp_path / "cut"))
    assert ended.code == 130
    assert _checkpoints(tmp_path / "cut") == [f"step-0000000{stop}"]
    assert run(*flags("base", tmp_path / "cut", "--resume")).code == 0
    assert _weights(tmp_path / "cut") == _weights(tmp_path / "whole")


def test_the_checkpoint_that_was_asked_for_stays_beside_later_ones_and_other_names(tmp_path):
    layer = torch.nn.Linear(2, 2)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    (tmp_path / "step-00000600.bak").mkdir(parents=True)
    for step in (600, 800, 200, 350, 400):
        save_state(tmp_path, Spent(step, 1.0), tensors=layer.state_dict(), card={}, optimiser=optimiser)
    assert steps_saved(tmp_path) == {350, 400, 600, 800}
    assert (tmp_path / "step-00000600.bak").is_dir()


def test_a_run_without_the_cache_it_began_with_is_another(tmp_path):
    with pytest.raises(CheckpointError, match=r"teacher_cache was .float16., now null"):
        check_same_run({"seed": 0, "teacher_cache": None}, {"seed": 0, "teacher_cache": "float16"}, file=tmp_path)
    check_same_run({"seed": 0, "teacher_cache": None}, {"seed": 0}, file=tmp_path)


@pytest.mark.usefixtures("default_interrupt")
def test_ctrl_c_after_the_last_step_ends_at_once(flags, run, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Bar, "say", lambda *_: os.kill(os.getpid(), signal.SIGINT))  # the evaluation at the end
        assert run(*flags("base", tmp_path / "cut")).code == 130
    assert not (tmp_path / "cut/results.json").exists()
    assert run(*flags("base", tmp_path / "cut", "--resume")).code == 0


@pytest.mark.usefixtures("default_interrupt")
def test_ctrl_c_keeps_no_weights_that_are_not_finite(flags, run, tmp_path, monkeypatch):
    before = torch.optim.SGD.step

    def broken(self, *given):
        before(self, *given)
        self.param_groups[0]["params"][0].data[0] = float("nan")

    monkeypatch.setattr(torch.optim.SGD, "step", broken)
    monkeypatch.setattr(Bar, "step", _press_at(3))
    ended = run(*flags("base", tmp_path / "cut"))
    assert ended.code == 1
    assert "not finite at or before step 3" in ended.err
    assert not (tmp_path / "cut/checkpoints").exists()


@pytest.mark.parametrize(
    ("recipe", "path"),
    [
        ("askd", ["--sample", "0.5"]),
        ("askd_kd", ["--cache", "{folder}/cache"]),
        ("askd_kd", ["--parts", "3", "--recompute"]),
        ("fskd", ["--per-identity", "4"]),
    ],
    ids=[
        "sampled class centres",
        "a cached teacher",
        "a batch in parts and recomputed activations",
        "adapters and batches of four images an identity",
    ],
)
def test_other_paths_go_on_to_the_same_bytes(recipe, path, flags, run, tmp_path, monkeypatch):
    more = ["--log-every", "1", "--checkpoint-every", "2", *(word.format(folder=tmp_path) for word in path)]
    assert run(*flags(recipe, tmp_path / "whole", *more)).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(Bar, "step", _stop_at(5))
        assert run(*flags(recipe, tmp_path / "cut", *more)).code == 130
    assert run(*flags(recipe, tmp_path / "cut", *more, "--resume")).code == 0
    assert _weights(tmp_path / "cut") == _weights(tmp_path / "whole")


@pytest.mark.parametrize("precision", ["bf16", "float32"])
@pytest.mark.parametrize("recipe", ["base", "askd_kd"])
def test_a_run_interrupted_at_several_steps_ends_in_the_same_bytes(
    recipe, precision, flags, run, tmp_path, monkeypatch
):
    out, more = tmp_path / "interrupted", ["--precision", precision, "--log-every", "1", "--checkpoint-every", "2"]
    assert run(*flags(recipe, tmp_path / "whole", *more)).code == 0
    step = Bar.step
    for stop in (1, 3, 6):  # before any checkpoint; between two; at the very step of one, before it is written

        def interrupted(self, done, total, record, stop=stop):
            step(self, done, total, record)
            if done == stop:
                raise KeyboardInterrupt

        monkeypatch.setattr(Bar, "step", interrupted)
        ended = run(*flags(recipe, out, *more, "--resume", "--workers", "1" if stop == 3 else "0"))
        assert ended.code == 130
        assert "--resume" in ended.err
        assert _steps(out / "log.jsonl") == list(range(1, stop + 1))
    monkeypatch.setattr(Bar, "step", step)
    assert run(*flags(recipe, out, *more[2:], "--resume")).code == 0  # keeps its precision whatever is fast here
    assert _weights(out) == _weights(tmp_path / "whole")
    assert _steps(out / "log.jsonl") == list(range(1, 9))


def test_a_finished_run_is_not_run_again_and_counts_the_time_before_an_interruption(flags, run, tmp_path, monkeypatch):
    out, more = tmp_path / "run", ["--log-every", "1", "--checkpoint-every", "2"]
    with monkeypatch.context() as patch:
        patch.setattr(Bar, "step", _stop_at(5))
        assert run(*flags("base", out, *more)).code == 130
    (state,) = out.glob("checkpoints/step-00000004/state.json")
    spent = json.loads(state.read_text())
    state.write_text(json.dumps({**spent, "seconds": spent["seconds"] + 1000}))
    assert run(*flags("base", out, *more, "--resume")).code == 0
    results = json.loads((out / "results.json").read_text())
    assert results["cost"]["seconds"] > 1000
    assert results["cost"]["steps"] == 8
    before = (out / "results.json").stat().st_mtime_ns
    again = run(*flags("base", out, *more, "--resume", "--json"))
    assert json.loads(again.out)["cost"] == results["cost"]
    assert (out / "results.json").stat().st_mtime_ns == before


def test_workers_and_logging_change_nothing_but_the_seed_does(flags, run, tmp_path):
    assert run(*flags("base", tmp_path / "plain")).code == 0
    assert run(*flags("base", tmp_path / "workers", "--workers", "1", "--log-every", "3", "--tensorboard")).code == 0
    assert run(*flags("base", tmp_path / "other", "--seed", "1")).code == 0
    assert _weights(tmp_path / "workers") == _weights(tmp_path / "plain")
    assert _weights(tmp_path / "other") != _weights(tmp_path / "plain")


def test_a_log_line_cut_off_by_a_kill_is_dropped(flags, run, tmp_path, monkeypatch):
    out, more = tmp_path / "run", ["--log-every", "1", "--checkpoint-every", "2"]
    monkeypatch.setattr(Bar, "step", _stop_at(3))
    assert run(*flags("base", out, *more)).code == 130
    monkeypatch.undo()
    with (out / "log.jsonl").open("a") as log:
        log.write('{"step": 4, "losses": {"arcface": 3.25}')
    assert run(*flags("base", out, *more, "--resume")).code == 0
    assert _steps(out / "log.jsonl") == list(range(1, 9))


def test_an_evaluation_between_epochs_changes_no_weight_and_is_not_lost_by_a_kill(flags, run, tmp_path, monkeypatch):
    assert run(*flags("base", tmp_path / "plain")).code == 0
    out, more = tmp_path / "run", ["--evaluate-every", "1", "--checkpoint-every", "4", "--log-every", "1"]
    monkeypatch.setattr(Bar, "say", _interrupted)  # the evaluation after the first epoch, at the step of a checkpoint
    assert run(*flags("base", out, *more)).code == 130
    monkeypatch.undo()
    assert run(*flags("base", out, *more, "--resume")).code == 0
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "evaluations" in line] == [4, 8]
    ours, theirs = (load_model(path / "model.safetensors").network.state_dict() for path in (out, tmp_path / "plain"))
    assert all(value.equal(theirs[name]) for name, value in ours.items())


def _interrupted(*_):
    raise KeyboardInterrupt


def _stop_at(stop):
    def step(_, done, total, record):
        if done == stop:
            raise KeyboardInterrupt

    return step


def test_recomputed_activations_change_no_weight(flags, run, tmp_path):
    assert run(*flags("askd_kd", tmp_path / "recomputed", "--parts", "3", "--recompute")).code == 0
    assert run(*flags("askd_kd", tmp_path / "kept", "--parts", "3")).code == 0
    ours, theirs = (
        load_model(tmp_path / name / "model.safetensors").network.state_dict() for name in ("recomputed", "kept")
    )
    assert all(value.equal(theirs[name]) for name, value in ours.items())


COMPILED = """
import sys
import torch
from foveate.cli import main

compile_it = torch.compile
torch.compile = lambda module: compile_it(module, backend="eager")  # no compiler is needed, the graphs are the same
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("more", [[], ["--recompute"]])
def test_a_compiled_objective_learns_the_same(more, flags, run, tmp_path):
    words = flags("askd", tmp_path / "compiled", "--compile", "--epochs", "1", *more)
    command = [sys.executable, "-c", COMPILED, *words]  # in this process the checks of signatures would be compiled too
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
    assert run(*flags("askd", tmp_path / "plain", "--epochs", "1")).code == 0
    ours, theirs = (
        load_model(tmp_path / name / "model.safetensors").network.state_dict() for name in ("compiled", "plain")
    )
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-4)

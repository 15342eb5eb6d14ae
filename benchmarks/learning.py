"""Does our path learn what the plain path learns?

    python benchmarks/learning.py [--repeats 3] [--batch 64] [--out benchmarks/results]

No timing: for each of several seeds an A-SKD student is trained on drawn faces by the plain path, by ``foveate.train``
and by it on two ranks, from the same weights, over the same faces in the same order, mirrored alike. What differs is
arithmetic (bf16 against float32, the order of sums) and dropout, and on two ranks the faces that a BatchNorm sees. The
losses of steps 200 to 300 and the accuracies at the end are to differ no more than seeds do.
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from foveate.bench.plain import PlainTraining, plain_network
from foveate.bench.plain_faces import plain_views
from foveate.bench.plain_head import PlainArcFace
from foveate.bench.question import Settings, ask
from foveate.bench.trial import Trial
from foveate.chance import integer, uniform
from foveate.data.loader import batches, steps_per_epoch
from foveate.data.synthesise import synthesise
from foveate.discover import recipe
from foveate.evaluate.bootstrap import mean_interval
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.heads.head import grown
from foveate.model_file import load_model
from foveate.run import Run
from foveate.scale import Scale
from foveate.student import TaughtStudent
from foveate.train import train

QUESTION = "Does our path learn what the plain path learns?"
PEOPLE, PICTURES, EPOCHS = 600, 12, 4
TEST_PEOPLE = 100
TEACHER: Final = "teacher/model.safetensors"
WINDOW: Final = (200, 300)
"""Steps whose mean loss is compared."""
DEFAULTS = Settings(repeats=3, batch=64, depth=18, width=16, stem_stride=2, classes=PEOPLE)


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Both paths from each seed; a repeat is a seed."""
    scale = dataclasses.replace(
        settings.scale, epochs=EPOCHS, schedule="cosine", warmup=0.05, margin_warmup=0.4, evaluate_every=0
    )
    synthesise(folder / "faces", identities=PEOPLE, images=PICTURES, test_identities=TEST_PEOPLE)
    task = FaceTask(folder / "faces", preset="released", scale=scale)
    torch.manual_seed(integer("weights", 0))
    train(recipe("teacher")(task), Run(folder / "teacher", workers=0))
    paths = {"plain": _plain, "ours": _ours, "ours, two ranks": _ranks}
    losses: dict[str, list[float]] = {path: [] for path in paths}
    accuracies: dict[str, list[float]] = {path: [] for path in paths}
    for seed in range(settings.repeats):
        for path, learn in paths.items():
            torch.manual_seed(integer("weights", seed))
            experiment = recipe("askd")(task, TaughtStudent(teacher=folder / TEACHER, side=(14,)))
            found, accuracy = learn(experiment, seed, folder, scale)
            losses[path].append(statistics.fmean(_window(found)))
            accuracies[path].append(accuracy)
            sys.stderr.write(f"seed {seed}, {path}: loss {losses[path][-1]:.4f}, accuracy {accuracy:.4f}\n")
    first, last = WINDOW
    return {
        "steps": experiment.epochs * steps_per_epoch(len(experiment.images), experiment.batch),
        "agreements": [
            _agreement(f"mean loss of steps {first} to {last}", losses),
            _agreement("verification accuracy at the end (authors' protocol)", accuracies),
        ],
    }


def _window(losses: list[float]) -> list[float]:
    first, last = WINDOW
    return losses[first:last] or losses


def _agreement(what: str, found: dict[str, list[float]]) -> dict[str, Any]:
    """Values by path and seed, and whether each mean lies inside the spread and the interval of the plain path's."""
    plain = found["plain"]
    interval = mean_interval(np.array(plain))
    means = {path: statistics.fmean(values) for path, values in found.items() if path != "plain"}
    return {
        "what": what,
        "values": found,
        "spread": [min(plain), max(plain)],
        "interval": [interval.low, interval.high],
        "inside_spread": {path: min(plain) <= mean <= max(plain) for path, mean in means.items()},
        "inside_interval": {path: bool(interval.low <= mean <= interval.high) for path, mean in means.items()},
    }


def _ours(experiment: Experiment, seed: int, folder: Path, _scale: Scale) -> tuple[list[float], float]:
    out = folder / f"ours-{seed}"
    train(experiment, Run(out, seed=seed, log_every=1))
    return _read(out)


def _ranks(_experiment: Experiment, seed: int, folder: Path, scale: Scale) -> tuple[list[float], float]:
    """The same from the command line, on two ranks of one thread."""
    out = folder / f"ranks-{seed}"
    sizes = {
        name: getattr(scale, name)
        for name in ("depth", "width", "stem_stride", "reduction", "batch", "epochs", "schedule", "warmup")
    } | {"margin_warmup": scale.margin_warmup, "evaluate_every": 0, "log_every": 1, "seed": seed}
    flags = [word for name, value in sizes.items() for word in (f"--{name.replace('_', '-')}", value)]
    places = ["--data", folder / "faces", "--teacher", folder / TEACHER, "--out", out]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2, "-m", "foveate"]
    command += ["train", "askd", *places, "--preset", "released", "--side", 14, *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([str(word) for word in command], env=environment, check=True, stdout=subprocess.DEVNULL)
    return _read(out)


def _read(out: Path) -> tuple[list[float], float]:
    """Losses and accuracy of a run."""
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    results = json.loads((out / "results.json").read_text())
    return [line["loss"] for line in lines if "loss" in line], _accuracy(results["evaluations"])


def _plain(experiment: Experiment, seed: int, folder: Path, scale: Scale) -> tuple[list[float], float]:
    """The plain path's loop, from the weights of an experiment that was not trained."""
    trial, network = Trial(scale, "released"), experiment.objective.network
    guide = load_model(folder / TEACHER)
    student, its_teacher = plain_network(trial), plain_network(trial)
    student.load_state_dict(network.state_dict())
    its_teacher.load_state_dict(guide.network.state_dict())
    head, its_head = (PlainArcFace(*experiment.objective.head.weight.shape[::-1]) for _ in range(2))
    head.load_state_dict(experiment.objective.head.state_dict())
    its_head.load_state_dict(guide.head.state_dict())
    training = PlainTraining(student, head, (its_teacher, its_head))
    per_epoch, losses = steps_per_epoch(len(experiment.images), experiment.batch), []
    for step in range(per_epoch * experiment.epochs):
        epoch, place = divmod(step, per_epoch)
        if place == 0:
            stream = batches(
                experiment.images, batch=experiment.batch, framing=experiment.framing, seed=seed, epoch=epoch
            )
        images, label, position = next(stream)
        mirrored = (uniform("flip", seed, epoch, position) < 0.5).tolist()
        faces = zip(images.numpy(), mirrored, strict=True)
        views = [plain_views(face, side=14, mirrored=flip) for face, flip in faces]
        progress = step / (per_epoch * experiment.epochs)
        head.margin = grown(0.5, scale.margin_warmup, progress)
        training.optimiser.param_groups[0]["lr"] = scale.learning_rate * experiment.schedule.factor(progress)
        torch.manual_seed(integer("step", seed, step))
        high, low = (torch.stack(part) for part in zip(*views, strict=True))
        losses.append(training.step(high, low, label).item())
    network.load_state_dict(student.state_dict())
    network.eval()
    return losses, _accuracy({item.name: item(network) for item in experiment.evaluations})


def _accuracy(evaluations: dict[str, Any]) -> float:
    return next(answer["authors"]["accuracy"] for answer in evaluations.values() if "authors" in answer)


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure, default=DEFAULTS)

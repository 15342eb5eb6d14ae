"""Our own path as something to be timed: one training step, and one pass of inference.

Legend: B faces, D embedding size, H x W pixels.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.cache import Sitting, cached_teacher
from foveate.cached_teacher import CachedTeacher
from foveate.chance import integer
from foveate.data.split import Chosen
from foveate.distill.trace import Trace
from foveate.experiment import Experiment
from foveate.precision import Precision, autocast, choose_precision
from foveate.run import Run
from foveate.teacher import Teacher
from foveate.views import Batch, Views


@final
class _Student:
    """What the loop does with a student in every step."""

    def __init__(self, experiment: Experiment, device: torch.device, precision: Precision) -> None:
        self.experiment, self._device = experiment, device
        self._precision: Precision = precision
        self._objective = experiment.objective.to(device).to(memory_format=torch.channels_last)
        self._trained = [value for value in self._objective.parameters() if value.requires_grad]
        self._optimiser = experiment.optimiser(iter(self._trained))

    def step(self, views: Views, trace: Trace | None, number: int) -> Float[Tensor, ""]:
        torch.manual_seed(integer("step", 0, number))
        with autocast(self._device, self._precision):
            losses = self._objective(views, teacher=trace)
        self._optimiser.zero_grad()
        losses.total.backward()
        if self.experiment.clip is not None:
            torch.nn.utils.clip_grad_norm_(self._trained, self.experiment.clip)
        self._optimiser.step()
        return losses.total.detach()


def fast_step(
    experiment: Experiment,
    batch: Batch,
    *,
    teacher: Teacher | None = None,
    device: torch.device | None = None,
    precision: Precision = "bf16",
) -> Callable[[], Float[Tensor, ""]]:
    """The training step of ``foveate.train`` over the same batch of decoded faces again and again.

    Views on the device, teacher, objective under autocast, gradient, clipping, optimiser; no loader, log or checkpoint.

    Args:
        experiment: what a recipe returned; its objective is moved to the device, channels last, and trained.
        batch: decoded faces.
        teacher: in place of the experiment's own: a cache of it.
        device: the CPU if absent.
        precision: of autocast.
    """
    return fast_steps([experiment], batch, teacher=teacher, device=device, precision=precision)


def fast_steps(
    experiments: Sequence[Experiment],
    batch: Batch,
    *,
    teacher: Teacher | None = None,
    device: torch.device | None = None,
    precision: Precision = "bf16",
) -> Callable[[], Float[Tensor, ""]]:
    """A step of several students over one batch, which share the teacher's pass, as ``foveate train A + B`` does.

    Args:
        experiments: of one teacher, or of none.
        batch, teacher, device, precision: as for ``fast_step``.
    """
    place = device or torch.device("cpu")
    students = [_Student(experiment, place, precision) for experiment in experiments]
    guide = teacher or experiments[0].teacher
    if guide is not None:
        guide.to(place).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] -- not in torch's stub
    faces = Batch(batch.images.to(place), batch.label.to(place), batch.position)
    done = 0

    def step() -> Float[Tensor, ""]:
        nonlocal done
        trace, total = None, torch.zeros((), device=place)
        for student in students:
            views = student.experiment.views(faces, seed=0, epoch=done)
            if guide is not None and trace is None:
                with autocast(place, precision):
                    trace = guide(views)
            total = total + student.step(views, trace, done)
        done += 1
        return total

    return step


def cache_of(experiment: Experiment, faces: int, folder: Path, *, device: torch.device | None = None) -> CachedTeacher:
    """A cache of the teacher's answers to the first faces of an experiment, for ``fast_step``.

    Args:
        experiment: with a teacher; the first ``faces`` classes have one face each, as in a ``Trial``.
        faces: how many.
        folder: where the cache goes.
        device: the CPU if absent.
    """
    assert experiment.teacher is not None
    few = dataclasses.replace(experiment, images=Chosen(experiment.images, np.arange(faces)))
    place = device or torch.device("cpu")
    run = Run(folder / "run", device=str(place), precision=choose_precision(device=place), cache=folder / "cache")
    return cached_teacher(Sitting(experiment.teacher, experiment.objective.reads, few, run, place))


def fast_inference(
    network: nn.Module, images: Float[Tensor, "B 3 H W"], *, precision: Precision = "bf16"
) -> Callable[[], Float[Tensor, "B D"]]:
    """The embedding of a batch, channels last, without gradients.

    Args:
        network: put into evaluation mode; its device is used.
        images: as the network sees them.
        precision: of autocast; ``foveate evaluate`` computes in float32.
    """
    device = next(network.parameters()).device
    network = network.to(memory_format=torch.channels_last).eval()
    seen = images.to(device).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def infer() -> Float[Tensor, "B D"]:
        with autocast(device, precision):
            return network(seen).float()

    return infer

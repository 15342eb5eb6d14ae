"""Who teaches whom: students of one teacher share its pass over each batch."""

from collections.abc import Sequence
from typing import final

import torch

from foveate.cache import Sitting, cached_teacher
from foveate.distill.trace import Trace
from foveate.experiment import Experiment
from foveate.precision import Precision, autocast
from foveate.run import Run
from foveate.teacher import Teacher
from foveate.views import Views


@final
class Lessons:
    """The traces of the teachers of some students, each computed once a step.

    Args:
        plans: the students. Those whose teachers have the same weights and see the same sharp views have one.
        device: where.

    Raises:
        RecipeError: a teacher's answers are to be kept, and cannot be (``foveate.cache``).
    """

    def __init__(self, plans: Sequence[tuple[Experiment, Run]], device: torch.device) -> None:
        self._device = device
        self._precision: Precision = plans[0][1].precision
        self._keys = [_key(experiment) for experiment, _ in plans]
        self._teachers: dict[object, Teacher] = {}
        self._latest: dict[object, tuple[float, Trace]] = {}
        for sitting in sittings(plans, device):
            teacher = cached_teacher(sitting) if sitting.run.cache is not None else sitting.teacher.to(device)
            teacher.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] -- missing in torch's stub
            self._teachers[_key(sitting.experiment)] = teacher

    def trace(self, student: int, views: Views, progress: float) -> Trace | None:
        """The trace of a student's teacher, or None if it has none.

        Args:
            student: its number among the plans.
            views: of the batch; the sharp one is the same for all students of a teacher.
            progress: of training in [0, 1), another one for each step.
        """
        key = self._keys[student]
        if key not in self._teachers:
            return None
        if key not in self._latest or self._latest[key][0] != progress:
            with autocast(self._device, self._precision):
                self._latest[key] = progress, self._teachers[key](views, progress)
        return self._latest[key][1]


def sittings(plans: Sequence[tuple[Experiment, Run]], device: torch.device) -> list[Sitting]:
    """Each teacher once, with all that its students' distillers want to see."""
    found: dict[object, Sitting] = {}
    for experiment, run in plans:
        teacher, key, reads = experiment.teacher, _key(experiment), experiment.objective.reads
        if teacher is None:
            continue
        if key in found:
            teacher = found[key].teacher.with_globs(teacher.globs, teacher.head)
            reads = tuple(sorted({*reads, *found[key].reads}))
        found[key] = Sitting(teacher, reads, experiment, run, device)
    return list(found.values())


def _key(experiment: Experiment) -> object:
    """Equal for students that can share a teacher's pass."""
    teacher = experiment.teacher
    return None if teacher is None else (teacher.fingerprint, *experiment.views.shared)

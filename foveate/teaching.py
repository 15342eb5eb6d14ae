"""Who teaches whom: students of one teacher share its pass over each batch."""

from collections.abc import Sequence
from typing import final

import torch

from foveate.distill.trace import Trace
from foveate.experiment import Experiment
from foveate.precision import Precision, autocast
from foveate.teacher import LiveTeacher, Teacher
from foveate.views import Views


@final
class Lessons:
    """The traces of the teachers of some students, each computed once a step.

    Args:
        experiments: of the students. Those whose teachers have the same weights and see the same sharp views have one.
        device: where.
        precision: of the teachers' arithmetic.
    """

    def __init__(self, experiments: Sequence[Experiment], device: torch.device, precision: Precision) -> None:
        self._device = device
        self._precision: Precision = precision
        self._keys = [_key(experiment) for experiment in experiments]
        self._teachers: dict[object, Teacher] = {}
        for key, experiment in zip(self._keys, experiments, strict=True):
            if experiment.teacher is not None:
                self._teachers[key] = _joined(self._teachers.get(key), experiment.teacher)
        for teacher in self._teachers.values():
            teacher.to(device).to(memory_format=torch.channels_last)
        self._latest: dict[object, tuple[float, Trace]] = {}

    def trace(self, student: int, views: Views, progress: float) -> Trace | None:
        """The trace of a student's teacher, or None if it has none.

        Args:
            student: its number among the experiments.
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


def _key(experiment: Experiment) -> object:
    """Equal for students that can share a teacher's pass."""
    views, teacher = experiment.views, experiment.teacher
    if not isinstance(teacher, LiveTeacher):
        return id(teacher)
    return teacher.fingerprint, views.flip, views.crop, views.colour


def _joined(known: Teacher | None, teacher: Teacher) -> Teacher:
    """One teacher that shows what either of two equal ones shows."""
    if isinstance(known, LiveTeacher) and isinstance(teacher, LiveTeacher):
        return known.with_globs(teacher.globs, teacher.head)
    return teacher

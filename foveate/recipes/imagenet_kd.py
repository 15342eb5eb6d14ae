"""Logit distillation of object classification: what all methods of the A-SKD paper's Table 4 have in common."""

from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.objective import Weighted
from foveate.photo_task import PhotoTask
from foveate.student import TaughtStudent


def imagenet_kd(
    task: PhotoTask, student: TaughtStudent, *, kd_weight: float = 1.0, temperature: float = 4.0
) -> Experiment:
    """Train a student on low-resolution photos with logit distillation (Hinton et al., 2015).

    ``foveate train imagenet_kd --data DATA --ratio R --teacher T``. 0.581 GFLOP a photo in training at --scale small.
    Found (objects/table4.md in results): imagenette-112 66.1 % at 4x (+4.0 over base, 3 seeds).

    The paper's Table 4 has no such row: it shows what attention or relations add to it.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
    """
    return student.taught(task, {"kd": Weighted(LogitKD(temperature), kd_weight)})

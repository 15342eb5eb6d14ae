"""Base of object classification: the student without a teacher (A-SKD paper, Table 4)."""

from foveate.experiment import Experiment
from foveate.photo_task import PhotoTask
from foveate.student import LoneStudent


def imagenet_base(task: PhotoTask, student: LoneStudent) -> Experiment:
    """Train the student's network on low-resolution photos, without distillation.

    ``foveate train imagenet_base --data DATA --ratio R``. 0.431 GFLOP a photo in training at --scale small. Found
    (objects/table4.md in results): imagenette-112 62.1 % at 4x (3 seeds).

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

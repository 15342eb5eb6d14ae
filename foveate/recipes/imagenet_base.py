"""Base of object classification: the student without a teacher (A-SKD paper, Table 4)."""

from foveate.experiment import Experiment
from foveate.photo_task import PhotoTask
from foveate.student import LoneStudent


def imagenet_base(task: PhotoTask, student: LoneStudent) -> Experiment:
    """Train the student's network on low-resolution photos, without distillation.

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

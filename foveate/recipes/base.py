"""Base: the student without a teacher, the row every method is compared with (A-SKD paper, Tables 1 to 3)."""

from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.student import LoneStudent


def base(task: FaceTask, student: LoneStudent) -> Experiment:
    """Train the student's network on low-resolution faces, without distillation.

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

"""Base: the student without a teacher, the row every method is compared with (A-SKD paper, Tables 1 to 3)."""

from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.student import LoneStudent


def base(task: FaceTask, student: LoneStudent) -> Experiment:
    """Train the student's network on low-resolution faces, without distillation.

    ``foveate train base --data DATA --ratio R``. 0.263 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 81.0 % at 4x (5 seeds), 79.1 % at 8x (5 seeds), 75.5 % at 16x (one seed);
    lfw 83.9 % at 4x (5 seeds), 82.0 % at 8x (5 seeds), 78.9 % at 16x (one seed).

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

"""Base of face detection: the student without a teacher (A-SKD paper, Table 5)."""

from foveate.detection_task import DetectionTask
from foveate.experiment import Experiment
from foveate.student import LoneStudent


def widerface_base(task: DetectionTask, student: LoneStudent) -> Experiment:
    """Train the student's detector on low-resolution photos, without distillation.

    ``foveate train widerface_base --data DATA --ratio R``. No study has run it yet.

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

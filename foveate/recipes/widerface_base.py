"""Base of face detection: the student without a teacher (A-SKD paper, Table 5)."""

from foveate.detection_task import DetectionTask
from foveate.experiment import Experiment
from foveate.student import LoneStudent


def widerface_base(task: DetectionTask, student: LoneStudent) -> Experiment:
    """Train the student's detector on low-resolution photos, without distillation.

    ``foveate train widerface_base --data DATA --ratio R``. 17.6 GFLOP a photo in training at --scale small. Found
    (detection/table5.md in results): photos, held out 80.1 % at 4x (2 seeds), 62.9 % at 8x (2 seeds); cmu_mit 14.4 % at
    4x (2 seeds), 7.0 % at 8x (2 seeds).

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

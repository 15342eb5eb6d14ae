"""Base of face detection: the student without a teacher (A-SKD paper, Table 5)."""

from foveate.detection_task import DetectionTask
from foveate.experiment import Experiment
from foveate.student import LoneStudent


def widerface_base(task: DetectionTask, student: LoneStudent) -> Experiment:
    """Train the student's detector on low-resolution photos, without distillation.

    ``foveate train widerface_base --data DATA --ratio R``. 17.6 GFLOP a photo in training at --scale small. Found
    (detection/table5.md in results): photos, held out 80.5 % at 4x (3 seeds), 63.6 % at 8x (3 seeds); cmu_mit 13.5 % at
    4x (3 seeds), 6.7 % at 8x (3 seeds).

    Args:
        task: data and size.
        student: what it sees; a teacher is only compared with, or lends its weights.
    """
    return student.alone(task)

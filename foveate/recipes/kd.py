"""KD: distillation of logits alone (Hinton, Vinyals and Dean, 2015)."""

from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def kd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 1.0,
    temperature: float = 4.0,
) -> Experiment:
    """Train a student on low-resolution faces whose logits shall be its teacher's.

    ``foveate train kd --data DATA --ratio R --teacher T``. No study has run it yet.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the logit loss; the head's own loss keeps its full weight, as in A-SKD+KD.
        temperature: T of the logit loss.
    """
    distillers = {"kd": Weighted(LogitKD(temperature), weight)}
    return student.taught(task, distillers)

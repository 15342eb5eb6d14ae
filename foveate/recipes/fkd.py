"""F-KD: distillation of embeddings across resolutions (A-SKD paper, Table 1: "F-KD")."""

from foveate.distill.fkd import FeatureKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def fkd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 0.1,
) -> Experiment:
    """Train a student on low-resolution faces whose embeddings shall be its teacher's.

    ``foveate train fkd --data DATA --ratio R --teacher T``. 0.351 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 81.0 % at 4x (-0.0 over base, 3 seeds), 79.0 % at 8x (+0.0 over base, 3
    seeds); lfw 83.8 % at 4x (-0.2 over base, 3 seeds), 82.5 % at 8x (+0.5 over base, 3 seeds).

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss; 0.1 in the method's own code, what the A-SKD paper took is not known.
    """
    distillers = {"fkd": Weighted(FeatureKD(), weight)}
    return student.taught(task, distillers)

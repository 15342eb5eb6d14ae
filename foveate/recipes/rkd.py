"""RKD: relational knowledge distillation (A-SKD paper, Table 4)."""

from foveate.distill.rkd import RelationalKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def rkd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 40.0,
    distance: float = 1.0,
    angle: float = 2.0,
) -> Experiment:
    """Train a student on low-resolution faces whose embeddings lie to each other as the teacher's do.

    ``foveate train rkd --data DATA --ratio R --teacher T``. No study has run it yet.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss; 40 is that of the F-SKD authors' comparison.
        distance: weight of the distances of pairs in it.
        angle: weight of the angles of triples in it.
    """
    distillers = {"rkd": Weighted(RelationalKD(distance, angle), weight)}
    return student.taught(task, distillers)

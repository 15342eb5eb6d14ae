"""HORKD: hybrid order relational distillation (A-SKD paper, Tables 1 and 2), as far as it is known."""

from foveate.distill.horkd import HybridOrderKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def horkd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 1.0,
    first: float = 1.0,
    second: float = 25.0,
    third: float = 50.0,
) -> Experiment:
    """Train a student on low-resolution faces that keeps relations of faces, pairs and triples; a reconstruction.

    ``foveate train horkd --data DATA --ratio R --teacher T``. 0.41 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 82.2 % at 4x (+1.2 over base, 3 seeds), 79.6 % at 8x (+0.6 over base, 3
    seeds); lfw 84.7 % at 4x (+0.8 over base, 3 seeds), 82.9 % at 8x (+0.8 over base, 3 seeds).

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss. What HORKD's authors and the A-SKD paper took for this and the next three is
            not known.
        first: weight of single faces in it.
        second: weight of pairs.
        third: weight of triples.
    """
    distillers = {"horkd": Weighted(HybridOrderKD(first, second, third), weight)}
    return student.taught(task, distillers)

"""AT: attention transfer (A-SKD paper, Tables 1 to 3), and AT*, the same with A-SKD's cosine distance (Table 3)."""

from foveate.distill.at import AttentionTransfer
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def at(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float | None = None,
    cosine: bool = False,
) -> Experiment:
    """Train a student on low-resolution faces whose features have their energy where the teacher's have it.

    ``foveate train at --data DATA --ratio R --teacher T``. 0.351 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 82.2 % at 4x (+1.2 over base, 3 seeds), 81.0 % at 8x (+1.9 over base, 3
    seeds); lfw 85.0 % at 4x (+1.0 over base, 3 seeds), 83.1 % at 8x (+1.0 over base, 3 seeds).

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss. None: 1000, as the authors of AT and of F-SKD do, or 20 with --cosine, as
            F-SKD's cosine of features has it: what AT* had is not known.
        cosine: compare maps by their cosine (AT*) rather than by their squared difference.
    """
    weight = (20.0 if cosine else 1000.0) if weight is None else weight
    distillers = {"at": Weighted(AttentionTransfer(cosine=cosine), weight)}
    return student.taught(task, distillers)

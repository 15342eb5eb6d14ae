"""FitNet: hints for features (Romero et al., 2015), as the authors of F-SKD compare with it."""

from foveate.distill.fitnet import FitNet
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def fitnet(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 1.5,
) -> Experiment:
    """Train a student on low-resolution faces whose features, adapted, shall be its teacher's.

    ``foveate train fitnet --data DATA --ratio R --teacher T``. No study has run it yet.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss; 1.5 is that of the F-SKD authors' comparison.
    """
    distillers = {"fitnet": Weighted(FitNet(), weight)}
    return student.taught(task, distillers)

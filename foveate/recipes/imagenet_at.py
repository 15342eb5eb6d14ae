"""AT+KD of object classification: attention transfer with logit distillation (A-SKD paper, Table 4)."""

from foveate.distill.at import AttentionTransfer
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.objective import Weighted
from foveate.photo_task import PhotoTask
from foveate.student import TaughtStudent


def imagenet_at(
    task: PhotoTask,
    student: TaughtStudent,
    *,
    weight: float | None = None,
    cosine: bool = False,
    kd_weight: float = 1.0,
    temperature: float = 4.0,
) -> Experiment:
    """Train a student on low-resolution photos with attention transfer and logit distillation.

    ``foveate train imagenet_at --data DATA --ratio R --teacher T``. 0.581 GFLOP a photo in training at --scale small.
    Found (objects/table4.md in results): imagenette-112 67.6 % at 4x (+5.5 over base, 3 seeds).

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the attention transfer, of which the mean over four stages is taken. None: 1000 as the A-SKD authors
            have it in F-SKD (AT's own authors have 1000 for the sum, which would be 4000 here), or 20 with --cosine.
        cosine: compare with the cosine distance in place of the squared difference (AT*).
        kd_weight: of the logit loss; 0 for AT alone.
        temperature: T of the logit loss.
    """
    weight = (20.0 if cosine else 1000.0) if weight is None else weight
    distillers = {
        "at": Weighted(AttentionTransfer(cosine=cosine), weight),
        "kd": Weighted(LogitKD(temperature), kd_weight),
    }
    return student.taught(task, distillers)

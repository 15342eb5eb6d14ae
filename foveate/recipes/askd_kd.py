"""A-SKD+KD: attention similarity and logit distillation together (A-SKD paper, Table 1)."""

from foveate.distill.askd import Centre, Kinds, Level
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def askd_kd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    kinds: Kinds = "both",
    level: Level | None = None,
    centre: Centre = "none",
    kd_weight: float = 1.0,
    temperature: float = 4.0,
) -> Experiment:
    """Train a student on low-resolution faces with A-SKD and logit distillation together.

    ``foveate train askd_kd --data DATA --ratio R --teacher T``. 0.352 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 83.5 % at 4x (+2.5 over base, 5 seeds), 81.6 % at 8x (+2.6 over base, 5
    seeds), 77.5 % at 16x (+2.0 over base, one seed); lfw 86.3 % at 4x (+2.4 over base, 5 seeds), 84.2 % at 8x (+2.2
    over base, 5 seeds), 80.9 % at 16x (+2.0 over base, one seed).

    Args:
        task: data and size; its preset decides what is compared: attention maps (paper) or their logits (released).
        student: what it sees, and its teacher.
        weight: of the attention loss (lambda).
        kinds: which attention maps are compared: channel, spatial, or both.
        level: compare maps, or their logits before the sigmoid; by default what the preset does.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
    """
    method = task.attention_similarity(kinds, level, centre)
    distillers = {"askd": Weighted(method, weight), "kd": Weighted(LogitKD(temperature), kd_weight)}
    return student.taught(task, distillers)

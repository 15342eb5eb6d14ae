"""A-SKD: attention similarity knowledge distillation, the method of the paper (equations 7 to 9)."""

from foveate.distill.askd import Centre, Kinds, Level
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def askd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    kinds: Kinds = "both",
    level: Level | None = None,
    centre: Centre = "none",
) -> Experiment:
    """Train a student on low-resolution faces that looks where its sharp-eyed teacher looks.

    ``foveate train askd --data DATA --ratio R --teacher T``. 0.351 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 82.3 % at 4x (+1.3 over base, 5 seeds), 80.6 % at 8x (+1.5 over base, 5
    seeds), 75.8 % at 16x (+0.3 over base, one seed); lfw 85.2 % at 4x (+1.3 over base, 5 seeds), 83.0 % at 8x (+1.0
    over base, 5 seeds), 80.0 % at 16x (+1.1 over base, one seed).

    Args:
        task: data and size; its preset decides what is compared: attention maps (paper) or their logits (released).
        student: what it sees, and its teacher.
        weight: of the distillation loss (lambda).
        kinds: which attention maps are compared: channel, spatial, or both.
        level: compare maps, or their logits before the sigmoid; by default what the preset does.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
    """
    method = task.attention_similarity(kinds, level, centre)
    return student.taught(task, {"askd": Weighted(method, weight)})

"""A-SKD+KD of object classification: attention similarity with logit distillation (A-SKD paper, Table 4)."""

from foveate.distill.askd import Centre, Kinds, Level
from foveate.distill.kd import LogitKD
from foveate.distill.matched import Match
from foveate.experiment import Experiment
from foveate.objective import Weighted
from foveate.photo_task import PhotoTask
from foveate.student import TaughtStudent


def imagenet_askd_kd(
    task: PhotoTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    kinds: Kinds = "both",
    level: Level | None = None,
    centre: Centre = "none",
    match: Match = "block",
    kd_weight: float = 1.0,
    temperature: float = 4.0,
) -> Experiment:
    """Train a student on low-resolution photos with attention similarity and logit distillation together.

    ``foveate train imagenet_askd_kd --data DATA --ratio R --teacher T``. 0.581 GFLOP a photo in training at --scale
    small. Found (objects/table4.md in results): imagenette-112 66.7 % at 4x (+4.6 over base, 3 seeds).

    Args:
        task: data and size; its preset decides what is compared: attention maps (paper) or their logits (released).
        student: what it sees, and its teacher.
        weight: of the attention loss (lambda); the paper says that 5 suits ImageNet too.
        kinds: which attention maps are compared: channel, spatial, or both.
        level: compare maps, or their logits before the sigmoid; by default what the preset does.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        match: which maps are paired: those of one "block", or the last of each "stage" of networks that differ.
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
    """
    method = task.attention_similarity(kinds, level, centre, match)
    distillers = {"askd": Weighted(method, weight), "kd": Weighted(LogitKD(temperature), kd_weight)}
    return student.taught(task, distillers)

"""A-SKD of face detection: where to look for faces in photos of low resolution (A-SKD paper, section 4.5)."""

from foveate.detection_task import DetectionTask
from foveate.distill.askd import Centre, Kinds, Level
from foveate.experiment import Experiment
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def widerface_askd(
    task: DetectionTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    kinds: Kinds = "both",
    level: Level | None = None,
    centre: Centre = "none",
) -> Experiment:
    """Train a detector on low-resolution photos, attention similarity beside its own losses.

    ``foveate train widerface_askd --data DATA --ratio R --teacher T``. 23.5 GFLOP a photo in training at --scale small.
    Found (detection/table5.md in results): photos, held out 81.6 % at 4x (3 seeds), 66.9 % at 8x (3 seeds); cmu_mit
    15.6 % at 4x (+2.2 over base, 3 seeds), 9.6 % at 8x (+2.8 over base, 3 seeds).

    Args:
        task: data and size; its preset decides what is compared: attention maps (paper) or their logits (released).
        student: what it sees, and its teacher.
        weight: of the attention loss (lambda); 5 as for faces, the paper does not state another.
        kinds: which attention maps are compared: channel, spatial, or both.
        level: compare maps, or their logits before the sigmoid; by default what the preset does.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
    """
    method = task.attention_similarity(kinds, level, centre)
    return student.taught(task, {"askd": Weighted(method, weight)})

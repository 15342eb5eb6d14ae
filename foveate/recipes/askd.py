"""A-SKD: attention similarity knowledge distillation, the method of the paper (equations 7 to 9)."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.askd import Centre, Kinds, Level
from foveate.experiment import Experiment
from foveate.face_task import FaceTask, Start
from foveate.objective import Weighted


def askd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 5.0,
    kinds: Kinds = "both",
    level: Level | None = None,
    centre: Centre = "none",
    start: Start = "random",
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces that looks where its sharp-eyed teacher looks.

    Args:
        task: data and size; its preset decides what is compared: attention maps (paper) or their logits (released).
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss (lambda).
        kinds: which attention maps are compared: channel, spatial, or both.
        level: compare maps, or their logits before the sigmoid; by default what the preset does.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        start: the student's first weights: "random", or those of the "teacher".
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    views = task.low_views(ratio, side)
    method = task.attention_similarity(kinds, level, centre)
    student = task.network(attention, sites)
    return task.distilled(student, views, teacher, {"askd": Weighted(method, weight)}, start=start)

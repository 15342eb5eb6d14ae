"""KD: distillation of logits alone (Hinton, Vinyals and Dean, 2015)."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def kd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 1.0,
    temperature: float = 4.0,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose logits shall be its teacher's.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the logit loss; the head's own loss keeps its full weight, as in A-SKD+KD.
        temperature: T of the logit loss.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"kd": Weighted(LogitKD(temperature), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

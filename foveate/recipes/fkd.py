"""F-KD: distillation of embeddings across resolutions (A-SKD paper, Table 1: "F-KD")."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.fkd import FeatureKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def fkd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 0.1,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose embeddings shall be its teacher's.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss; 0.1 in the method's own code, what the A-SKD paper took is not known.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"fkd": Weighted(FeatureKD(), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

"""RKD: relational knowledge distillation (A-SKD paper, Table 4)."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.rkd import RelationalKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def rkd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 40.0,
    distance: float = 1.0,
    angle: float = 2.0,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose embeddings lie to each other as the teacher's do.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss; 40 is that of the F-SKD authors' comparison.
        distance: weight of the distances of pairs in it.
        angle: weight of the angles of triples in it.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"rkd": Weighted(RelationalKD(distance, angle), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

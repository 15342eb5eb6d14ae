"""F-SKD: feature similarity knowledge distillation, the A-SKD authors' next method (Shin et al., 2023)."""

import dataclasses
from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.fskd import FeatureSimilarity
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def fskd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 20.0,
    cross: float = 0.2,
    per_identity: int = 2,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose features, adapted, point where the teacher's point.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss.
        cross: weight of its second term, across two photos of a person, where the first has 1; the authors weigh the
            two with 20 and 4. 0 leaves it out.
        per_identity: how many photos of a person a batch has at least, if it has any. The authors load a second photo
            for each face in place of this.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"fskd": Weighted(FeatureSimilarity(cross=cross), weight)}
    made = task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)
    return dataclasses.replace(made, per_identity=per_identity)

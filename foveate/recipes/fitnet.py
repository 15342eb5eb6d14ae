"""FitNet: hints for features (Romero et al., 2015), as the authors of F-SKD compare with it."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.fitnet import FitNet
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def fitnet(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 1.5,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose features, adapted, shall be its teacher's.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss; 1.5 is that of the F-SKD authors' comparison.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"fitnet": Weighted(FitNet(), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

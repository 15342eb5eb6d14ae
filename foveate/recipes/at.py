"""AT: attention transfer (A-SKD paper, Tables 1 to 3), and AT*, the same with A-SKD's cosine distance (Table 3)."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.at import AttentionTransfer
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def at(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float | None = None,
    cosine: bool = False,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces whose features have their energy where the teacher's have it.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss. None: 1000, as the authors of AT and of F-SKD do, or 20 with --cosine, as
            F-SKD's cosine of features has it: what AT* had is not known.
        cosine: compare maps by their cosine (AT*) rather than by their squared difference.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    weight = (20.0 if cosine else 1000.0) if weight is None else weight
    distillers = {"at": Weighted(AttentionTransfer(cosine=cosine), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

"""HORKD: hybrid order relational distillation (A-SKD paper, Tables 1 and 2), as far as it is known."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.horkd import HybridOrderKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted


def horkd(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 1.0,
    first: float = 1.0,
    second: float = 25.0,
    third: float = 50.0,
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student on low-resolution faces that keeps relations of faces, pairs and triples; a reconstruction.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the distillation loss. What HORKD's authors and the A-SKD paper took for this and the next three is
            not known.
        first: weight of single faces in it.
        second: weight of pairs.
        third: weight of triples.
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {"horkd": Weighted(HybridOrderKD(first, second, third), weight)}
    return task.distilled(task.network(attention, sites), task.low_views(ratio, side), teacher, distillers)

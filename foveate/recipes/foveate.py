"""foveate: the best we have found so far at recovering what a low resolution takes away, at the cost of A-SKD+KD."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.distill.askd import Centre
from foveate.distill.fkd import FeatureKD
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask, Start
from foveate.objective import Weighted


def foveate(
    task: FaceTask,
    *,
    teacher: Path,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    weight: float = 5.0,
    centre: Centre = "none",
    kd_weight: float = 1.0,
    temperature: float = 4.0,
    feature_weight: float = 0.0,
    start: Start = "teacher",
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train a student that begins as its teacher and is shown where to look, what to answer, and how sure to be.

    Args:
        task: data and size.
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        weight: of the attention loss, which compares logits of the maps.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
        feature_weight: of the distance of embeddings.
        start: the student's first weights: "random", or those of the "teacher".
        attention: kind of attention, as the teacher's.
        sites: where attention sits, as in the teacher.
    """
    distillers = {
        "askd": Weighted(task.attention_similarity("both", "logits", centre), weight),
        "kd": Weighted(LogitKD(temperature), kd_weight),
    }
    if feature_weight:
        distillers["fkd"] = Weighted(FeatureKD(), feature_weight)
    views = task.low_views(ratio, side)
    return task.distilled(task.network(attention, sites), views, teacher, distillers, start=start)

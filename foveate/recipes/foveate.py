"""foveate: the best we have found so far at recovering what a low resolution takes away, at the cost of A-SKD+KD."""

from dataclasses import dataclass
from typing import final

from foveate.distill.askd import Centre
from foveate.distill.fkd import FeatureKD
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import Start, TaughtStudent


@final
@dataclass(frozen=True, kw_only=True)
class Beginner(TaughtStudent):
    """A student that begins as its teacher, unless it is told otherwise.

    Attributes:
        start: the student's first weights: "random", or those of the "teacher".
    """

    start: Start = "teacher"


def foveate(
    task: FaceTask,
    student: Beginner,
    *,
    weight: float = 5.0,
    centre: Centre = "none",
    kd_weight: float = 1.0,
    temperature: float = 4.0,
    feature_weight: float = 0.0,
) -> Experiment:
    """Train a student that begins as its teacher and is shown where to look, what to answer, and how sure to be.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the attention loss, which compares logits of the maps.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
        feature_weight: of the distance of embeddings.
    """
    distillers = {
        "askd": Weighted(task.attention_similarity("both", "logits", centre), weight),
        "kd": Weighted(LogitKD(temperature), kd_weight),
    }
    if feature_weight:
        distillers["fkd"] = Weighted(FeatureKD(), feature_weight)
    return student.taught(task, distillers)

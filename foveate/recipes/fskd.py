"""F-SKD: feature similarity knowledge distillation, the A-SKD authors' next method (Shin et al., 2023)."""

import dataclasses

from foveate.distill.fskd import FeatureSimilarity
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def fskd(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 20.0,
    cross: float = 0.2,
    per_identity: int = 2,
) -> Experiment:
    """Train a student on low-resolution faces whose features, adapted, point where the teacher's point.

    ``foveate train fskd --data DATA --ratio R --teacher T``. No study has run it yet.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss.
        cross: weight of its second term, across two photos of a person, where the first has 1; the authors weigh the
            two with 20 and 4. 0 leaves it out.
        per_identity: how many photos of a person a batch has at least, if it has any. The authors load a second photo
            for each face in place of this.
    """
    distillers = {"fskd": Weighted(FeatureSimilarity(cross=cross), weight)}
    return dataclasses.replace(student.taught(task, distillers), per_identity=per_identity)

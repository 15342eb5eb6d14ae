"""The teacher of face detection: the network that sees sharp photos (A-SKD paper, section 4.5)."""

from foveate.detection_task import DetectionTask
from foveate.experiment import Experiment
from foveate.objective import Objective


def widerface_teacher(task: DetectionTask) -> Experiment:
    """Train TinaFace with attention on sharp photos: the paper's "1x Base" of Table 5, and the students' teacher.

    ``foveate train widerface_teacher --data DATA``. No study has run it yet.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

"""The teacher of face detection: the network that sees sharp photos (A-SKD paper, section 4.5)."""

from foveate.detection_task import DetectionTask
from foveate.experiment import Experiment
from foveate.objective import Objective


def widerface_teacher(task: DetectionTask) -> Experiment:
    """Train TinaFace with attention on sharp photos: the paper's "1x Base" of Table 5, and the students' teacher.

    ``foveate train widerface_teacher --data DATA``. 17.6 GFLOP a photo in training at --scale small. Found
    (detection/table5.md in results): photos, held out 95.4 %; cmu_mit 25.8 %.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

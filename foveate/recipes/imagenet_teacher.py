"""The teacher of object classification: the network that sees sharp photos (A-SKD paper, section 4.4)."""

from foveate.experiment import Experiment
from foveate.objective import Objective
from foveate.photo_task import PhotoTask


def imagenet_teacher(task: PhotoTask) -> Experiment:
    """Train a ResNet with attention on sharp photos: the paper's "1x Base" of Table 4, and everyone's teacher.

    ``foveate train imagenet_teacher --data DATA``. 0.431 GFLOP a photo in training at --scale small. Found
    (objects/table4.md in results): imagenette-112 73.6 %.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

"""The teacher of object classification: the network that sees sharp photos (A-SKD paper, section 4.4)."""

from foveate.experiment import Experiment
from foveate.objective import Objective
from foveate.photo_task import PhotoTask


def imagenet_teacher(task: PhotoTask) -> Experiment:
    """Train a ResNet with attention on sharp photos: the paper's "1x Base" of Table 4, and everyone's teacher.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

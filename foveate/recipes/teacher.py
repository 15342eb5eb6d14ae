"""The teacher: the network that sees sharp faces (A-SKD paper, section 4.1)."""

from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Objective


def teacher(task: FaceTask) -> Experiment:
    """Train a network with attention on sharp faces (1x): the paper's "1x Base", and everyone's teacher.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

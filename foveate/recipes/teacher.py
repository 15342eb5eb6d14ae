"""The teacher: the network that sees sharp faces (A-SKD paper, section 4.1)."""

from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Objective


def teacher(task: FaceTask) -> Experiment:
    """Train a network with attention on sharp faces (1x): the paper's "1x Base", and everyone's teacher.

    ``foveate train teacher --data DATA``. 0.263 GFLOP a face in training at --scale small. Found (faces/table1.md in
    results): celeba_held 84.0 %; lfw 86.0 %.

    Args:
        task: data and size.
    """
    return task.experiment(Objective(task.network(), task.head()), task.views())

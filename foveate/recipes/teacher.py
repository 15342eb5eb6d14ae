"""The teacher: the network that sees sharp faces (A-SKD paper, section 4.1)."""

from foveate.backbones.iresnet import Sites
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Objective


def teacher(task: FaceTask, *, attention: str = "cbam", sites: Sites = "block") -> Experiment:
    """Train a network with attention on sharp faces (1x): the paper's "1x Base", and everyone's teacher.

    Args:
        task: data and size.
        attention: kind of attention (a file name in foveate/attention), or "none".
        sites: "block": once a block, as the released code; "conv": after each 3 x 3 convolution, as the text says.
    """
    return task.experiment(Objective(task.network(attention, sites), task.head()), task.views())

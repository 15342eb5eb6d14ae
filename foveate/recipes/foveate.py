"""foveate: the best we have found so far at recovering what a low resolution takes away, at the cost of A-SKD+KD."""

from foveate.distill.askd import GATES, Centre
from foveate.distill.fkd import FeatureKD
from foveate.distill.kd import LogitKD
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def foveate(
    task: FaceTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    weight_end: float | None = None,
    centre: Centre = "none",
    gates: str = GATES,
    kd_weight: float = 8.0,
    temperature: float = 4.0,
    embedding_weight: float = 10.0,
) -> Experiment:
    """Train a student that is shown where to look, what to answer (eight times as much), and how to see faces.

    ``foveate train foveate --data DATA --ratio R --teacher T``. 0.352 GFLOP a face in training at --scale small. Found
    (faces/table1.md in results): celeba_held 83.9 % at 4x (+2.9 over base, 3 seeds), 82.2 % at 8x (+3.2 over base, 3
    seeds); lfw 86.0 % at 4x (+2.1 over base, 3 seeds), 84.2 % at 8x (+2.2 over base, 3 seeds).

    On held-out training people (one seed each), A-SKD+KD recovers more of the headroom of the area with this weight of
    logits than with 1, and embeddings that are compared, too, add a little. To begin with the teacher's weights, to
    compare embeddings six times as much, or to move faces about (``--crop 4``) adds nothing to that (results/README.md,
    "tuning").

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the attention loss, which compares logits of the maps.
        weight_end: what that weight comes to at the end of training, by equal steps; by default it stays.
        centre: what is taken off the maps first: "none", each "map"'s mean, or the mean map of the "batch".
        gates: which attention is compared, by the names of its modules: "stage[34].*.gate" is the later half.
        kd_weight: of the logit loss.
        temperature: T of the logit loss.
        embedding_weight: of the squared difference of embeddings (F-KD).
    """
    distillers = {
        "askd": Weighted(task.attention_similarity("both", "logits", centre, gates=gates), weight, weight_end),
        "kd": Weighted(LogitKD(temperature), kd_weight),
    }
    if embedding_weight:
        distillers["fkd"] = Weighted(FeatureKD(), embedding_weight)
    return student.taught(task, distillers)

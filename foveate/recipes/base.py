"""Base: the student without a teacher, the row every method is compared with (A-SKD paper, Tables 1 to 3)."""

from pathlib import Path

from foveate.backbones.iresnet import Sites
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.face_task import FaceTask, Start
from foveate.objective import Objective


def base(
    task: FaceTask,
    *,
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    teacher: Path | None = None,
    start: Start = "random",
    attention: str = "cbam",
    sites: Sites = "block",
) -> Experiment:
    """Train the student's network on low-resolution faces, without distillation.

    Args:
        task: data and size.
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        teacher: a teacher's model.safetensors; it teaches nothing here, the student's attention maps are compared with
            its maps in the end.
        start: the student's first weights: "random", or those of the "teacher".
        attention: kind of attention (a file name in foveate/attention), or "none".
        sites: "block": once a block, as the released code; "conv": after each 3 x 3 convolution, as the text says.
    """
    views = task.low_views(ratio, side)
    student = task.network(attention, sites)
    objective = Objective(student, task.head())
    if teacher is None:
        if start == "teacher":
            raise RecipeError("there is no teacher to take weights from", remedy="Name its checkpoint with --teacher.")
        return task.experiment(objective, views)
    model = task.teacher(teacher, student, views)
    return task.experiment(task.started(objective, model, start), views, more=task.agreement(model, views))

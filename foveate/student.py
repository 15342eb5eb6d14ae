"""What all recipes for a student share: what it sees, who teaches it, and what weights it begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from foveate.blueprint import describe
from foveate.errors import RecipeError
from foveate.evaluate.agreement import attention_agreements
from foveate.evaluate.evaluation import Evaluation
from foveate.experiment import Experiment
from foveate.face_task import SIZE, FaceTask
from foveate.model_file import Model, load_model
from foveate.objective import Objective, Weighted
from foveate.teacher import LiveTeacher
from foveate.views import FaceViews

Start = Literal["random", "teacher"]
"""What weights a student begins with."""


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student of low resolution.

    Attributes:
        ratio: down-sampling ratios (2, 4, 8); several draw one for each face. Without ratio and side: 8.
        side: sides of the small face in pixels, in place of ratios.
        start: the student's first weights: "random", or those of the "teacher".
    """

    ratio: tuple[int, ...] = ()
    side: tuple[int, ...] = ()
    start: Start = "random"

    def views(self, task: FaceTask) -> FaceViews:
        """What it sees: 8 times smaller, where neither ratio nor side is given."""
        return task.views(self.ratio or (() if self.side else (8,)), self.side)

    def begin(self, objective: Objective, task: FaceTask, teacher: Model) -> None:
        """Take over the teacher's weights, and its head, if the classes are the same; or leave all as it was drawn."""
        if self.start == "teacher":
            objective.network.load_state_dict(teacher.network.state_dict())
            if _same_classes(teacher, task) and type(objective.head) is type(teacher.head):
                objective.head.load_state_dict(teacher.head.state_dict())


@final
@dataclass(frozen=True, kw_only=True)
class LoneStudent(Student):
    """A student that no one teaches.

    Attributes:
        teacher: model.safetensors of a teacher of the same architecture; the student's attention maps are compared
            with its maps in the end.
    """

    teacher: Path | None = None

    def alone(self, task: FaceTask) -> Experiment:
        """An experiment without distillation: the Base of all comparisons.

        Raises:
            RecipeError: the teacher is of another architecture or colour order, or there is none to begin as.
        """
        views, objective = self.views(task), Objective(task.network(), task.head())
        if self.teacher is None:
            if self.start == "teacher":
                raise RecipeError("there is no teacher to take weights from", remedy="Name its file with --teacher.")
            return task.experiment(objective, views)
        model = _load(self.teacher, objective, views)
        self.begin(objective, task, model)
        return task.experiment(objective, views, more=_agreement(task, model, views))


@dataclass(frozen=True, kw_only=True)
class TaughtStudent(Student):
    """A student with a teacher.

    Attributes:
        teacher: model.safetensors of a teacher of the same architecture, trained on the same data.
    """

    teacher: Path

    def taught(self, task: FaceTask, distillers: Mapping[str, Weighted]) -> Experiment:
        """An experiment in which the teacher distils, and may lend the student its weights.

        Raises:
            RecipeError: the teacher is of another architecture or colour order, or its logits are wanted and it knows
                other classes.
        """
        views, objective = self.views(task), Objective(task.network(), task.head(), distillers=distillers)
        model = _load(self.teacher, objective, views)
        if objective.wants_logits and not _same_classes(model, task):
            raise RecipeError(
                "the teacher was trained on another set of identities or in another order, so its logits mean others",
                file=self.teacher,
                remedy="Train teacher and student on the same --data, or distil without logits (recipe askd).",
            )
        guide = LiveTeacher(model.network, head=model.head if objective.wants_logits else None, globs=objective.globs)
        notes = {"teacher": {key: model.card[key] for key in ("recipe", "seed", "arguments", "classes")}}
        self.begin(objective, task, model)
        return task.experiment(objective, views, teacher=guide, more=_agreement(task, model, views), notes=notes)


def _agreement(task: FaceTask, teacher: Model, views: FaceViews) -> tuple[Evaluation, ...]:
    """Whether a student looks where the teacher looks, asked on the first verification set."""
    return () if not task.pairs else attention_agreements(task.pairs[0], teacher.network, views, SIZE)


def _same_classes(model: Model, task: FaceTask) -> bool:
    return model.card["classes"]["sha256"] == task.images.fingerprint()


def _load(file: Path, objective: Objective, views: FaceViews) -> Model:
    """The teacher, which must be alike."""
    model = load_model(file)
    wanted, found = describe(objective.network), describe(model.network)
    ours, theirs = dict(wanted["arguments"]), dict(found["arguments"])
    for arguments in (ours, theirs):
        for name in ("dropout", "recompute"):  # a teacher does neither
            arguments.pop(name, None)
    if (wanted["call"], ours) != (found["call"], theirs):
        differ = sorted(str(key) for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
        raise RecipeError(
            f"the teacher is of another architecture than the student ({', '.join(differ) or 'another network'})",
            file=file,
            remedy="Give the student the flags the teacher was trained with (--scale small, say).",
        )
    if model.views.colour != views.colour:
        raise RecipeError(
            f"the teacher sees {model.views.colour}, the student {views.colour}",
            file=file,
            remedy="Train both under the same --preset.",
        )
    return model

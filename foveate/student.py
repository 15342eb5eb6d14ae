"""What all recipes for a student share: what it sees, who teaches it, and what weights it begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from torch import nn

from foveate.blueprint import describe
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.heads.arcface import ArcFace
from foveate.heads.partial_fc import PartialFC
from foveate.model_file import Model, load_model
from foveate.objective import Objective, Weighted
from foveate.task import Task
from foveate.teacher import LiveTeacher
from foveate.views import TwoViews

Start = Literal["random", "teacher"]
"""What weights a student begins with."""


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student of low resolution.

    Attributes:
        ratio: how many times smaller images are made (2, 4, 8, 16); several draw one for each image. Without ratio and
            side: 8 for faces, 4 for photos of objects, 16 for detection.
        side: sides of the small image in pixels, in place of ratios.
        start: the student's first weights: "random", or those of the "teacher".
    """

    ratio: tuple[int, ...] = ()
    side: tuple[int, ...] = ()
    start: Start = "random"

    def views(self, task: Task) -> TwoViews:
        """What it sees.

        Raises:
            RecipeError: both ratio and side are given, or what the task cannot be made smaller by.
        """
        if self.ratio and self.side:
            raise RecipeError("give either a ratio or a side", remedy="For example --ratio 8, or --side 14.")
        return task.views(self.ratio or (() if self.side else task.ratio), self.side)

    def begin(self, objective: Objective, task: Task, teacher: Model) -> None:
        """Take over the teacher's weights, and its head, if the classes are the same; or leave all as it was drawn."""
        if self.start == "teacher":
            objective.network.load_state_dict(teacher.network.state_dict())
            if not _same_classes(teacher, task):
                return
            if type(objective.head) is type(teacher.head):
                objective.head.load_state_dict(teacher.head.state_dict())
            elif isinstance(objective.head, PartialFC) and type(teacher.head) is ArcFace:
                objective.head.begin_as(teacher.head.weight)


@final
@dataclass(frozen=True, kw_only=True)
class LoneStudent(Student):
    """A student that no one teaches.

    Attributes:
        teacher: model.safetensors of a teacher of the same architecture; the student's attention maps are compared
            with its maps in the end.
    """

    teacher: Path | None = None

    def alone(self, task: Task) -> Experiment:
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
        return task.experiment(objective, views, more=task.agreement(model.network, views))


@dataclass(frozen=True, kw_only=True)
class TaughtStudent(Student):
    """A student with a teacher.

    Attributes:
        teacher: model.safetensors of a teacher trained on the same data, of the same architecture where the method
            needs it.
    """

    teacher: Path

    def taught(self, task: Task, distillers: Mapping[str, Weighted]) -> Experiment:
        """An experiment in which the teacher distils, and may lend the student its weights.

        Raises:
            RecipeError: the teacher is of another architecture and a distiller cannot compare the two, or of another
                colour order, or its logits are wanted and it knows other classes.
        """
        views, objective = self.views(task), Objective(task.network(), task.head(), distillers=distillers)
        other = self.start == "random" and all(item.distiller.across for item in distillers.values())
        model = _load(self.teacher, objective, views, other=other)
        if objective.wants_logits and not _same_classes(model, task):
            raise RecipeError(
                "the teacher was trained on another set of identities or in another order, so its logits mean others",
                file=self.teacher,
                remedy="Train both on the same --data with the same --test, --hold-out and --tune, or distil without "
                "logits (recipe askd).",
            )
        guide = LiveTeacher(model.network, head=model.head if objective.wants_logits else None, globs=objective.globs)
        known = {key: model.card[key] for key in ("recipe", "seed", "arguments", "classes")}
        notes = {"teacher": {**known, "weights": guide.fingerprint}}
        self.begin(objective, task, model)
        alike = not _differences(objective.network, model.network)
        more = task.agreement(model.network, views) if alike else ()
        return task.experiment(objective, views, teacher=guide, more=more, notes=notes)


def _same_classes(model: Model, task: Task) -> bool:
    return model.card["classes"]["sha256"] == task.images.fingerprint()


def _load(file: Path, objective: Objective, views: TwoViews, *, other: bool = False) -> Model:
    """The teacher, which must be alike, or may have an ``other`` architecture."""
    model = load_model(file)
    differ = _differences(objective.network, model.network)
    if differ and not other:
        raise RecipeError(
            f"the teacher is of another architecture than the student ({', '.join(differ)})",
            file=file,
            remedy="Give the student the flags the teacher was trained with (--scale small, say), or a method that "
            "needs no equal networks (at, kd, rkd; for photos imagenet_askd --match stage).",
        )
    if model.views.channels != views.channels:
        raise RecipeError(
            f"the teacher sees {model.views.channels}, the student {views.channels}",
            file=file,
            remedy="Train both under the same --preset.",
        )
    return model


def _differences(student: nn.Module, teacher: nn.Module) -> list[str]:
    """What of two networks' constructor calls is not the same."""
    wanted, found = describe(student), describe(teacher)
    ours, theirs = dict(wanted["arguments"]), dict(found["arguments"])
    for arguments in (ours, theirs):
        for name in ("dropout", "recompute"):  # a teacher does neither
            arguments.pop(name, None)
    differ = sorted(str(key) for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    return differ or (["another network"] if wanted["call"] != found["call"] else [])

"""An experiment: all that a training run is made of. Recipes return one, the loop runs it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from foveate.data.framing import Framing
from foveate.data.labelled import LabelledImages
from foveate.errors import RecipeError
from foveate.evaluate.evaluation import Evaluation
from foveate.heads.head import Head
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective
from foveate.schedule import Schedule
from foveate.teacher import LiveTeacher
from foveate.views import TwoViews

MakeOptimiser = Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]


@dataclass(frozen=True)
class Experiment:
    """Attributes:
    objective: what is trained, and its losses.
    teacher: shows the objective's distillers what the sharp view looks like to it; None where there are none.
    images: the training set.
    views: what teacher and student see of a batch; goes into the checkpoint.
    optimiser: makes the optimiser for the trained parameters, with the base learning rate.
    schedule: factor on the learning rate over training.
    batch, epochs: images in a batch, passes over the training set.
    framing: gives images the size that the network takes.
    parts: in how many parts a batch is worked through.
    per_identity: how many images of an identity a batch has at least, if it has any; a divisor of ``batch``. 1 draws
        images without regard to who they are. Where an identity has too few, or a number that does not divide, an epoch
        may leave out some images and show others twice (``foveate.data.balanced``).
    clip: largest allowed norm of the gradient; None for no clipping.
    evaluations: asked at the end, and every ``evaluate_every`` epochs (0: only at the end).
    notes: what the recipe wants recorded in the card beside its arguments (the teacher's checkpoint, say).
    """

    objective: Objective
    images: LabelledImages
    views: TwoViews
    optimiser: MakeOptimiser
    schedule: Schedule
    batch: int
    epochs: int
    framing: Framing
    parts: int = 1
    per_identity: int = 1
    clip: float | None = None
    evaluations: tuple[Evaluation, ...] = ()
    evaluate_every: int = 0
    teacher: LiveTeacher | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Side of the images in pixels."""
        return self.framing.size

    def __post_init__(self) -> None:
        self._check_teacher()
        if self.per_identity < 1 or self.batch % self.per_identity:
            raise RecipeError(
                f"batches of {self.batch} faces cannot be made of {self.per_identity} of each identity",
                remedy="Give a divisor of --batch for --per-identity.",
            )
        if self.objective.relational and self.parts > 1:
            raise RecipeError(
                f"{', '.join(self.objective.relational)} compares the faces of a batch with each other, "
                f"and {self.parts} parts cut it",
                remedy="Do without --parts; --recompute needs less memory, too.",
            )
        if isinstance(self.objective.head, PartialFC) and (self.parts > 1 or self.clip is not None):
            raise RecipeError(
                "PartialFC moves its centres itself, once a batch, by the gradient of the whole batch",
                remedy="Do without parts and clip, or take ArcFace.",
            )
        if self.batch < 2 or self.epochs < 1:
            raise RecipeError(
                f"{self.epochs} epochs in batches of {self.batch} cannot be trained",
                remedy="Give one epoch or more, and two faces a batch or more: BatchNorm cannot use one alone.",
            )

    def _check_teacher(self) -> None:
        objective, teacher = self.objective, self.teacher
        if len(objective.distillers) and teacher is None:
            raise RecipeError(
                f"{', '.join(objective.distillers)} cannot be computed without a teacher",
                remedy="Train one first (foveate train teacher) and pass its checkpoint.",
            )
        if teacher is None or not objective.wants_logits:
            return
        if teacher.head is None:
            raise RecipeError("logit distillation needs the teacher's head", remedy="Pass the teacher with its head.")
        known, there = (len(head.weight) for head in (teacher.head, objective.head) if isinstance(head, Head))
        if known != there:
            raise RecipeError(
                f"the teacher knows {known} classes, the data have {there}",
                remedy="Logit distillation needs a teacher trained on the same identities; without it, drop KD.",
            )

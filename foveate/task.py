"""What every recipe is given first: data, and the networks, views and evaluations of one size."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar

import torch
from torch import nn

from foveate.attention.attention import Attention
from foveate.data.framing import Framing
from foveate.data.labelled import LabelledImages
from foveate.degrade.preset import Preset
from foveate.discover import method
from foveate.distill.askd import GATES, AttentionSimilarity, Centre, Kinds, Level
from foveate.distill.matched import Match
from foveate.evaluate.evaluation import Evaluation
from foveate.experiment import Experiment
from foveate.heads.criterion import Criterion
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective
from foveate.scale import TrainingScale
from foveate.teacher import LiveTeacher
from foveate.views import TwoViews


class Task(ABC):
    """Subclasses are frozen dataclasses, whose fields are flags.

    Attributes:
        scales: values of the field ``scale``, by the names that ``--scale`` has for them.
        ratio: how many times smaller the student sees images, unless it is told.
        nesterov: whether SGD has Nesterov's momentum.
        preset, attention, scale: see the subclasses.
    """

    scales: ClassVar[Mapping[str, TrainingScale]]
    ratio: ClassVar[tuple[int, ...]]
    nesterov: ClassVar[bool]

    preset: Preset
    attention: str
    scale: Any

    @property
    @abstractmethod
    def images(self) -> LabelledImages:
        """The training set."""

    @property
    @abstractmethod
    def framing(self) -> Framing:
        """Gives the images the size that networks take."""

    @abstractmethod
    def network(self) -> nn.Module:
        """The network of this scale, with attention."""

    @abstractmethod
    def head(self) -> Criterion | PartialFC:
        """The head of this scale, over all classes where there are any."""

    @abstractmethod
    def views(self, ratio: tuple[int, ...] = (), side: tuple[int, ...] = ()) -> TwoViews:
        """What the student sees; without ratio and side, sharp images."""

    @abstractmethod
    def evaluations(self, views: Any, objective: Objective) -> tuple[Evaluation, ...]:
        """What is asked of a network that sees these views."""

    @abstractmethod
    def agreement(self, teacher: nn.Module, views: TwoViews) -> tuple[Evaluation, ...]:
        """Whether a network with these views looks where the teacher looks; nothing where there is nothing to ask."""

    def gate(self) -> partial[Attention] | None:
        """Makes the attention modules; None for a network without."""
        if self.attention == "none":
            return None
        make: Callable[..., Attention] = method("attention", self.attention, Attention)
        released = {"kernel": 3} if self.attention == "cbam" and self.preset == "released" else {}
        offered = {name: value for name, value in asdict(self.scale).items() if name != "channels"}  # they are given
        return partial(make, **known(make, {**offered, **released}))

    def attention_similarity(
        self,
        kinds: Kinds = "both",
        level: Level | None = None,
        centre: Centre = "none",
        match: Match = "block",
        gates: str = GATES,
    ) -> AttentionSimilarity:
        """A-SKD as the preset has it: maps, halved (paper), or logits, added (released); or ``level`` of them."""
        released = self.preset == "released"
        level = level or ("logits" if released else "map")
        return AttentionSimilarity(kinds, level=level, halve=not released, centre=centre, match=match, glob=gates)

    def experiment(
        self,
        objective: Objective,
        views: TwoViews,
        *,
        teacher: LiveTeacher | None = None,
        more: tuple[Evaluation, ...] = (),
        notes: Mapping[str, Any] | None = None,
    ) -> Experiment:
        """Optimiser, schedule and evaluations of this scale around an objective."""
        scale: TrainingScale = self.scale
        sgd = partial(
            torch.optim.SGD,
            lr=scale.learning_rate,
            momentum=0.9,
            nesterov=self.nesterov,
            weight_decay=scale.weight_decay,
            fused=True,
        )
        return Experiment(
            objective=objective,
            teacher=teacher,
            images=self.images,
            views=views,
            optimiser=sgd,
            schedule=scale.factor,
            batch=scale.batch,
            parts=scale.parts,
            epochs=scale.epochs,
            framing=self.framing,
            clip=scale.clip,
            evaluations=(*self.evaluations(views, objective), *more),
            evaluate_every=scale.evaluate_every,
            notes=notes or {},
        )


def known(make: Callable[..., Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """Of the arguments offered those that a constructor has."""
    names = inspect.signature(make).parameters
    return {name: value for name, value in offered.items() if name in names}

"""What all face recipes share: data, network, head, optimiser and evaluations of one size."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, final

import torch

from foveate.attention.attention import Attention
from foveate.backbones.backbone import Backbone
from foveate.backbones.iresnet import Sites
from foveate.data.folder import ImageFolder
from foveate.data.image_list import ImageList
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet, open_all_test_sets, open_training_set
from foveate.data.pairs import VerificationPairs, sharp_pairs
from foveate.data.split import hold_out
from foveate.degrade.preset import Preset, degradation
from foveate.discover import method
from foveate.distill.askd import AttentionSimilarity, Centre, Kinds, Level
from foveate.errors import RecipeError
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.face_evaluations import face_evaluations
from foveate.experiment import Experiment
from foveate.heads.head import Head
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective
from foveate.scale import FULL, Scale
from foveate.schedule import Cosine, Schedule, Steps
from foveate.teacher import LiveTeacher
from foveate.views import FaceViews

SIZE = 112

Start = Literal["random", "teacher"]
"""What weights a student begins with."""


@final
@dataclass(frozen=True)
class FaceTask:
    """The data and the size of a face experiment.

    Attributes:
        data: training faces: an insightface folder (train.rec), a .rec file, a folder identity/image.jpg, a list of
            images (list.txt, .lst), or tar shards (docs/data.md). Verification sets beside them (*.bin, pairs.txt) are
            used for evaluation.
        test: further test sets: .bin files, or folders with *.bin, or laid out as docs/data.md says
            (LFW, TinyFace, ...).
        hold_out: share of the identities kept out of training, to make verification pairs of, when the data are
            identity folders (a pairs.txt among them pairs the very people it would train on) or bring no pairs.
        tune: hold identities out in any case, and look at no other test set: to choose settings without the
            sets that are to judge them.
        preset: "paper", or "released" for what the authors' code does (docs/method.md).
        attention: kind of attention (a file name in foveate/attention), or "none".
        sites: "block": once a block, as the released code; "conv": after each 3 x 3 convolution, as the text says.
        scale: size of network and training.
    """

    data: Path
    test: tuple[Path, ...] = ()
    hold_out: float = 0.1
    tune: bool = False
    preset: Preset = "paper"
    attention: str = "cbam"
    sites: Sites = "block"
    scale: Scale = FULL

    def __post_init__(self) -> None:
        if not 0 <= self.hold_out < 1:
            raise RecipeError(f"--hold-out is {self.hold_out}", remedy="Give a share from 0 to below 1.")

    @cached_property
    def _split(self) -> tuple[LabelledImages, tuple[TestSet, ...]]:
        images = open_training_set(self.data)
        if self.tune:
            images, held = hold_out(images, share=self.hold_out)
            return images, (held,)
        apart = isinstance(images, ImageFolder | ImageList) or not self.data.is_dir()
        beside = () if apart else (self.data,)
        sets = open_all_test_sets((*beside, *self.test))
        if self.hold_out == 0 or sharp_pairs(sets):
            return images, sets
        images, held = hold_out(images, share=self.hold_out)
        return images, (held, *sets)

    @property
    def images(self) -> LabelledImages:
        """The training set."""
        return self._split[0]

    @property
    def pairs(self) -> tuple[VerificationPairs, ...]:
        """The verification sets whose faces are sharp."""
        return sharp_pairs(self._split[1])

    @property
    def tests(self) -> tuple[TestSet, ...]:
        """All test sets: those for verification, and those for identification."""
        return self._split[1]

    def network(self) -> Backbone:
        """The backbone of this scale, with attention."""
        make: Callable[..., Backbone] = method("backbones", self.scale.backbone, Backbone)
        if "sites" not in inspect.signature(make).parameters and self.sites != "block":
            raise RecipeError(
                f"{self.scale.backbone} has attention at the end of its blocks only",
                remedy="Leave --sites out, or take --backbone iresnet.",
            )
        offered = {
            "attention": None if self.attention == "none" else self._gate(),
            "sites": self.sites,
            "size": SIZE,
            **dataclasses.asdict(self.scale),
        }
        return make(**_known(make, offered))

    def _gate(self) -> partial[Attention]:
        make: Callable[..., Attention] = method("attention", self.attention, Attention)
        released = {"kernel": 3} if self.attention == "cbam" and self.preset == "released" else {}
        offered = {"reduction": self.scale.reduction, **released}
        return partial(make, **_known(make, offered))

    def head(self) -> Head | PartialFC:
        """The head of this scale over all classes, with s = 32 (released code), or ArcFace over a sample of them."""
        scale, classes = self.scale, len(self.images.classes)
        if scale.sample is not None:
            return PartialFC(scale.embedding, classes, sample=scale.sample, warmup=scale.margin_warmup)
        make: Callable[..., Head] = method("heads", scale.head, Head)
        return make(scale.embedding, classes, **_known(make, {"warmup": scale.margin_warmup}))

    def views(self, ratio: tuple[int, ...] = (), side: tuple[int, ...] = ()) -> FaceViews:
        """What the student sees: the preset's degradation and colour order."""
        low = degradation(self.preset, ratio=ratio if ratio or side else (1,), side=side, size=SIZE)
        return FaceViews(low, colour="bgr" if self.preset == "released" else "rgb", crop=self.scale.crop)

    def attention_similarity(
        self, kinds: Kinds = "both", level: Level | None = None, centre: Centre = "none"
    ) -> AttentionSimilarity:
        """A-SKD as the preset has it: maps, halved (paper), or logits, added (released); or ``level`` of them."""
        released = self.preset == "released"
        level = level or ("logits" if released else "map")
        return AttentionSimilarity(kinds, level=level, halve=not released, centre=centre)

    def experiment(
        self,
        objective: Objective,
        views: FaceViews,
        *,
        teacher: LiveTeacher | None = None,
        more: tuple[Evaluation, ...] = (),
        notes: Mapping[str, Any] | None = None,
    ) -> Experiment:
        """Optimiser, schedule and evaluations of this scale around an objective."""
        scale = self.scale
        schedule: Schedule = (
            Steps(scale.warmup, scale.epochs, scale.milestones) if scale.schedule == "steps" else Cosine(scale.warmup)
        )
        sgd = partial(
            torch.optim.SGD,
            lr=scale.learning_rate,
            momentum=0.9,
            nesterov=True,
            weight_decay=scale.weight_decay,
            fused=True,
        )
        return Experiment(
            objective=objective,
            teacher=teacher,
            images=self.images,
            views=views,
            optimiser=sgd,
            schedule=schedule,
            batch=scale.batch,
            parts=scale.parts,
            epochs=scale.epochs,
            size=SIZE,
            clip=scale.clip,
            evaluations=(*face_evaluations(self.tests, views, SIZE), *more),
            evaluate_every=scale.evaluate_every,
            notes=notes or {},
        )


def _known(make: Callable[..., Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """Of the arguments offered those that a constructor has."""
    names = inspect.signature(make).parameters
    return {name: value for name, value in offered.items() if name in names}

"""What all face recipes share: data, network, head, optimiser and evaluations of one size."""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

from torch import nn

from foveate.backbones.backbone import Backbone
from foveate.backbones.iresnet import Sites
from foveate.backbones.timm import TimmNetwork
from foveate.data.exact_size import ExactSize
from foveate.data.folder import ImageFolder
from foveate.data.image_list import ImageList
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet, open_all_test_sets, open_training_set
from foveate.data.pairs import VerificationPairs, sharp_pairs
from foveate.data.split import hold_out
from foveate.degrade.preset import Preset, degradation
from foveate.discover import method
from foveate.errors import RecipeError
from foveate.evaluate.agreement import agreements_on_pairs
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.face_evaluations import face_evaluations
from foveate.heads.head import Head
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective
from foveate.scale import FULL, SCALES, Scale
from foveate.task import Task, known
from foveate.views import FaceViews, TwoViews

SIZE = 112


@final
@dataclass(frozen=True)
class FaceTask(Task):
    """The data and the size of a face experiment.

    Attributes:
        data: training faces: an insightface folder (train.rec), a .rec file, a folder identity/image.jpg, a list of
            images (list.txt, .lst), or tar shards (docs/data.md). Verification sets beside records and shards (*.bin,
            pairs.txt) are used for evaluation.
        test: further test sets: .bin files, or folders with *.bin, or laid out as docs/data.md says
            (LFW, TinyFace, ...).
        hold_out: share of the identities kept out of training, to make verification pairs of, where neither the data
            nor --test bring pairs of sharp faces (a pairs.txt among identity folders is none: it pairs the very people
            to train on).
        tune: hold identities out in any case, and look at no other test set: to choose settings without the
            sets that are to judge them.
        preset: "paper", or "released" for what the authors' code does (docs/method.md).
        attention: kind of attention (a file name in foveate/attention), or "none".
        sites: "block": once a block, as the released code; "conv": after each 3 x 3 convolution, as the text says.
        scale: size of network and training.
    """

    scales = SCALES
    ratio = (8,)
    nesterov = True

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
        if isinstance(images, ImageFolder):
            self._refuse_the_people_to_train_on()
        beside = () if apart else (self.data,)
        sets = open_all_test_sets((*beside, *self.test), must=self.test)
        if self.hold_out == 0 or sharp_pairs(sets):
            return images, sets
        images, held = hold_out(images, share=self.hold_out)
        return images, (held, *sets)

    def _refuse_the_people_to_train_on(self) -> None:
        """A folder of identities with LFW's pairs.txt pairs the very people."""
        folder = self.data.resolve()
        twice = next((path for path in self.test if path.resolve() in (folder, folder / "pairs.txt")), None)
        if twice is not None and (folder / "pairs.txt").is_file() and not any(folder.glob("*.bin")):
            remedy = "Leave it out: some of these people are held out and paired (--hold-out), or name sets of others."
            raise RecipeError("its pairs are of the people to train on", file=twice, remedy=remedy)

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
        make: Callable[..., Backbone] = method("backbones", self.scale.backbone, Backbone)
        if "sites" not in inspect.signature(make).parameters and self.sites != "block":
            raise RecipeError(
                f"{self.scale.backbone} has attention at the end of its blocks only",
                remedy="Leave --sites out, or take --backbone iresnet.",
            )
        ours = {"attention": None if make is TimmNetwork else self.gate(), "sites": self.sites, "size": SIZE}
        return make(**known(make, {**dataclasses.asdict(self.scale), **ours, "attn_layer": self.attention}))

    def head(self) -> Head | PartialFC:
        """The head of this scale over all classes, with s = 32 (released code), or ArcFace over a sample of them."""
        scale, classes = self.scale, len(self.images.classes)
        if scale.sample is not None:
            return PartialFC(scale.embedding, classes, sample=scale.sample, warmup=scale.margin_warmup)
        make: Callable[..., Head] = method("heads", scale.head, Head)
        offered = {**dataclasses.asdict(scale), "warmup": scale.margin_warmup}
        del offered["embedding"]  # given by its place
        return make(scale.embedding, classes, **known(make, offered))

    def views(self, ratio: tuple[int, ...] = (), side: tuple[int, ...] = ()) -> FaceViews:
        """What the student sees: the preset's degradation and colour order."""
        low = degradation(self.preset, ratio=ratio if ratio or side else (1,), side=side, size=SIZE)
        return FaceViews(low, colour="bgr" if self.preset == "released" else "rgb", crop=self.scale.crop)

    @property
    def framing(self) -> ExactSize:
        """Aligned faces have their size already."""
        return ExactSize(SIZE)

    def evaluations(self, views: FaceViews, objective: Objective) -> tuple[Evaluation, ...]:
        """Verification and identification on all test sets."""
        return face_evaluations(self.tests, views, SIZE)

    def agreement(self, teacher: nn.Module, views: TwoViews) -> tuple[Evaluation, ...]:
        """Asked on the first verification set; for networks with attention gates."""
        if not self.pairs or not any(name.endswith(".gate") for name, _ in teacher.named_modules()):
            return ()
        return agreements_on_pairs(self.pairs[0], teacher, views, SIZE)

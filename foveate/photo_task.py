"""What all recipes for photos of objects share: data, network, head, optimiser and evaluations of one size."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final, final

import torch
from torch import Tensor, nn

from foveate import distributed
from foveate.backbones.backbone import Backbone
from foveate.backbones.timm import TimmNetwork
from foveate.data.labelled import LabelledImages
from foveate.data.loader import in_order
from foveate.data.photo_crops import CentreCrop, RandomResizedCrop
from foveate.data.photos import hold_out_photos, open_photos
from foveate.degrade.preset import Preset, degradation
from foveate.discover import method
from foveate.errors import RecipeError
from foveate.evaluate.agreement import attention_agreements
from foveate.evaluate.embed import BATCH
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.photos import PhotoClassification
from foveate.heads.softmax import Softmax
from foveate.objective import Objective
from foveate.photo_scale import FULL, SCALES, PhotoScale
from foveate.photo_views import PhotoViews
from foveate.task import Task, known
from foveate.views import TwoViews

RATIOS: Final = (1, 2, 4, 8)
"""Resolutions at which every network is judged besides its own."""


@final
@dataclass(frozen=True)
class PhotoTask(Task):
    """The data and the size of an experiment with photos of objects.

    Attributes:
        data: ImageNet's folder, a folder with train/CLASS/photo.jpg and val or test beside it, or training images
            alone: a folder CLASS/photo.jpg, a .rec file, a list, or tar shards (docs/data.md).
        hold_out: share of each class's photos kept out of training to test on, where the data bring no test.
        tune: hold photos out in any case, and look at no test set: to choose settings without the photos that are
            to judge them.
        preset: how photos are degraded: "paper", or "released" for what the authors' code does to faces.
        attention: kind of attention (a file name in foveate/attention, or one of timm's), or "none".
        scale: size of network and training.
    """

    scales = SCALES
    ratio = (4,)
    nesterov = False

    data: Path
    hold_out: float = 0.1
    tune: bool = False
    preset: Preset = "paper"
    attention: str = "cbam"
    scale: PhotoScale = FULL

    def __post_init__(self) -> None:
        if not 0 < self.hold_out < 1:
            raise RecipeError(f"--hold-out is {self.hold_out}", remedy="Give a share above 0, below 1.")

    @cached_property
    def _split(self) -> tuple[LabelledImages, LabelledImages, bool]:
        """Photos to train and to test on, and whether the latter are kept out of the training photos."""
        images, tests = open_photos(self.data)
        if tests is not None and not self.tune:
            return images, tests, False
        return *hold_out_photos(images, share=self.hold_out), True

    @property
    def images(self) -> LabelledImages:
        """The training set."""
        return self._split[0]

    @property
    def tests(self) -> LabelledImages:
        """The photos to test on."""
        return self._split[1]

    @property
    def framing(self) -> RandomResizedCrop:
        """A part of the photo that is drawn by chance."""
        return RandomResizedCrop(self.scale.size, self.scale.least)

    @property
    def _centre(self) -> CentreCrop:
        return CentreCrop(self.scale.size, self.scale.share)

    def network(self) -> Backbone:
        make: Callable[..., Backbone] = method("backbones", self.scale.backbone, Backbone)
        ours = {"attention": None if make is TimmNetwork else self.gate()}
        offered = {**dataclasses.asdict(self.scale), **ours, "attn_layer": self.attention}
        return make(**known(make, offered))

    def head(self) -> Softmax:
        """A linear classifier, as in the paper."""
        return Softmax(self.network_features, len(self.images.classes))

    @cached_property
    def network_features(self) -> int:
        """Numbers in the network's answer."""
        with torch.device("meta"):
            return self.network().embedding

    def views(self, ratio: tuple[int, ...] = (), side: tuple[int, ...] = ()) -> PhotoViews:
        """The preset's degradation."""
        size = self.scale.size
        return PhotoViews(degradation(self.preset, ratio=ratio if ratio or side else (1,), side=side, size=size))

    def evaluations(self, views: PhotoViews, objective: Objective) -> tuple[Evaluation, ...]:
        """Top-1 and top-5 as the network sees photos, and at other resolutions."""
        name, head = self.data.resolve().name, objective.head
        assert isinstance(head, Softmax)
        asked = partial(PhotoClassification, self.tests, head, crop=self._centre, held_out=self._split[2])
        own = [asked(views=each, name=name + at) for each, at in views.named_apart()]
        others = [self.views((ratio,)) for ratio in RATIOS if self.scale.size % ratio == 0]
        return (
            *own,
            *(
                asked(views=each, name=f"{name} at {each.degrade.title}")
                for each in others
                if each not in views.apart()
            ),
        )

    def agreement(self, teacher: nn.Module, views: TwoViews) -> tuple[Evaluation, ...]:
        """Asked on the photos to test on; for networks with attention gates."""
        if not any(name.endswith(".gate") for name, _ in teacher.named_modules()):
            return ()
        return attention_agreements(self._pixels, self.data.resolve().name, teacher, views)

    def _pixels(self) -> Iterator[Tensor]:
        mine = distributed.share(len(self.tests))
        return (pixels for pixels, _, _ in in_order(self.tests, mine, batch=BATCH, framing=self._centre))

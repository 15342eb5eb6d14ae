"""What all recipes for finding faces share: data, network, losses, optimiser and evaluations of one size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, final

import numpy as np
import torch
from torch import Tensor, nn

from foveate import distributed
from foveate.chance import uniform
from foveate.data.face_photos import FacePhotos, hold_out_faces, open_face_photos, open_face_tests
from foveate.data.scene import Scene
from foveate.degrade.by_ratio import ByRatio
from foveate.degrade.mixed import Mixed
from foveate.degrade.preset import Preset
from foveate.degrade.sharp import Sharp
from foveate.detect.criterion import Detection
from foveate.detect.scene_framing import SceneFraming
from foveate.detect.tinaface import TinaFace
from foveate.detection_scale import FULL, SCALES, DetectionScale
from foveate.errors import RecipeError
from foveate.evaluate.agreement import attention_agreements
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.face_detection import FaceDetection, judged_on
from foveate.objective import Objective
from foveate.scene_views import SceneViews
from foveate.task import Task
from foveate.views import TwoViews
from foveate.weights.resnet_start import begin_with

HELD: Final = 160
"""Squares that are cut from the photos kept out of training, to judge a detector on faces as it was trained on."""

EACH: Final = 8
"""Squares that a photo gives at most."""


@final
@dataclass(frozen=True)
class DetectionTask(Task):
    """The data and the size of an experiment with photos of faces.

    Attributes:
        data: WIDER FACE's folder, a folder with train_bbx_gt.txt (and val_bbx_gt.txt) beside the photos, or a text of
            boxes (docs/detection.md).
        test: photos to test on, laid out likewise or as CMU+MIT is; WIDER FACE with its ground truth is judged by its
            easy, medium and hard faces.
        hold_out: share of the photos kept out of training to test on, where the data bring no validation set.
        tune: hold photos out in any case, and look at no test set nor at the validation set: to choose settings without
            the photos that are to judge them.
        preset: how photos are degraded: "paper", or "released" for what the authors' code does to faces.
        attention: kind of attention (a file name in foveate/attention), or "none".
        init: weights that the ResNet begins with: torchvision's, trained on ImageNet, as .pth or .safetensors (TinaFace
            does so); None draws them. A student that begins as its teacher does not need them.
        scale: size of network and training.
    """

    scales = SCALES
    ratio = (16,)
    nesterov = False

    data: Path
    test: tuple[Path, ...] = ()
    hold_out: float = 0.1
    tune: bool = False
    preset: Preset = "paper"
    attention: str = "cbam"
    init: Path | None = None
    scale: DetectionScale = FULL

    def __post_init__(self) -> None:
        if not 0 < self.hold_out < 1:
            raise RecipeError(f"--hold-out is {self.hold_out}", remedy="Give a share above 0, below 1.")

    @cached_property
    def _split(self) -> tuple[FacePhotos, FacePhotos, bool]:
        """Photos to train and to test on, and whether the latter are kept out of the training photos."""
        images, held = open_face_photos(self.data)
        if held is not None and not self.tune:
            return images, held, False
        return *hold_out_faces(images, self.hold_out), True

    @property
    def images(self) -> FacePhotos:
        """The training set."""
        return self._split[0]

    @property
    def framing(self) -> SceneFraming:
        """Squares of photos and of mosaics."""
        return SceneFraming(self.scale.size, self.scale.rows, grey=self.scale.grey)

    def network(self) -> TinaFace:
        """TinaFace."""
        scale = self.scale
        made = TinaFace(
            scale.depth,
            width=scale.width,
            attention=self.gate(),
            norm=scale.norm,
            deformable=scale.deformable,
            channels=scale.channels,
            tower=scale.tower,
        )
        if self.init is not None:
            begin_with(made, self.init)
        return made

    def head(self) -> Detection:
        """TinaFace's losses."""
        return Detection(self.scale.size)

    def views(self, ratio: tuple[int, ...] = (), side: tuple[int, ...] = ()) -> SceneViews:
        """The preset's degradation, by so much of what the network sees, whatever its size."""
        if side and min(side) < 1:
            raise RecipeError(f"--side is {min(side)}", remedy="Give 1 pixel or more.")
        ratios = ratio or tuple(self.scale.size / pixels for pixels in side) or (1,)
        if min(ratios) < 1 or self.scale.size / max(ratios) < 3:
            words = " or ".join(f"{each:g}" for each in ratios)
            raise RecipeError(
                f"squares of {self.scale.size} pixels cannot be made {words} times smaller",
                remedy="Choose a ratio from 1 on that leaves 3 pixels or more.",
            )
        choices = tuple(Sharp() if each == 1 else ByRatio(float(each), self.preset) for each in ratios)
        return SceneViews(choices[0] if len(choices) == 1 else Mixed(choices))

    def evaluations(self, views: SceneViews, objective: Objective) -> tuple[Evaluation, ...]:
        """Average precision on squares of the photos kept out of training, and on the test sets."""
        scale, tests = self.scale, open_face_tests(() if self.tune else self.test)
        held = f"{self.data.resolve().stem}, held out"
        fit, chosen = (scale.size, scale.size), self._split[2]
        same = next((path for path in self.test if path.resolve() == self.data.resolve()), None)
        if chosen and same is not None and not self.tune:
            remedy = "Leave it out of --test: some of its photos are held out and judged (--hold-out)."
            raise RecipeError("these are the photos to train on", file=same, remedy=remedy)
        return tuple(
            evaluation
            for view, at in views.named_apart()
            for evaluation in (
                FaceDetection(self._squares, self._held, view, fit, f"{held}{at}", held_out=chosen),
                *(judged_on(test, view, scale.fit, f"{test.name}{at}") for test in tests),
            )
        )

    def agreement(self, teacher: nn.Module, views: TwoViews) -> tuple[Evaluation, ...]:
        """Asked on the squares of photos kept out of training; for networks with attention."""
        if self.attention == "none":
            return ()
        return attention_agreements(self._pixels, f"{self.data.resolve().stem}, held out", teacher, views)

    @property
    def _squares(self) -> int:
        return min(HELD, EACH * len(self._split[1]))

    def _held(self, number: int) -> Scene:
        """A square of the photos kept out of training, always the same one, with the light it has."""
        photos = self._split[1]
        # Of many photos some from all over the list, which WIDER FACE sorts by event; of few each several times.
        index = number * len(photos) // HELD if len(photos) > HELD else number % len(photos)
        chance = uniform("squares held out", number).numpy()
        return Scene(*SceneFraming(self.scale.size, self.scale.rows, jitter=False).example(photos, index, chance))

    def _pixels(self) -> Iterator[Tensor]:
        mine, size = distributed.share(self._squares), 16
        for start in range(mine.start, mine.stop, size):
            numbers = range(start, min(start + size, mine.stop))
            yield torch.from_numpy(np.stack([self._held(number).pixels for number in numbers]))

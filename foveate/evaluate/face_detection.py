"""Average precision of a detector on annotated photos, sharp or degraded.

Legend: N photos, K detections in all, M faces of a photo, L levels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np
import torch
from jaxtyping import Bool
from torch import nn

from foveate import distributed
from foveate.data.detections import Detections
from foveate.data.face_photos import FaceTest
from foveate.data.scene import Scene
from foveate.data.wider_truth import WiderTruth
from foveate.detect.decoding import EVALUATED, FEW_FACES, Decoding
from foveate.detect.finder import Finder
from foveate.evaluate.detection import AT, OVERLAP, Found, found_in, wider_face
from foveate.evaluate.evaluation import Evaluation
from foveate.views import TwoViews

SMALL: Final = 32
"""Faces that are less high, in pixels as the network sees them, are small (as COCO has it, of areas)."""

OVERLAPS: Final = (OVERLAP, 0.3)
"""People draw boxes from the brows to the lips, or around the whole head: where others drew those of the training set,
a face may be found, and its boxes share less than half."""


@final
@dataclass(frozen=True, eq=False)
class FaceDetection(Evaluation):
    """Find the faces of photos; ranks share the work.

    Attributes:
        photos: N.
        scene: the photo of a number, with its faces.
        views: what the network sees.
        fit: shorter and longer side that photos are brought within, in pixels.
        name: key of the answer.
        test: the set, where faces count by WIDER FACE's levels and as its official code has it; None for sets of which
            all faces count: judged are all of them, and the small and the large by themselves.
        held_out: whether the photos were kept out of training, and are no test set; the answer says so.
        overlaps: intersections over union from which a face is found; the first one is silent in the names of levels.
        decoding: how answers become faces.
        zooms, mirror: looks at each photo, see ``Finder``.
    """

    photos: int
    scene: Callable[[int], Scene]
    views: TwoViews
    fit: tuple[int, int]
    name: str
    test: FaceTest | None = None
    decoding: Decoding = FEW_FACES
    zooms: tuple[float, ...] = (1.0,)
    mirror: bool = False
    overlaps: tuple[float, ...] = (OVERLAP,)
    held_out: bool = False

    def look(self) -> None:
        self.scene(0)

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """``average_precision`` (from 0 to 1) and ``faces`` at each level, the number of photos, the degradation."""
        return self.detailed(network)[0]

    @torch.inference_mode()
    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        finder = Finder(network, self.views, self.decoding, self.fit, self.zooms, self.mirror)
        mine = [(number, *self._judged(number, finder)) for number in distributed.share(self.photos)]
        every = [item for part in distributed.collected(mine) for item in part]
        plain = self._levels(0, np.empty((0, 4)), 1.0)
        behind = ["", *(f"{AT}{overlap:g}" for overlap in self.overlaps[1:])]
        levels = [f"{level}{words}" for words in behind for level in plain]
        found = Found.of([judged for _, judged, _ in every])
        precision = {level: found.result(place).average_precision for place, level in enumerate(levels)}
        if self.test is not None and len(found.scores):
            truth = WiderTruth(self.test.images.photos, self.test.levels)
            named = {self.test.images.photos[number].name: boxes for number, _, boxes in every}
            official = wider_face({name: boxes for name, boxes in named.items() if len(boxes)}, truth)
            precision = {level: result.average_precision for level, result in official.items()}
        faces = dict(zip(levels, found.faces.sum(1).tolist(), strict=True))
        answer = {"average_precision": precision, "faces": faces, "photos": self.photos}
        known = {"degradation": self.views.degrade.title} | ({"held_out": True} if self.held_out else {})
        return {**answer, **known}, found.arrays()

    def _judged(self, number: int, finder: Finder) -> tuple[Found, Detections]:
        scene = self.scene(number)
        boxes, pixel = scene.boxes.astype(np.float64), 0.0
        if self.test is not None:
            boxes, pixel = self.test.images.photos[number].boxes, 1.0
        detections = finder(scene.pixels)
        levels = self._levels(number, boxes, finder.factor(*scene.pixels.shape[:2]))
        return found_in(detections, boxes, np.stack([*levels.values()]), pixel=pixel, at=self.overlaps), detections

    def _levels(self, number: int, boxes: np.ndarray, factor: float) -> Mapping[str, Bool[np.ndarray, " M"]]:
        """Which faces of a photo count at each level."""
        if self.test is not None:
            return {level: marks[number] for level, marks in self.test.levels.items()}
        small = (boxes[:, 3] - boxes[:, 1]) * factor < SMALL
        return {"all": np.ones(len(boxes), dtype=np.bool_), "small": small, "large": ~small}

    def headline(self, answer: dict[str, Any]) -> str:
        values = ", ".join(f"{level} {100 * value:.2f}" for level, value in answer["average_precision"].items())
        return f"{self.name}: average precision {values} % in {answer['photos']:,} photos ({answer['degradation']})"


def judged_on(test: FaceTest, views: TwoViews, fit: tuple[int, int], name: str) -> FaceDetection:
    """The evaluation of a set of photos."""
    plain = FaceDetection(len(test.images), test.images.scene, views, fit, name)
    return replace(plain, test=test, decoding=EVALUATED) if test.levels else replace(plain, overlaps=OVERLAPS)

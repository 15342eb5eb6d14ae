"""A detector that answers boxes alone serves alignment: its faces are taken to be upright.

Eyes, nose and mouth are put where they are on average in a box. Faces are then shifted and scaled, and not turned.
"""

from collections.abc import Sequence
from typing import Final, final

import numpy as np
import torch

from foveate.detect.detector import Detector, Photo
from foveate.detect.faces import Faces
from foveate.detect.finder import Finder
from foveate.model_file import digest

POINTS: Final = ((0.279, 0.395), (0.721, 0.395), (0.5, 0.599), (0.305, 0.749), (0.695, 0.749))
"""Left eye, right eye, nose, left and right corner of the mouth, as shares of the box's width and height: means of what
MTCNN says of 175 faces in boxes 1.36 times as high as wide, made symmetric; their standard deviation is about 0.1 of
the width (0.16 for the nose) and 0.045 of the height."""


@final
class Upright(Detector):
    """Asks TinaFace for boxes.

    Args:
        finder: with a threshold that leaves faces one would crop.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._digest = digest(finder.network.state_dict())[:12]

    @property
    def title(self) -> str:
        finder = self._finder
        seen = f"photos within {finder.fit}" + ("" if finder.zooms == (1.0,) else f", {finder.zooms} times as large")
        return f"TinaFace {self._digest}, {seen}, scores from {finder.decoding.threshold:g}, upright"

    @torch.inference_mode()
    def __call__(self, photos: Sequence[Photo]) -> list[Faces]:
        return [self._find(photo.cpu().numpy()) for photo in photos]

    def _find(self, photo: np.ndarray) -> Faces:
        found = self._finder(photo)
        corner, sides = found.boxes[:, None, :2], found.boxes[:, None, 2:] - found.boxes[:, None, :2]
        points = corner + sides * np.array(POINTS)
        return Faces(*(values.astype(np.float32) for values in (found.boxes, found.scores, points)))

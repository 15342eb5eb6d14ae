"""What a detector finds in one photo.

Legend: N faces.
"""

from dataclasses import dataclass
from typing import Self, final

import numpy as np
from jaxtyping import Float32


@final
@dataclass(frozen=True)
class Faces:
    """Faces of one photo, the surest first. Pixels are counted from the top left corner, x to the right, y down.

    Attributes:
        boxes: left, top, right and bottom edge of each face; they may reach over the edge of the photo.
        scores: how sure the detector is, from 0 to 1.
        points: x and y of left eye, right eye, nose, left and right corner of the mouth; "left" is the viewer's left.
    """

    boxes: Float32[np.ndarray, "N 4"]
    scores: Float32[np.ndarray, " N"]
    points: Float32[np.ndarray, "N 5 2"]

    def __len__(self) -> int:
        return len(self.scores)

    def seen_from(self, *, left: int, top: int, zoom: float) -> Self:
        """The same faces in another photo, of which this one shows a part from (left, top) on, enlarged ``zoom`` times.

        Both are counted in pixels of the other photo.
        """
        corner = np.array([left, top], dtype=np.float32)
        boxes = self.boxes / np.float32(zoom) + np.tile(corner, 2)
        return type(self)(boxes, self.scores, self.points / np.float32(zoom) + corner)

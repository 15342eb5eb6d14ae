"""A photo with boxes around its faces, as detection data sets describe it.

Legend: M faces.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float64, Int64

FLAGS: Final = ("blur", "expression", "illumination", "invalid", "occlusion", "pose")
"""Columns of the flags, in WIDER FACE's order: blur 0 clear, 1 normal, 2 heavy; expression 0 typical, 1 exaggerated;
illumination 0 normal, 1 extreme; invalid 0 no, 1 yes; occlusion 0 none, 1 partial, 2 heavy; pose 0 typical, 1 not."""


@final
@dataclass(frozen=True)
class AnnotatedPhoto:
    """Attributes:
    name: path of the image inside the data set's folder.
    event: what it shows ("0--Parade"), or nothing where the data set has no events.
    boxes: of the faces, in pixels: left, top, right, bottom (x1, y1, x2, y2); width is x2 - x1. As they are annotated:
        they may leave the image or have no area.
    flags: one column for each of ``FLAGS``; None where the data set has none.
    """

    name: str
    event: str
    boxes: Float64[np.ndarray, "M 4"]
    flags: Int64[np.ndarray, "M 6"] | None = None

    def __len__(self) -> int:
        """How many faces are annotated."""
        return len(self.boxes)

    def with_area(self) -> Bool[np.ndarray, " M"]:
        """Which boxes have a width and a height."""
        return (self.boxes[:, 2] > self.boxes[:, 0]) & (self.boxes[:, 3] > self.boxes[:, 1])

    def flag(self, name: str) -> Int64[np.ndarray, " M"]:
        """One column of the flags by its name in ``FLAGS``; zeros where the data set has none."""
        column = FLAGS.index(name)
        return np.zeros(len(self), dtype=np.int64) if self.flags is None else self.flags[:, column]

    def outside(self, width: int, height: int) -> Bool[np.ndarray, " M"]:
        """Which boxes leave an image of this many pixels."""
        return (self.boxes != self.clipped(width, height).boxes).any(axis=1)

    def clipped(self, width: int, height: int) -> "AnnotatedPhoto":
        """The same faces in the same order, their boxes cut at the border of an image of this many pixels.

        A box that lies outside altogether is left without area.
        """
        corners = np.array([width, height, width, height], dtype=np.float64)
        return dataclasses.replace(self, boxes=np.clip(self.boxes, 0.0, corners))

"""One photo and the faces found in it -> its crops.

Legend: K boxes, S x S pixels of a crop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from jaxtyping import Float64, UInt8
from torch import Tensor

from foveate.align.choice import Choice, chosen, matching
from foveate.align.cut import cut
from foveate.align.record import How
from foveate.align.similarity import similarity
from foveate.align.template import SIZE, template
from foveate.align.warp import warp
from foveate.detect.detector import Photo
from foveate.detect.faces import Faces
from foveate.errors import DataError, RecipeError

Shape = Literal["similarity", "box"]
Undetected = Literal["drop", "resize", "centre"]


@final
@dataclass(frozen=True)
class Crop:
    """The pixels of a crop, and what they were made from (see ``CropRecord``)."""

    pixels: UInt8[Tensor, "S S 3"]
    how: How
    box: Float64[np.ndarray, " 4"]
    score: float | None = None
    points: Float64[np.ndarray, "5 2"] | None = None


@final
@dataclass(frozen=True)
class Aligner:
    """How faces are cut out.

    Attributes:
        shape: ``similarity`` brings the five points to the template; ``box`` resizes the box of the face.
        size: side of the crops in pixels.
        choice: which faces, where no boxes are given.
        undetected: what is done where no face is found: ``drop`` the photo, ``resize`` all of it (or of the given box),
            or the largest square in its ``centre``.
        antialias: average over pixels where a similarity shrinks the photo.

    Raises:
        RecipeError: a size without a template, or of no pixels.
    """

    shape: Shape = "similarity"
    size: int = SIZE
    choice: Choice = "central"
    undetected: Undetected = "drop"
    antialias: bool = False

    def __post_init__(self) -> None:
        if self.shape == "similarity":
            template(self.size)
        elif self.size < 1:
            raise RecipeError(f"a crop cannot have {self.size} pixels a side", remedy="Ask for 112")

    def __call__(
        self, photo: Photo, faces: Faces | None, boxes: Float64[np.ndarray, "K 4"] | None = None
    ) -> tuple[list[Crop], list[str]]:
        """The crops of a photo, and why any that was asked for is missing.

        Args:
            photo: upright.
            faces: found in it; None if boxes are given and shall be cut out as they are.
            boxes: of the faces that are meant.
        """
        crops, problems = [], []
        for task in self._tasks(photo, faces, boxes):
            try:
                crops.append(self._crop(photo, *task))
            except DataError as error:
                problems.append(error.problem)
        return crops, problems

    def _tasks(
        self, photo: Photo, faces: Faces | None, boxes: Float64[np.ndarray, "K 4"] | None
    ) -> Iterator[tuple[Faces | None, int | None, Float64[np.ndarray, " 4"]]]:
        """For each crop: the faces and the number of the one that is meant, and the region it is looked for in."""
        height, width, _ = photo.shape
        whole = np.array([0.0, 0.0, width, height])
        if boxes is not None:
            numbers = [None] * len(boxes) if faces is None else matching(faces, boxes)
            yield from ((faces, number, box) for number, box in zip(numbers, boxes, strict=True))
        elif faces is not None:
            numbers = chosen(faces, self.choice, height=height, width=width)
            yield from ((faces, number, whole) for number in numbers or [None])

    def _crop(self, photo: Photo, faces: Faces | None, number: int | None, region: Float64[np.ndarray, " 4"]) -> Crop:
        if faces is None:
            return Crop(cut(photo, region, self.size), "box", region)
        if number is None:
            return self._without(photo, region, "no face was found")
        box, score = faces.boxes[number].astype(np.float64), float(faces.scores[number])
        points = faces.points[number].astype(np.float64)
        if self.shape == "box":
            return Crop(cut(photo, box, self.size), "detected", box, score, points)
        try:
            matrix = similarity(points, template(self.size))
        except DataError as error:
            return self._without(photo, region, error.problem)
        return Crop(warp(photo, matrix, self.size, antialias=self.antialias), "detected", box, score, points)

    def _without(self, photo: Photo, region: Float64[np.ndarray, " 4"], problem: str) -> Crop:
        """What stands for a face that was not found."""
        if self.undetected == "drop":
            raise DataError(problem, remedy="Ask for another crop of such photos")
        if self.undetected == "centre":
            middle, half = (region[:2] + region[2:]) / 2, (region[2:] - region[:2]).min() / 2
            region = np.concatenate([middle - half, middle + half])
        return Crop(cut(photo, region, self.size), self.undetected, region)

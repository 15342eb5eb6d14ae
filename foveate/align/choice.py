"""Whose face is meant, where a photo shows several.

Legend: N faces, K boxes.
"""

from typing import Final, Literal

import numpy as np
from jaxtyping import Float

from foveate.detect.faces import Faces
from foveate.detect.overlap import areas, overlaps

Choice = Literal["central", "largest", "all"]

LEAST: Final = 0.2
"""Intersection over union below which a face is not the one in a given box. Boxes are drawn very differently (to the
hair line, to the ears), so much less than half is asked for."""


def chosen(faces: Faces, choice: Choice, *, height: int, width: int) -> list[int]:
    """Numbers of the faces that are meant; none if there are none.

    Args:
        faces: of one photo.
        choice: ``central``: the one nearest to the middle of the photo, the distance measured in sides of its own box,
            so that a large face counts as nearer than a small one; ``largest`` by the area of its box; ``all``.
        height, width: of the photo in pixels.
    """
    if choice == "all" or len(faces) == 0:
        return list(range(len(faces)))
    size = areas(faces.boxes)
    if choice == "largest":
        return [int(size.argmax())]
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    away = np.linalg.norm(middle - np.array([width, height]) / 2, axis=1)
    return [int((away / np.sqrt(size.clip(min=1e-6))).argmin())]


def matching(faces: Faces, boxes: Float[np.ndarray, "K 4"]) -> list[int | None]:
    """For each box a face of its own, those that overlap most first; None where none is left that does by ``LEAST``."""
    found: list[int | None] = [None] * len(boxes)
    if len(faces) == 0 or len(boxes) == 0:
        return found
    shared = overlaps(boxes, faces.boxes.astype(boxes.dtype))
    while shared.max() >= LEAST:
        row, place = divmod(int(shared.argmax()), len(faces))
        found[row] = place
        shared[row], shared[:, place] = 0, 0
    return found

"""Where the eyes of a set stand, read from its mean face.

Legend: H x W pixels.

Faces that were aligned to one template have a mean in which the eyes are two dark blobs with a bright bridge between
them; faces that were not have a mean that is a blur. The template is that of ``foveate.align``.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self, final

import numpy as np
from jaxtyping import Float64
from scipy.ndimage import gaussian_filter

from foveate.align.template import POINTS
from foveate.doctor.survey import SIDE, Survey

LEFT_EYE: Final = POINTS[0]
RIGHT_EYE: Final = POINTS[1]
"""The template's eyes, x and y in pixels; left is the viewer's left."""

TOLERANCE: Final = 5.0
"""Pixels of a 112-pixel face by which eyes may differ; means of several hundred faces vary by 1 to 3."""

LEAST_CLARITY: Final = 0.3
LEAST_DETAIL: Final = 0.04
LEAST_FACES: Final = 30
_EYE, _AROUND = 2.0, 7.0  # standard deviations of the two blurs whose difference shows dark blobs, in pixels
_REACH: Final = 20.0  # pixels from the template at which eyes must be twice as clear to be believed
_ROWS: Final = slice(SIDE // 8, SIDE * 7 // 8)
_LEAST_APART, _MOST_APART, _MARGIN = SIDE // 6, SIDE // 2, SIDE // 14


@final
@dataclass(frozen=True)
class Alignment:
    """The alignment fingerprint of a set.

    Attributes:
        left, right: x and y of the eyes in the mean face, in pixels of a face of 112 x 112.
        clarity: how much darker the eyes of the mean face are than what is around them, as a share of the mean
            standard deviation of the single images: 0.6 to 1 for aligned faces, 0.1 where they stand anywhere, or where
            the images are blurred.
        detail: share of fine detail in the middle one of the images (``Survey.detail``).
        faces: how many images the mean is made of.
    """

    left: tuple[float, float]
    right: tuple[float, float]
    clarity: float
    detail: float
    faces: int

    @property
    def is_blurred(self) -> bool:
        """Whether the images have too little detail for eyes to be seen, as low-resolution copies."""
        return self.detail < LEAST_DETAIL

    @property
    def is_clear(self) -> bool:
        """Whether the faces stand alike, so that the eyes' places mean something."""
        return self.clarity >= LEAST_CLARITY and self.faces >= LEAST_FACES

    def distance(self, left: tuple[float, float], right: tuple[float, float]) -> float:
        """The larger distance of the two eyes from given places, in pixels of a face of 112 x 112."""
        return max(math.dist(self.left, left), math.dist(self.right, right))

    def as_json(self) -> dict[str, Any]:
        """Values for a manifest."""
        return {
            "left_eye": list(self.left),
            "right_eye": list(self.right),
            "clarity": self.clarity,
            "detail": self.detail,
            "faces": self.faces,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The inverse of ``as_json``."""
        left, right = ((float(value[f"{side}_eye"][0]), float(value[f"{side}_eye"][1])) for side in ("left", "right"))
        return cls(left, right, float(value["clarity"]), float(value["detail"]), int(value["faces"]))


def alignment(survey: Survey) -> Alignment:
    """Find the eyes in the mean face of a survey."""
    faces = int(survey.readable.sum())
    left, right, depth = _eyes(survey.mean)
    contrast = float(survey.contrast[survey.readable].mean()) if faces else 0.0
    detail = float(np.median(survey.detail[survey.readable])) if faces else 0.0
    return Alignment(left, right, round(max(0.0, depth) / max(contrast, 1.0), 3), round(detail, 3), faces)


def _eyes(mean: Float64[np.ndarray, "H W"]) -> tuple[tuple[float, float], tuple[float, float], float]:
    """The pair of dark blobs on one row with the brightest bridge between them, and its depth in grey levels."""
    dark = gaussian_filter(mean, _AROUND) - gaussian_filter(mean, _EYE)
    rows = dark[_ROWS]
    best, place = -math.inf, (0, 0, 0)
    for left in range(_MARGIN, SIDE - _MARGIN - _LEAST_APART):
        rights = np.arange(left + _LEAST_APART, min(left + _MOST_APART, SIDE - _MARGIN) + 1)
        bridge = rows[:, (left + rights) // 2]
        depth = (np.minimum(rows[:, left, None], rows[:, rights]) - bridge) * _likely(left, rights)
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        if depth[row, column] > best:
            best, place = float(depth[row, column]), (left, int(rights[column]), int(row) + _ROWS.start)
    left, right, row = place
    depth = min(dark[row, left], dark[row, right]) - dark[row, (left + right) // 2]
    return _centre(dark, left, row), _centre(dark, right, row), float(depth)


def _likely(left: int, rights: np.ndarray) -> np.ndarray:
    """How likely eyes are there, whatever the image shows: 1 at the template's places, less further away."""
    rows = np.arange(SIDE)[_ROWS, None]
    away = [(x - eye[0]) ** 2 + (rows - eye[1]) ** 2 for x, eye in ((left, LEFT_EYE), (rights, RIGHT_EYE))]
    return 2.0 ** (-np.maximum(*away) / _REACH**2)


def _centre(dark: Float64[np.ndarray, "H W"], x: int, y: int) -> tuple[float, float]:
    """The centre of mass of a blob, to a tenth of a pixel."""
    window = dark[y - 2 : y + 3, x - 2 : x + 3]
    weight = (window - window.min()) ** 2 + 1e-12
    offsets = np.arange(-2, 3)
    across, down = float((weight.sum(axis=0) * offsets).sum()), float((weight.sum(axis=1) * offsets).sum())
    total = float(weight.sum())
    return round(x + across / total, 1), round(y + down / total, 1)

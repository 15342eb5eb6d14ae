"""How often is the right class the first, or among the first five, that a network names?

Legend: N images, C classes.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float, Int64

from foveate.errors import DataError

FIVE: Final = 5


@final
@dataclass(frozen=True)
class ClassificationResult:
    """Attributes:
    top1, top5: share of images, from 0 to 1, whose class has the highest score, or one of the five highest; with five
        classes or fewer, top5 is 1.
    images: N.
    """

    top1: float
    top5: float
    images: int


def places(scores: Float[np.ndarray, "N C"], label: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
    """How many classes come before each image's own: those with a higher score, and of equals those of lower number.

    Raises:
        DataError: there are no images, a label that is none of the classes, or a score that is not finite.
    """
    if len(scores) == 0 or label.min() < 0 or label.max() >= scores.shape[1]:
        raise DataError(
            f"{len(scores)} images of {scores.shape[1]} classes cannot be judged", remedy="Check the labels"
        )
    finite = np.isfinite(scores).all(1)
    if not finite.all():
        raise DataError(
            f"the scores of {np.count_nonzero(~finite)} of {len(scores)} images are not finite",
            record=f"image {np.argmin(finite)}",
            remedy="Look for a diverged network, or for overflow in half precision",
        )
    own = np.take_along_axis(scores, label[:, None], 1)
    before = (scores > own) | ((scores == own) & (np.arange(scores.shape[1]) < label[:, None]))
    return before.sum(1)


def classification(place: Int64[np.ndarray, " N"]) -> ClassificationResult:
    """Shares from the places of the right classes."""
    return ClassificationResult(float((place == 0).mean()), float((place < FIVE).mean()), len(place))

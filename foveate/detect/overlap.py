"""How much boxes overlap, and which of those that do are kept.

Legend: N and M boxes, each with left, top, right and bottom edge.
"""

import numpy as np
from jaxtyping import Float, Int64


def common_areas(
    boxes: Float[np.ndarray, "N 4"], others: Float[np.ndarray, "M 4"], pixel: float = 0.0
) -> Float[np.ndarray, "N M"]:
    """The area that each box has in common with each other box; ``pixel`` is added to widths and heights."""
    first = np.maximum(boxes[:, None, :2], others[None, :, :2])
    last = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return (last - first + pixel).clip(min=0).prod(axis=2)


def areas(boxes: Float[np.ndarray, "N 4"], pixel: float = 0.0) -> Float[np.ndarray, " N"]:
    """Areas; 0 where an edge lies beyond its opposite."""
    return (boxes[:, 2:] - boxes[:, :2] + pixel).clip(min=0).prod(axis=1)


def overlaps(
    boxes: Float[np.ndarray, "N 4"], others: Float[np.ndarray, "M 4"], pixel: float = 0.0
) -> Float[np.ndarray, "N M"]:
    """Intersection over union; 0 for two boxes without area. WIDER FACE takes edges for pixels: its ``pixel`` is 1."""
    common = common_areas(boxes, others, pixel)
    union = areas(boxes, pixel)[:, None] + areas(others, pixel)[None] - common
    return common / np.where(union > 0, union, 1)


def suppress_contained(
    boxes: Float[np.ndarray, "N 4"], scores: Float[np.ndarray, " N"], most: float
) -> Int64[np.ndarray, " K"]:
    """Places of the boxes that stay, the surest first.

    A box goes if it has more than ``most`` of the smaller one's area in common with a surer box that stays.
    """
    size = areas(boxes)
    smaller = np.minimum(size[:, None], size[None])
    share = common_areas(boxes, boxes) / np.where(smaller > 0, smaller, 1)
    kept: list[int] = []
    for place in np.argsort(-scores, kind="stable"):
        if not kept or share[place, kept].max() <= most:
            kept.append(int(place))
    return np.array(kept, dtype=np.int64)

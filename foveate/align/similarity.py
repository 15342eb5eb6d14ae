"""The similarity (scale, rotation, shift) that brings points closest to others in the least-squares sense.

Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE TPAMI 13(4),
1991, equations (40) to (43).

Legend: K points.
"""

import numpy as np
from jaxtyping import Float, Float64

from foveate.errors import DataError


def similarity(points: Float[np.ndarray, "K 2"], onto: Float[np.ndarray, "K 2"]) -> Float64[np.ndarray, "2 3"]:
    """Fit the similarity; all points count, and nothing is ever mirrored.

    Args:
        points: x and y of each.
        onto: where each should come to lie.

    Returns:
        The matrix that takes (x, y, 1) there.

    Raises:
        DataError: the points coincide, or are no numbers.
    """
    source, target = points.astype(np.float64), onto.astype(np.float64)
    centre, aim = source.mean(axis=0), target.mean(axis=0)
    spread = np.square(source - centre).sum(axis=1).mean()
    if not spread > 1e-12 or not np.isfinite(spread):
        raise DataError("the points of the face coincide", remedy="Give five different points")
    u, sizes, v = np.linalg.svd((target - aim).T @ (source - centre) / len(source))
    turn = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    linear = (sizes @ turn / spread) * (u * turn) @ v
    return np.column_stack([linear, aim - linear @ centre])

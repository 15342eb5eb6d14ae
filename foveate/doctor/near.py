"""Nearly equal images, found among all pairs.

Legend: N, M images; K pairs; H x W pixels of a thumbnail.

Aligned faces look alike, so hashes of the pixels themselves call thousands of strangers equal. What is hashed here is
the difference of a thumbnail to the mean face: the signs of its 64 lowest frequencies (a pHash; Zauner, 2010). Each bit
is then set about half of the time. Two hashes within a Hamming distance of 8 agree on one of 9 blocks of their bits
(pigeonhole), so only images that share a block are compared. Pairs are kept if the thumbnails themselves correlate.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64, UInt8
from scipy.fft import dctn

BITS: Final = 64
DISTANCE: Final = 8
"""Bits that may differ."""
CORRELATION: Final = 0.97
"""Of two thumbnails without the mean face: a face and its copy at half the size or at JPEG quality 50 reach 0.99, one
that is moved by a pixel 0.97; of 104 million pairs of a CelebA with an LFW face none does."""
LIMIT: Final = 1_000_000
"""Pairs that are followed up; a set that has more consists of copies."""

_FREQUENCIES: Final = 9
_ROWS: Final = 2048

Thumbnails = UInt8[np.ndarray, "N H W"]
Pairs = Int64[np.ndarray, "K 2"]


def near_pairs(thumbnails: Thumbnails, others: UInt8[np.ndarray, "M H W"] | None = None) -> Pairs:
    """Pairs of images that are nearly the same picture: within one set, or between two.

    Args:
        thumbnails: of the set; its mean is taken as the mean face.
        others: of another set; without it pairs within the first are found.

    Returns:
        Positions of both images of each pair, in ascending order; within one set the first is the smaller.
    """
    if not len(thumbnails) or (others is not None and not len(others)):
        return np.empty((0, 2), np.int64)
    mean = thumbnails.mean(axis=0, dtype=np.float64)
    one = _features(thumbnails, mean)
    two = one if others is None else _features(others, mean)
    bits = hashes(one), (None if others is None else hashes(two))
    found: list[Pairs] = []
    for pairs in candidates(*bits):
        kept = pairs[_correlation(one, two, pairs) >= CORRELATION]
        found.append(kept)
        if sum(map(len, found)) > LIMIT:
            break
    return np.unique(np.concatenate([np.empty((0, 2), np.int64), *found]), axis=0)


def hashes(features: Float32[np.ndarray, "N H W"]) -> Bool[np.ndarray, "N 64"]:
    """The signs of the 64 lowest frequencies but the constant one."""
    low = np.concatenate(
        [
            np.asarray(dctn(part, axes=(1, 2)))[:, :_FREQUENCIES, :_FREQUENCIES].reshape(len(part), -1)
            for part in np.array_split(features, len(features) // _ROWS + 1)
        ]
    )
    return low[:, 1 : BITS + 1] > 0


def candidates(
    one: Bool[np.ndarray, "N 64"], two: Bool[np.ndarray, "M 64"] | None = None, distance: int = DISTANCE
) -> Iterator[Pairs]:
    """All pairs of hashes within a Hamming distance, in parts; a pair may come more than once.

    Args:
        one: hashes of a set.
        two: of another; without it pairs within the first.
        distance: bits that may differ.
    """
    within = two is None
    other = one if two is None else two
    signs = [np.where(bits, np.float32(1), np.float32(-1)) for bits in (one, other)]
    for block in np.array_split(np.arange(BITS), distance + 1):
        powers = 1 << np.arange(len(block))
        keys = [bits[:, block] @ powers for bits in (one, other)]
        orders = [np.argsort(key, kind="stable") for key in keys]
        values = np.intersect1d(keys[0], keys[1])
        edges = [
            [np.searchsorted(key[order], values, side=side) for side in ("left", "right")]
            for key, order in zip(keys, orders, strict=True)
        ]
        for place in range(len(values)):
            rows, columns = (
                order[start[place] : end[place]] for order, (start, end) in zip(orders, edges, strict=True)
            )
            for first in range(0, len(rows), _ROWS):
                some = rows[first : first + _ROWS]
                yield from _close(some, columns, signs, BITS - 2 * distance, within)


def _close(
    rows: Int64[np.ndarray, " n"],
    columns: Int64[np.ndarray, " m"],
    signs: list[Float32[np.ndarray, "_ 64"]],
    least: int,
    within: bool,
) -> Iterator[Pairs]:
    """Pairs of some rows and columns whose signs have at least this product: 64 less twice the distance."""
    for start in range(0, len(columns), _ROWS):
        part = columns[start : start + _ROWS]
        found = np.argwhere(signs[0][rows] @ signs[1][part].T > least - 1)
        pairs = np.stack([rows[found[:, 0]], part[found[:, 1]]], axis=1)
        yield pairs[pairs[:, 0] < pairs[:, 1]] if within else pairs


def _features(thumbnails: Thumbnails, mean: Float[np.ndarray, "H W"]) -> Float32[np.ndarray, "N H W"]:
    """What is left of thumbnails without the mean face, each with mean 0 and length 1."""
    rest = thumbnails.astype(np.float32) - mean.astype(np.float32)
    rest -= rest.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt((rest**2).sum(axis=(1, 2), keepdims=True))
    return rest / np.maximum(length, 1e-6)


def _correlation(
    one: Float32[np.ndarray, "N H W"], two: Float32[np.ndarray, "M H W"], pairs: Pairs
) -> Float32[np.ndarray, " K"]:
    parts = np.array_split(pairs, len(pairs) // _ROWS + 1)
    return np.concatenate([(one[part[:, 0]] * two[part[:, 1]]).sum(axis=(1, 2)) for part in parts])

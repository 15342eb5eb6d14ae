"""Every image of a set against every other: many more pairs than a protocol names, so smaller differences show.

Legend: N images, D embedding size, B images of a block.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from foveate.data.pairs import VerificationPairs
from foveate.evaluate.roc import Roc, roc_of_counts

BINS: Final = 1 << 18
"""Scores from -1 to 1 are counted in steps of 8e-6, so memory does not grow with the number of pairs."""
_BLOCK: Final = 512


@dataclass(frozen=True)
class AllPairs:
    """Attributes:
    same, different: how many pairs of one person and of two were scored.
    curve: of their cosine similarities, rounded down to a multiple of 2 / ``BINS``.
    """

    same: int
    different: int
    curve: Roc


def all_pairs(embeddings: Float[np.ndarray, "N D"], pairs: VerificationPairs) -> AllPairs | None:
    """Score every two images of a set by the cosine of their embeddings.

    Where a set does not say whom its images show, two images count as one person if same pairs connect them, and as
    two people if they stand in different folds, which share nobody; other couples of images are left out.

    Args:
        embeddings: of the images of the set, not normalised.
        pairs: the set.

    Returns:
        The curve, or None where the set has no two images of one person or none of two.
    """
    people = people_of(pairs)
    apart = people if pairs.people is not None else _folds(pairs)
    unit = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
    counts = np.zeros((2, BINS), dtype=np.int64)
    for start in range(0, len(unit), _BLOCK):
        rows = slice(start, start + _BLOCK)
        place = np.clip((unit[rows] @ unit[start:].T + 1) * (BINS / 2), 0, BINS - 1).astype(np.int64)
        later = np.arange(start, len(unit)) > np.arange(len(unit))[rows, None]
        one = (people[rows, None] == people[start:]) & later
        two = (apart[rows, None] != apart[start:]) & later
        for kind, chosen in enumerate((one, two)):
            counts[kind] += np.bincount(place[chosen], minlength=BINS)
    (found,) = np.nonzero(counts.any(axis=0))
    same, different = counts.sum(axis=1).tolist()
    if not (same and different):
        return None
    return AllPairs(same, different, roc_of_counts(found / (BINS / 2) - 1, *counts[:, found]))


def people_of(pairs: VerificationPairs) -> Int64[np.ndarray, " N"]:
    """Whom each image shows, as the set says or as its same pairs connect the images."""
    if pairs.people is not None:
        return pairs.people
    count, same = len(pairs.images), pairs.same
    edges = coo_array((np.ones(same.sum()), (pairs.left[same], pairs.right[same])), shape=(count, count))
    return connected_components(edges, directed=False)[1].astype(np.int64)


def _folds(pairs: VerificationPairs) -> Int64[np.ndarray, " N"]:
    fold = np.zeros(len(pairs.images), dtype=np.int64)
    fold[pairs.left], fold[pairs.right] = pairs.fold, pairs.fold
    return fold

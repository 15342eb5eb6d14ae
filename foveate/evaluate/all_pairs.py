"""Every image of a set against every other: many more pairs than a protocol names, so smaller differences show.

Legend: N images, D embedding size, B images of a block, G people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from foveate.data.pairs import VerificationPairs
from foveate.evaluate.roc import Roc, roc_of_counts

BINS: Final = 1 << 18
"""Scores from -1 to 1 are counted in steps of 8e-6, so memory does not grow with the number of pairs."""
_BLOCK: Final = 512


@dataclass(frozen=True)
class Placements:
    """What each person adds to the area under the curve, so that it can be had again for other draws of people.

    The placement of a pair of one person is the share of all pairs of two people that score less, that of a pair of
    two people the share of all pairs of one person that score more; equal scores count half. The mean of either kind
    is the area under the curve (DeLong, DeLong and Clarke-Pearson, Biometrics 1988).

    Attributes:
        same: sum of the placements of a person's own pairs.
        same_pairs: how many these are.
        different: sum of the placements of the pairs that show this person and another.
        different_pairs: how many these are.
    """

    same: Float64[np.ndarray, " G"]
    same_pairs: Int64[np.ndarray, " G"]
    different: Float64[np.ndarray, " G"]
    different_pairs: Int64[np.ndarray, " G"]


@dataclass(frozen=True)
class AllPairs:
    """Attributes:
    same, different: how many pairs of one person and of two were scored.
    curve: of their cosine similarities, rounded down to a multiple of 2 / ``BINS``.
    placements: of all people, in ascending order of their numbers.
    """

    same: int
    different: int
    curve: Roc
    placements: Placements


def all_pairs(embeddings: Float[np.ndarray, "N D"], pairs: VerificationPairs) -> AllPairs | None:
    """Score every two images of a set by the cosine of their embeddings.

    Where a set does not say whom its images show, two images count as one person if same pairs connect them, and as
    two people if those people stand in different folds, which share nobody; other couples of images are left out, and
    of people who stand in several folds all couples with others.

    Args:
        embeddings: of the images of the set, not normalised.
        pairs: the set.

    Returns:
        The curve, or None where the set has no two images of one person or none of two.
    """
    _, people = np.unique(people_of(pairs), return_inverse=True)
    apart = people if pairs.people is not None else _folds(pairs, people)
    unit = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
    counts = np.zeros((2, BINS), dtype=np.int64)
    for _, place, chosen in _couples(unit, people, apart):
        for kind in range(2):
            counts[kind] += np.bincount(place[chosen[kind]], minlength=BINS)
    (found,) = np.nonzero(counts.any(axis=0))
    same, different = counts.sum(axis=1).tolist()
    if not (same and different):
        return None
    curve = roc_of_counts(found / (BINS / 2) - 1, *counts[:, found])
    return AllPairs(same, different, curve, _placements(unit, people, apart, counts))


def _couples(
    unit: Float[np.ndarray, "N D"], people: Int64[np.ndarray, " N"], apart: Int64[np.ndarray, " N"]
) -> Iterator[tuple[int, Int64[np.ndarray, "B M"], tuple[Bool[np.ndarray, "B M"], Bool[np.ndarray, "B M"]]]]:
    """A block of images against the M images from its own first: where it starts, the bins of the scores, and which
    couples are of one person and which of two; each couple of images comes once."""
    for start in range(0, len(unit), _BLOCK):
        rows = slice(start, start + _BLOCK)
        place = np.clip((unit[rows] @ unit[start:].T + 1) * (BINS / 2), 0, BINS - 1).astype(np.int64)
        later = np.arange(start, len(unit)) > np.arange(len(unit))[rows, None]
        one = (people[rows, None] == people[start:]) & later
        two = (apart[rows, None] != apart[start:]) & (np.minimum(apart[rows, None], apart[start:]) >= 0) & later
        yield start, place, (one, two)


def _placements(
    unit: Float[np.ndarray, "N D"],
    people: Int64[np.ndarray, " N"],
    apart: Int64[np.ndarray, " N"],
    counts: Int64[np.ndarray, "2 bins"],
) -> Placements:
    below = np.cumsum(counts, axis=1) - counts / 2
    of_same, of_different = below[1] / counts[1].sum(), 1 - below[0] / counts[0].sum()
    sums, numbers = np.zeros((2, people.max() + 1)), np.zeros((2, people.max() + 1))
    for start, place, chosen in _couples(unit, people, apart):
        sides = people[start : start + len(place)], people[start:]
        for kind, table in enumerate((of_same, of_different)):
            values = np.where(chosen[kind], table[place], 0.0)
            for axis, whom in ((1, sides[0]), (0, sides[1])):
                sums[kind] += np.bincount(whom, values.sum(axis), len(sums[kind]))
                numbers[kind] += np.bincount(whom, chosen[kind].sum(axis), len(sums[kind]))
    sums[0], numbers[0] = sums[0] / 2, numbers[0] / 2  # both images of such a pair show the same person
    whole = numbers.astype(np.int64)
    return Placements(sums[0], whole[0], sums[1], whole[1])


def people_of(pairs: VerificationPairs) -> Int64[np.ndarray, " N"]:
    """Whom each image shows, as the set says or as its same pairs connect the images."""
    if pairs.people is not None:
        return pairs.people
    count, same = len(pairs.images), pairs.same
    edges = coo_array((np.ones(same.sum()), (pairs.left[same], pairs.right[same])), shape=(count, count))
    return connected_components(edges, directed=False)[1].astype(np.int64)


def _folds(pairs: VerificationPairs, people: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
    """The one fold in which whoever an image shows stands; -1 of people in several folds, and in none."""
    least = np.full(people.max() + 1, np.iinfo(np.int64).max)
    most = np.full(people.max() + 1, -1)
    for side in (pairs.left, pairs.right):
        np.minimum.at(least, people[side], pairs.fold)
        np.maximum.at(most, people[side], pairs.fold)
    return np.where(least == most, most, -1)[people]

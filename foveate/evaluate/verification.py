"""Do two photos show one person? The k-fold protocols of face verification (docs/evaluation.md).

Legend: P pairs, D embedding size, F folds.

Both protocols choose a threshold on all folds but one and count right answers on the one left out. They
differ in everything else, so an accuracy means little without the name of its protocol:

- ``authors``, the released code of A-SKD (Shin et al., ECCV 2022): cosine similarity after the mean embedding
  of the training folds is subtracted; 20,001 thresholds; a score equal to the threshold is always wrong.
- ``insightface``, the habit since FaceNet (Schroff et al., CVPR 2015): squared distance of unit embeddings;
  400 thresholds; nothing is subtracted.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from foveate.errors import DataError, RecipeError

Protocol = Literal["authors", "insightface"]

_AUTHORS_THRESHOLDS: Final = np.arange(-10_000, 10_001) / 10_000
_INSIGHTFACE_THRESHOLDS: Final = np.arange(0, 4, 0.01)


@dataclass(frozen=True)
class Verification:
    """What a verification protocol found.

    Attributes:
        protocol: which of the two protocols was followed.
        accuracy_by_fold: share of right answers in each test fold, 0 to 1.
        threshold_by_fold: threshold chosen for each test fold: a cosine similarity for ``authors``, a squared
            distance (0 to 4) for ``insightface``.
        scores: cosine similarity of each pair, higher for more alike, fit for an ROC curve. For ``authors`` the mean
            subtracted is the one used when the pair was in the test fold.
        correct: whether each pair was judged rightly when it was in the test fold.
        fold: the test fold that each pair was in.
    """

    protocol: Protocol
    accuracy_by_fold: Float64[np.ndarray, " F"]
    threshold_by_fold: Float64[np.ndarray, " F"]
    scores: Float64[np.ndarray, " P"]
    correct: Bool[np.ndarray, " P"]
    fold: Int64[np.ndarray, " P"]

    @property
    def counted(self) -> Float64[np.ndarray, " P"]:
        """What each pair adds to the accuracy, which is the mean of these: folds count alike, whatever their size."""
        _, number, size = np.unique(self.fold, return_inverse=True, return_counts=True)
        return self.correct * (len(self.fold) / len(size) / size[number])

    @property
    def accuracy(self) -> float:
        """Mean over the folds, a share from 0 to 1: the number that papers report, times 100."""
        return float(self.accuracy_by_fold.mean())

    @property
    def standard_error(self) -> float:
        """Sample standard deviation over the folds, divided by the square root of their number."""
        return float(self.accuracy_by_fold.std(ddof=1) / np.sqrt(len(self.accuracy_by_fold)))


def verify(
    left: Float[np.ndarray, "P D"],
    right: Float[np.ndarray, "P D"],
    same: Bool[np.ndarray, " P"],
    fold: Int64[np.ndarray, " P"],
    *,
    protocol: Protocol,
) -> Verification:
    """Judge every pair with a threshold chosen on the other folds.

    Args:
        left, right: embeddings of the two photos of each pair; they need not be normalised. For ``authors``, the
            concatenation [f(photo); f(flipped photo)]; for ``insightface``, the sum f(photo) + f(flipped photo).
        same: whether both photos show one person.
        fold: number of the fold each pair belongs to.
        protocol: ``authors`` or ``insightface``.

    Returns:
        Accuracy and threshold of each fold, in the order of the fold numbers; score and verdict of each pair.

    Raises:
        DataError: embeddings are not finite, shapes do not match, or a fold lacks one kind of pair.
        RecipeError: there is no such protocol.
    """
    if protocol not in get_args(Protocol):
        raise RecipeError(f"there is no verification protocol {protocol!r}", remedy=f"Choose from {get_args(Protocol)}")
    _check_pairs(left, right, same, fold)
    _check_folds(same, fold)
    left, right = left.astype(np.float64), right.astype(np.float64)
    distance = _squared_distance(left, right) if protocol == "insightface" else None
    scores, correct = np.empty(len(same)), np.empty(len(same), dtype=bool)
    accuracies, thresholds = [], []
    for number in np.unique(fold):
        test = fold == number
        if distance is None:
            cosine = _centred_cosine(left, right, ~test)
            threshold = _authors_threshold(cosine[~test], same[~test])
            correct[test] = np.where(same, cosine > threshold, cosine < threshold)[test]
            scores[test] = cosine[test]
        else:
            threshold = _insightface_threshold(distance[~test], same[~test])
            correct[test] = ((distance < threshold) == same)[test]
            scores[test] = 1 - distance[test] / 2
        accuracies.append(correct[test].mean())
        thresholds.append(threshold)
    return Verification(protocol, np.array(accuracies), np.array(thresholds), scores, correct, fold)


def _centred_cosine(
    left: Float64[np.ndarray, "P D"], right: Float64[np.ndarray, "P D"], training: Bool[np.ndarray, " P"]
) -> Float64[np.ndarray, " P"]:
    weight = training / (2 * training.sum())
    mean = weight @ left + weight @ right
    left, right = left - mean, right - mean
    return np.einsum("pd,pd->p", left, right) / (_lengths(left) * _lengths(right))


def _squared_distance(left: Float64[np.ndarray, "P D"], right: Float64[np.ndarray, "P D"]) -> Float64[np.ndarray, " P"]:
    difference = left / _lengths(left)[:, None] - right / _lengths(right)[:, None]
    return np.einsum("pd,pd->p", difference, difference)


def _lengths(vectors: Float64[np.ndarray, "P D"]) -> Float64[np.ndarray, " P"]:
    """Euclidean lengths; 1 for a vector of zeros, which then stays one when it is divided."""
    lengths = np.sqrt(np.einsum("pd,pd->p", vectors, vectors))
    return np.where(lengths == 0, 1.0, lengths)


def _authors_threshold(cosine: Float64[np.ndarray, " P"], same: Bool[np.ndarray, " P"]) -> float:
    """The mean of all thresholds that answer the most pairs rightly; both comparisons are strict."""
    alike, unlike = np.sort(cosine[same]), np.sort(cosine[~same])
    above = len(alike) - np.searchsorted(alike, _AUTHORS_THRESHOLDS, side="right")
    below = np.searchsorted(unlike, _AUTHORS_THRESHOLDS, side="left")
    right = above + below
    return float(_AUTHORS_THRESHOLDS[right == right.max()].mean())


def _insightface_threshold(distance: Float64[np.ndarray, " P"], same: Bool[np.ndarray, " P"]) -> float:
    """The first threshold that answers the most pairs rightly; "same" means strictly nearer than the threshold."""
    near = np.searchsorted(np.sort(distance[same]), _INSIGHTFACE_THRESHOLDS, side="left")
    too_near = np.searchsorted(np.sort(distance[~same]), _INSIGHTFACE_THRESHOLDS, side="left")
    return float(_INSIGHTFACE_THRESHOLDS[np.argmax(near - too_near)])


def _check_pairs(left: np.ndarray, right: np.ndarray, same: np.ndarray, fold: np.ndarray) -> None:
    if left.ndim != 2 or left.shape != right.shape or not left.shape[:1] == same.shape == fold.shape:
        shapes = f"left {left.shape}, right {right.shape}, same {same.shape}, fold {fold.shape}"
        raise DataError(
            f"the shapes of the pairs do not match: {shapes}",
            remedy="Give left and right as (pairs, embedding size), same and fold with one value a pair",
        )
    if same.dtype != bool:
        raise DataError(
            f"'same' holds {same.dtype}, not true or false", remedy="Turn flags such as 1 and -1 into flags > 0"
        )
    finite = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    if not finite.all():
        raise DataError(
            f"{np.count_nonzero(~finite)} of {len(left)} pairs have an embedding that is not finite",
            record=f"pair {np.argmin(finite)}",
            remedy="Look for a diverged network, or for overflow in half precision",
        )


def _check_folds(same: Bool[np.ndarray, " P"], fold: Int64[np.ndarray, " P"]) -> None:
    numbers = np.unique(fold)
    if len(numbers) < 2:
        raise DataError(
            f"{len(numbers)} folds: a threshold needs other folds to be chosen on", remedy="Give at least two folds"
        )
    for number in numbers:
        among = same[fold == number]
        if among.all() or not among.any():
            raise DataError(
                f"all pairs of this fold show {'the same person' if among.all() else 'different people'}",
                record=f"fold {number}",
                remedy="Share out both kinds of pairs over all folds",
            )

"""How many friends come in for how many strangers: the receiver operating characteristic of scored pairs.

Legend: P pairs, S scores, T thresholds.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from foveate.errors import DataError


@dataclass(frozen=True)
class Roc:
    """The curve: at each threshold, pairs with a score **at or above** it are accepted as the same person.

    Attributes:
        thresholds: infinity, where nobody is accepted, then every distinct score in falling order.
        false_accept_rate: share of different pairs accepted at each threshold, rising from 0 to 1.
        true_accept_rate: share of same pairs accepted at each threshold, rising from 0 to 1.
        auc: area under the curve, 0 to 1. It equals the share of (same, different) couples of pairs in which the same
            pair has the higher score, equal scores counting one half (Mann and Whitney, 1947).
    """

    thresholds: Float64[np.ndarray, " T"]
    false_accept_rate: Float64[np.ndarray, " T"]
    true_accept_rate: Float64[np.ndarray, " T"]
    auc: float

    @property
    def equal_error_rate(self) -> float:
        """The rate at which false accepts equal false rejects, on straight lines between the points of the curve."""
        return float(np.interp(0.0, self.false_accept_rate + self.true_accept_rate - 1, self.false_accept_rate))

    def true_accept_at(self, far: float) -> tuple[float, float]:
        """True accept rate at a false accept rate, by the conservative convention.

        Of all thresholds whose false accept rate is at most ``far``, the one that accepts the most pairs is taken;
        nothing is interpolated. (Some published code, IJB's among it, takes the point *nearest* to ``far`` instead,
        which may let in more strangers than asked for.) With fewer than ``1 / far`` different pairs, no stranger
        at all is let in.

        Args:
            far: the false accept rate allowed, 0 to 1.

        Returns:
            The true accept rate, and the threshold: accept scores at or above it. The threshold is infinity
            when the highest score of all already breaks the limit.

        Raises:
            DataError: ``far`` is not between 0 and 1.
        """
        if not 0 <= far <= 1:
            raise DataError(f"a false accept rate of {far} cannot be", remedy="Give a share between 0 and 1")
        point = np.searchsorted(self.false_accept_rate, far, side="right") - 1
        return float(self.true_accept_rate[point]), float(self.thresholds[point])


def roc(scores: Float[np.ndarray, " P"], same: Bool[np.ndarray, " P"]) -> Roc:
    """Trace the curve of scored pairs.

    Args:
        scores: similarity of each pair, higher for more alike.
        same: whether the pair shows one person.

    Returns:
        One point for each distinct score, and the point (0, 0).

    Raises:
        DataError: scores are not finite, shapes do not match, or one kind of pair is missing.
    """
    _check(scores, same)
    rising, place = np.unique(scores.astype(np.float64), return_inverse=True)
    alike, unlike = (np.bincount(place[kind], minlength=len(rising)) for kind in (same, ~same))
    return roc_of_counts(rising, alike, unlike)


def roc_of_counts(
    scores: Float64[np.ndarray, " S"], same: Int64[np.ndarray, " S"], different: Int64[np.ndarray, " S"]
) -> Roc:
    """Trace the curve of pairs that were counted by score.

    Args:
        scores: S different scores, rising.
        same, different: how many pairs of one person, and of two, have each score; of each kind at least one.
    """
    true_accepts = np.concatenate([[0], np.cumsum(same[::-1])])
    false_accepts = np.concatenate([[0], np.cumsum(different[::-1])])
    alike, unlike = int(true_accepts[-1]), int(false_accepts[-1])
    twice_area = int(np.sum(np.diff(false_accepts) * (true_accepts[1:] + true_accepts[:-1])))
    return Roc(
        thresholds=np.concatenate([[np.inf], scores[::-1]]),
        false_accept_rate=false_accepts / unlike,
        true_accept_rate=true_accepts / alike,
        auc=twice_area / (2 * alike * unlike),
    )


def _check(scores: np.ndarray, same: np.ndarray) -> None:
    if scores.ndim != 1 or scores.shape != same.shape or same.dtype != bool:
        raise DataError(
            f"scores {scores.shape} and same {same.shape} of {same.dtype} do not go together",
            remedy="Give one score and one true or false for each pair",
        )
    if not np.isfinite(scores).all():
        raise DataError(
            f"{np.count_nonzero(~np.isfinite(scores))} scores are not finite",
            record=f"pair {np.argmin(np.isfinite(scores))}",
            remedy="Look for a diverged network",
        )
    if same.all() or not same.any():
        raise DataError("only one kind of pair is given", remedy="An ROC curve needs same and different pairs")

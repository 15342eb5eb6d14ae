"""How sure is a mean? Bootstrap over items (Efron, Annals of Statistics 1979) and Student's t over seeds.

Legend: N values, G groups.

The two answer different questions. The bootstrap over the pairs of a test set says how much the number would
change with other pairs; the interval over seeds says how much it would change with another training run.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int, Num, Shaped
from scipy.special import stdtrit

from foveate.errors import DataError

_DRAWS_AT_ONCE: Final = 1 << 20  # bounds the memory: 8 bytes each, a few arrays


@dataclass(frozen=True)
class Interval:
    """A mean and the bounds around it, in the unit of the values.

    Attributes:
        mean: the plain mean of the values.
        low, high: the bounds; both nan where a single value says nothing of the spread.
        confidence: the share of such intervals that should hold the true mean, 0 to 1.
    """

    mean: float
    low: float
    high: float
    confidence: float


def interval(
    values: Num[np.ndarray, " N"] | Bool[np.ndarray, " N"],
    *,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
    groups: Shaped[np.ndarray, " N"] | None = None,
) -> Interval:
    """Percentile bootstrap of a mean.

    Args:
        values: one number an item, such as whether each pair was judged rightly.
        confidence: share of the resampled means that lie between the bounds.
        samples: how often to resample.
        seed: the same seed gives the same bounds.
        groups: the group of each item (a person, a video). Items of one group stand or fall together, so whole
            groups are then drawn; without that, the interval comes out too narrow.

    Returns:
        Mean and bounds; the bounds are nan with a single item or group.

    Raises:
        DataError: there are no values, some are not finite, or an argument is out of its range.
    """
    _check(values, confidence)
    if samples < 1:
        raise DataError(f"{samples} bootstrap samples", remedy="Ask for at least one; 2000 is usual")
    if groups is not None and groups.shape != values.shape:
        raise DataError(f"{groups.shape} groups for {values.shape} values", remedy="Give each value its group")
    if groups is None:
        sums, counts = values.astype(np.float64), None
    else:
        _, member = np.unique(groups, return_inverse=True)
        sums, counts = np.bincount(member, weights=values.astype(np.float64)), np.bincount(member)
    mean = float(values.mean(dtype=np.float64))
    if len(sums) == 1:
        return Interval(mean, np.nan, np.nan, confidence)
    means = _resampled_means(sums, counts, samples, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(mean, float(low), float(high), confidence)


def mean_interval(values: Num[np.ndarray, " N"], confidence: float = 0.95) -> Interval:
    """Student's t interval of a mean, meant for a handful of seeds.

    Args:
        values: one result a seed.
        confidence: share of such intervals that should hold the true mean.

    Returns:
        Mean and bounds; the bounds are nan with a single value.

    Raises:
        DataError: there are no values, some are not finite, or ``confidence`` is out of its range.
    """
    _check(values, confidence)
    mean, count = float(values.mean(dtype=np.float64)), len(values)
    if count == 1:
        return Interval(mean, np.nan, np.nan, confidence)
    half = stdtrit(count - 1, (1 + confidence) / 2) * values.std(ddof=1, dtype=np.float64) / np.sqrt(count)
    return Interval(mean, float(mean - half), float(mean + half), confidence)


def _resampled_means(
    sums: Float64[np.ndarray, " G"], counts: Int[np.ndarray, " G"] | None, samples: int, generator: np.random.Generator
) -> Float64[np.ndarray, " samples"]:
    """Draw as many groups as there are, again and again; each mean weighs a group by its size (1 without counts)."""
    means = np.empty(samples)
    rows = max(1, _DRAWS_AT_ONCE // len(sums))
    for start in range(0, samples, rows):
        stop = min(start + rows, samples)
        drawn = generator.integers(len(sums), size=(stop - start, len(sums)))
        size = len(sums) if counts is None else counts[drawn].sum(axis=1)
        means[start:stop] = sums[drawn].sum(axis=1) / size
    return means


def _check(values: np.ndarray, confidence: float) -> None:
    if values.ndim != 1 or len(values) == 0:
        raise DataError(f"a mean of values of shape {values.shape}", remedy="Give a list of at least one value")
    if not np.isfinite(values).all():
        raise DataError(
            "a value is not finite", record=int(np.argmin(np.isfinite(values))), remedy="Leave failed runs out openly"
        )
    if not 0 < confidence < 1:
        raise DataError(f"a confidence of {confidence} cannot be", remedy="Give a share between 0 and 1, such as 0.95")

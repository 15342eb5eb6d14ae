"""Is one method better than another on the same pairs, or was it luck of people and seeds?

Legend: S seeds, P pairs, G people, R resamples, M tests.

Verdicts of several runs on the same pairs are compared. Pairs share images and images share people, so people are
drawn anew, not pairs (a pair counts as often as both its people were drawn; Efron, Annals of Statistics 1979), and
training runs are drawn with them: the interval says how much a difference would change with other people **and** other
seeds. McNemar's exact test (Psychometrika 1947) looks at one run of each method, and at those pairs alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.stats import binomtest

from foveate.errors import DataError
from foveate.evaluate.bootstrap import Interval

SAMPLES: Final = 2000
_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Verdicts:
    """Whether each pair was judged rightly in each run.

    Attributes:
        correct: by seed and pair.
        left, right: whom each pair shows; equal in pairs of one person.
    """

    correct: Bool[np.ndarray, "S P"]
    left: Int[np.ndarray, " P"]
    right: Int[np.ndarray, " P"]


@dataclass(frozen=True)
class Comparison:
    """Attributes:
    difference: accuracy of the method minus that of the base, over seeds and pairs.
    p: two-sided, of the hypothesis that there is none, from the same resamples: twice the share of them (and of the
        estimate itself) on the other side of zero.
    share: of the headroom, (method - base) / (ceiling - base); None without a ceiling, or where that is not above base.
    """

    difference: Interval
    p: float
    share: Interval | None


def compare(
    method: Verdicts, base: Verdicts, ceiling: Verdicts | None = None, *, confidence: float = 0.95, seed: int = 0
) -> Comparison:
    """Compare a method with a base on the same pairs, by a joint bootstrap over people and seeds.

    Args:
        method, base: row s of both is of one seed (same teacher, same order of images).
        ceiling: the teacher's verdicts on sharp faces; it may have seeds of its own.
        confidence: of the intervals.
        seed: of the resamples.

    Raises:
        DataError: they are not of the same pairs, or not of the same number of seeds.
    """
    for other in (base, ceiling):
        if other is not None and not (
            np.array_equal(method.left, other.left) and np.array_equal(method.right, other.right)
        ):
            raise DataError("the verdicts are not of the same pairs", remedy="Compare runs judged on one set")
    if len(method.correct) != len(base.correct):
        raise DataError(
            f"{len(method.correct)} seeds are compared with {len(base.correct)}",
            remedy="Give the same seeds of both methods",
        )
    generator = np.random.default_rng(seed)
    gains = method.correct.astype(float) - base.correct
    room = None if ceiling is None else (ceiling.correct.astype(float), base.correct.astype(float))
    drawn, rooms = [], []
    for _ in range(SAMPLES // _AT_ONCE):
        weights = _pair_weights(method, generator)
        runs = _run_weights(len(gains), generator)
        drawn.append(_weighed(gains, weights, runs))
        if room is not None:
            top = _weighed(room[0], weights, _run_weights(len(room[0]), generator))
            rooms.append(top - _weighed(room[1], weights, runs))
    differences, mean = np.concatenate(drawn), float(gains.mean())
    beyond = np.count_nonzero(differences <= 0 if mean > 0 else differences >= 0)
    p = min(1.0, 2 * (beyond + 1) / (len(differences) + 1))
    share = None
    if room is not None and room[0].mean() > room[1].mean():
        ratios = differences / np.concatenate(rooms)
        share = _interval(mean / float(room[0].mean() - room[1].mean()), ratios, confidence)
    return Comparison(_interval(mean, differences, confidence), p, share)


def mcnemar(method: Bool[np.ndarray, " P"], base: Bool[np.ndarray, " P"]) -> float:
    """Two-sided p of McNemar's exact test for one run of each: does each fail on as many pairs that the other knows?"""
    won, lost = int((method & ~base).sum()), int((base & ~method).sum())
    return 1.0 if won + lost == 0 else float(binomtest(won, won + lost).pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """The p values of M tests, corrected for their number (Holm, Scandinavian Journal of Statistics 1979)."""
    order = np.argsort(p, kind="stable")
    scaled = np.array(p, dtype=float)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return corrected.tolist()


def _pair_weights(verdicts: Verdicts, generator: np.random.Generator) -> Float64[np.ndarray, "R P"]:
    """How often each pair counts in each resample."""
    people, place = np.unique(np.concatenate([verdicts.left, verdicts.right]), return_inverse=True)
    left, right = place.reshape(2, -1)
    count = len(people)
    times = generator.multinomial(count, np.full(count, 1 / count), size=_AT_ONCE).astype(float)
    return np.where(left == right, times[:, left], times[:, left] * times[:, right])


def _run_weights(runs: int, generator: np.random.Generator) -> Float64[np.ndarray, "R S"]:
    return generator.multinomial(runs, np.full(runs, 1 / runs), size=_AT_ONCE) / runs


def _weighed(
    values: Float64[np.ndarray, "S P"], pairs: Float64[np.ndarray, "R P"], runs: Float64[np.ndarray, "R S"]
) -> Float64[np.ndarray, " R"]:
    """The mean of each resample."""
    return ((pairs @ values.T) / pairs.sum(1, keepdims=True) * runs).sum(1)


def _interval(mean: float, drawn: Float64[np.ndarray, " R"], confidence: float) -> Interval:
    low, high = np.nanquantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(mean, float(low), float(high), confidence)

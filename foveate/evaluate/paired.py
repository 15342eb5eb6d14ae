"""Is one method better than another on the same pairs, or was it luck of people and seeds?

Legend: S seeds, P pairs, G people, R resamples, M tests.

Verdicts of several runs on the same pairs are compared. Pairs share images and images share people, so people are
drawn anew, not pairs (Efron, Annals of Statistics 1979): to first order, a pair of two people counts as often as both
were drawn, less one. Its own chance is in that twice, once for each of the two, and is taken out once, as for all dyads
(Aronow, Samii and Assenova, Political Analysis 2015). The area under the curve of all pairs is drawn anew likewise:
people add to it what the placements of their pairs say. McNemar's exact test (Psychometrika 1947) looks at one run of
each method, and at those pairs alone.

What several runs of each make of it says ``over_runs``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.stats import binomtest

from foveate.errors import DataError
from foveate.evaluate.all_pairs import Placements
from foveate.evaluate.over_runs import Comparison, Runs, check_seeds, comparison

SAMPLES: Final = 2000


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


def compare(
    method: Verdicts, base: Verdicts, ceiling: Verdicts | None = None, *, confidence: float = 0.95, seed: int = 0
) -> Comparison:
    """Compare a method with a base on the same pairs, over people and seeds.

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
    check_seeds(len(method.correct), len(base.correct))
    people, place = np.unique(np.concatenate([method.left, method.right]), return_inverse=True)
    times = _draws(len(people), seed)
    ours, theirs = method.correct.astype(float), base.correct.astype(float)
    top = None if ceiling is None else _accuracies(ceiling.correct.astype(float), place, times)
    return comparison(_accuracies(ours - theirs, place, times), top, _accuracies(theirs, place, times), confidence)


def compare_areas(
    method: Sequence[Placements],
    base: Sequence[Placements],
    ceiling: Sequence[Placements] = (),
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare the areas under the curves of all pairs, of runs on the same set; arguments as those of ``compare``.

    Raises:
        DataError: they are not of the same pairs, or not of the same number of seeds.
    """
    first = method[0]
    for other in (*method, *base, *ceiling):
        if not (
            np.array_equal(first.same_pairs, other.same_pairs)
            and np.array_equal(first.different_pairs, other.different_pairs)
        ):
            raise DataError("the placements are not of the same pairs", remedy="Compare runs judged on one set")
    check_seeds(len(method), len(base))
    times = _draws(len(first.same), seed)
    ours, theirs = _areas(method, times), _areas(base, times)
    return comparison(ours - theirs, _areas(ceiling, times) if ceiling else None, theirs, confidence)


def _draws(people: int, seed: int) -> Float64[np.ndarray, "R G"]:
    """How often each of the people is drawn in each resample."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(people, np.full(people, 1 / people), size=SAMPLES).astype(float)


def _accuracies(values: Float64[np.ndarray, "S P"], place: Int[np.ndarray, " _"], times: np.ndarray) -> Runs:
    """The mean over the pairs of each run.

    Args:
        values: of each run and pair.
        place: numbers of the people on the left, then of those on the right.
        times: how often each of the people counts, by resample.
    """
    plain, pairs = values.mean(1), values.shape[1]
    left, right = place.reshape(2, -1)
    two = left != right
    off = values - plain[:, None]
    people = times.shape[1]
    own = np.stack([np.bincount(left, each, people) + np.bincount(right, each * two, people) for each in off]) / pairs
    return Runs(plain, plain + (times - 1) @ own.T, (off * two) @ off.T / pairs**2)


def _areas(runs: Sequence[Placements], times: Float64[np.ndarray, "R G"]) -> Runs:
    """The area of each run, to first order in how often each of the people counts."""
    plain = np.array([float(run.same.sum() / run.same_pairs.sum()) for run in runs])
    own = []
    for run, area in zip(runs, plain, strict=True):
        same = (run.same - area * run.same_pairs) / run.same_pairs.sum()
        different = (run.different - area * run.different_pairs) / (run.different_pairs.sum() / 2)
        own.append(same + different)
    return Runs(plain, plain + (times - 1) @ np.stack(own, axis=1))


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

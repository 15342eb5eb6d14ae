"""Is one method better than another on the same pairs, or was it luck of people and seeds?

Legend: S seeds, P pairs, G people, R resamples, M tests.

Verdicts of several runs on the same pairs are compared. Pairs share images and images share people, so people are
drawn anew, not pairs (Efron, Annals of Statistics 1979): to first order, a pair of two people counts as often as both
were drawn, less one. Its own chance is in that twice, once for each of the two, and is taken out once, as for all dyads
(Aronow, Samii and Assenova, Political Analysis 2015). The area under the curve of all pairs is drawn anew likewise:
people add to it what the placements of their pairs say. McNemar's exact test (Psychometrika 1947) looks at one run of
each method, and at those pairs alone.

Training runs count as much: the interval says how much a difference would change with other people **and** other seeds.
What all runs do alike when people are drawn anew, the covariance between runs, is the part of people. What is left,
how far runs differ (and in it what a run does with a person by chance, which would count twice otherwise), is the part
of seeds: Student's t of S - 1 degrees of freedom (Biometrika 1908), with which the draws of people are convolved
without further chance. One run says nothing of others; its interval is over people alone.

The share of the headroom is a ratio of two such numbers. Its interval holds all shares that they do not refute
(Fieller, Journal of the Royal Statistical Society 1954); where the headroom itself is not clear of zero, there is no
share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.optimize import root_scalar
from scipy.special import stdtr, stdtrit
from scipy.stats import binomtest

from foveate.errors import DataError
from foveate.evaluate.all_pairs import Placements
from foveate.evaluate.bootstrap import Interval

SAMPLES: Final = 2000


_MOST_SHARE: Final = 1000.0


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


@final
@dataclass(frozen=True, eq=False)
class Runs:
    """A number that each of S runs has.

    Attributes:
        plain: with people as they are.
        drawn: with people drawn anew, the same ones for all runs.
        twice: covariance between runs that is in ``drawn`` twice; 0 where nothing is.
    """

    plain: Float64[np.ndarray, " S"]
    drawn: Float64[np.ndarray, "R S"]
    twice: Float64[np.ndarray, "S S"] | float = 0.0

    def __sub__(self, other: "Runs") -> "Runs":
        return Runs(self.plain - other.plain, self.drawn - other.drawn)

    @property
    def mean(self) -> float:
        """Over the runs."""
        return float(self.plain.mean())

    @property
    def people(self) -> Float64[np.ndarray, " R"]:
        """How far the mean is off with other people, in what all runs do alike."""
        count = len(self.plain)
        off = self.drawn.mean(1) - self.drawn.mean()
        spread = np.atleast_2d(np.cov(self.drawn, rowvar=False)) - self.twice
        alike = spread.item() if count == 1 else (spread.sum() - np.trace(spread)) / count / (count - 1)
        drawn = off.var(ddof=1)
        return off * np.sqrt(max(alike, 0.0) / drawn) if drawn > 0 else 0 * off


@dataclass(frozen=True)
class Comparison:
    """Attributes:
    difference: accuracy of the method minus that of the base, over seeds and pairs.
    p: two-sided, of the hypothesis that there is none, from the same distribution.
    share: of the headroom, (method - base) / (ceiling - base); None without a ceiling, or where that is not surely
        above the base.
    """

    difference: Interval
    p: float
    share: Interval | None


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


def comparison(gain: Runs, top: Runs | None, base: Runs, confidence: float = 0.95) -> Comparison:
    """Compare runs.

    Args:
        gain: of the method over the base, seed by seed.
        top: of the ceiling, if there is one.
        base: of the base; with seeds as ``gain``.
        confidence: of the intervals.
    """
    beside = (1 - confidence) / 2
    spread, people = _Spread(gain.plain), gain.people
    low, high = (gain.mean + spread.quantile(people, share) for share in (beside, 1 - beside))
    p = float(min(1.0, 2 * min(spread.below(people, -gain.mean), spread.below(-people, gain.mean))))
    share = None if top is None else _share(gain, top, base, beside)
    difference = Interval(gain.mean, low, high, confidence)
    return Comparison(difference, p, None if share is None else Interval(*share, confidence))


@final
class _Spread:
    """How far the mean of S runs may be off with other runs: Student's t times its standard error; one says nothing."""

    def __init__(self, values: Float64[np.ndarray, " S"]) -> None:
        self._freedom = len(values) - 1
        self._error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0

    def below(self, people: Float64[np.ndarray, " R"], point: float) -> float:
        """How likely the sum of this and of a draw of people is at or below a point.

        Where people alone were drawn, the estimate itself counts as one more draw beyond, so that nothing is certain.
        """
        if not self._error:
            return float((np.count_nonzero(people <= point) + 1) / (len(people) + 1))
        return float(stdtr(self._freedom, (point - people) / self._error).mean())

    def quantile(self, people: Float64[np.ndarray, " R"], share: float) -> float:
        """Below which the sum is with this probability."""
        if not self._error:
            return float(np.quantile(people, share))
        least, most = (edge + self._error * stdtrit(self._freedom, share) for edge in (people.min(), people.max()))
        if least == most:
            return float(least)
        return float(root_scalar(lambda point: self.below(people, point) - share, bracket=(least, most)).root)

    def draws(self, count: int) -> Float64[np.ndarray, " R"]:
        """So many of its quantiles, evenly, in an order drawn by chance."""
        if not self._error:
            return np.zeros(count)
        even = (np.random.default_rng(0).permutation(count) + 0.5) / count
        return self._error * stdtrit(self._freedom, even)


def _share(gain: Runs, top: Runs, base: Runs, beside: float) -> tuple[float, float, float] | None:
    """Share of the headroom, and the least and the most that the resamples do not refute."""
    room = top.mean - base.mean
    off, off_room, tops = gain.people, top.people - base.people, _Spread(top.plain).draws(len(gain.drawn))
    if room + _Spread(base.plain).quantile(off_room + tops, beside) <= 0:
        return None

    def refuted(share: float) -> float:
        """How likely the gain is no more than this share of the headroom."""
        people = off - share * (off_room + tops)
        return _Spread(gain.plain + share * base.plain).below(people, share * room - gain.mean)

    mean = gain.mean / room
    least = _root(lambda share: refuted(share) - beside, mean, -1.0)
    most = _root(lambda share: refuted(share) - 1 + beside, mean, 1.0)
    return None if least is None or most is None else (mean, least, most)


def _root(function: Callable[[float], float], start: float, step: float) -> float | None:
    """Where a function that grows changes its sign, on one side of a start; None where it is hardly bounded."""
    end = start
    while function(end) * step < 0:
        end, step = end + step, 2 * step
        if abs(end) > _MOST_SHARE:
            return None
    return start if end == start else float(root_scalar(function, bracket=(start, end)).root)


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


def check_seeds(ours: int, theirs: int) -> None:
    """Refuse runs of different seeds."""
    if ours != theirs:
        raise DataError(f"{ours} seeds are compared with {theirs}", remedy="Give the same seeds of both methods")

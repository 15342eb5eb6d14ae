"""A number that several runs have: how sure is a difference, over people and seeds?

Legend: S seeds, R resamples.

Training runs count as much as people: the interval says how much a difference would change with other people **and**
other seeds. What all runs do alike when people are drawn anew, the covariance between runs, is the part of people. What
is left, how far runs differ (and in it what a run does with a person by chance, which would count twice otherwise), is
the part of seeds: Student's t of S - 1 degrees of freedom (Biometrika 1908), with which the draws of people are
convolved without further chance. One run says nothing of others; its interval is over people alone.

The share of the headroom is a ratio of two such numbers. Its interval holds all shares that they do not refute
(Fieller, Journal of the Royal Statistical Society 1954); where the headroom itself is not clear of zero, there is no
share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float64
from scipy.optimize import root_scalar
from scipy.special import stdtr, stdtrit

from foveate.errors import DataError
from foveate.evaluate.bootstrap import Interval

_MOST_SHARE: Final = 1000.0
"""Beyond it an interval of shares counts as unbounded."""


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


def check_seeds(ours: int, theirs: int) -> None:
    """Refuse runs of different seeds."""
    if ours != theirs:
        raise DataError(f"{ours} seeds are compared with {theirs}", remedy="Give the same seeds of both methods")

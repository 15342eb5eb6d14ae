"""Is one method better than another on the same pairs, or was it luck of people and seeds?

Legend: S seeds, P pairs, G people, R resamples, M tests.

Verdicts of several runs on the same pairs are compared. Pairs share images and images share people, so people are
drawn anew, not pairs (a pair counts as often as both its people were drawn; Efron, Annals of Statistics 1979), and
training runs are drawn with them: the interval says how much a difference would change with other people **and** other
seeds. The area under the curve of all pairs is drawn anew in the same way, to first order in how often each person was
drawn: people add to it what the placements of their pairs say. McNemar's exact test (Psychometrika 1947) looks at one
run of each method, and at those pairs alone.

People are drawn with all runs counted alike, runs with all people, and how far both are off is added: drawn together,
what a run does with a person by chance would count twice (Owen, Annals of Applied Statistics 2007). A few runs, drawn
anew, say too little of other runs: no draw is worse than the worst of them, and three have 27 draws in all, so that
every p below the usual 5 % would be too small, and Holm's correction, which asks for such p, would correct nothing. So
runs are not drawn anew but weighed such that their mean is distributed as Student's t has it (Biometrika 1908). One run
says nothing of others; its interval is over people alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.stats import binomtest

from foveate.errors import DataError
from foveate.evaluate.all_pairs import Placements
from foveate.evaluate.bootstrap import Interval

SAMPLES: Final = 2000
AT_ONCE: Final = 200
"""Resamples that are worked through together."""


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
    check_seeds(len(method.correct), len(base.correct))
    generator = np.random.default_rng(seed)
    gains = method.correct.astype(float) - base.correct
    room = None if ceiling is None else (ceiling.correct.astype(float), base.correct.astype(float))
    drawn, rooms = [], []
    for _ in range(SAMPLES // AT_ONCE):
        weights = _pair_weights(method, generator)
        runs = run_weights(len(gains), generator)
        drawn.append(added(_weighed(gains, weights), gains.mean(1), runs))
        if room is not None:
            top = added(_weighed(room[0], weights), room[0].mean(1), run_weights(len(room[0]), generator))
            rooms.append(top - added(_weighed(room[1], weights), room[1].mean(1), runs))
    found = None if room is None else float(room[0].mean() - room[1].mean())
    return comparison(float(gains.mean()), np.concatenate(drawn), found, rooms, confidence)


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
    generator = np.random.default_rng(seed)
    count = len(first.same)
    drawn, rooms = [], []
    for _ in range(SAMPLES // AT_ONCE):
        times = generator.multinomial(count, np.full(count, 1 / count), size=AT_ONCE).astype(float)
        runs = run_weights(len(method), generator)
        ours, theirs = (added(_areas(each, times), _plain_areas(each), runs) for each in (method, base))
        drawn.append(ours - theirs)
        if ceiling:
            top = run_weights(len(ceiling), generator)
            rooms.append(added(_areas(ceiling, times), _plain_areas(ceiling), top) - theirs)
    areas = [float(_plain_areas(each).mean()) for each in (method, base, ceiling) if each]
    found = areas[2] - areas[1] if ceiling else None
    return comparison(areas[0] - areas[1], np.concatenate(drawn), found, rooms, confidence)


def _area(run: Placements) -> float:
    return float(run.same.sum() / run.same_pairs.sum())


def _plain_areas(runs: Sequence[Placements]) -> Float64[np.ndarray, " S"]:
    return np.array([_area(run) for run in runs])


def _areas(runs: Sequence[Placements], times: Float64[np.ndarray, "R G"]) -> Float64[np.ndarray, "R S"]:
    """The area of each run where people count so often. A pair of two people counts as often as the product of both
    says, of which this takes the first order: one less than their sum."""
    found = []
    for run in runs:
        same = (times @ run.same) / (times @ run.same_pairs)
        sums, numbers = (times @ each - each.sum() / 2 for each in (run.different, run.different_pairs))
        found.append(same + sums / numbers - _area(run))
    return np.stack(found, axis=1)


def comparison(
    mean: float,
    drawn: Float64[np.ndarray, " R"],
    room: float | None,
    rooms: Sequence[np.ndarray],
    confidence: float,
) -> Comparison:
    """From the estimates of a gain and of its headroom, and the resamples of both."""
    beyond = np.count_nonzero(~(drawn > 0 if mean > 0 else drawn < 0))  # so nan, of people without pairs, is no proof
    p = float(min(1.0, 2 * (beyond + 1) / (len(drawn) + 1)))
    share = None
    if room is not None and room > 0:
        drawn_rooms = np.concatenate(rooms)
        some = drawn_rooms != 0  # of nothing, no share can be recovered
        share = _interval(mean / room, drawn[some] / drawn_rooms[some], confidence)
    return Comparison(_interval(mean, drawn, confidence), p, share)


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


def _pair_weights(verdicts: Verdicts, generator: np.random.Generator) -> Float64[np.ndarray, "R P"]:
    """How often each pair counts in each resample: as often as both its people, or as itself if it alone shows them."""
    people, place = np.unique(np.concatenate([verdicts.left, verdicts.right]), return_inverse=True)
    left, right = place.reshape(2, -1)
    count = len(people)
    times = generator.multinomial(count, np.full(count, 1 / count), size=AT_ONCE).astype(float)
    shown = np.bincount(left, minlength=count) + np.bincount(right[left != right], minlength=count)
    one = (left == right) | ((shown[left] == 1) & (shown[right] == 1))
    return np.where(one, times[:, left], times[:, left] * times[:, right])


def run_weights(runs: int, generator: np.random.Generator) -> Float64[np.ndarray, "R S"]:
    """How much each run counts in each of ``AT_ONCE`` resamples.

    With these weights, which are around 1 / S and sum to 1, the mean of S values is spread as their mean plus its
    standard error times Student's t of S - 1 degrees of freedom, whatever the values are: deviations from the mean of S
    normal numbers have that standard error as their factor, and a chi gives the tails.
    """
    if runs == 1:
        return np.ones((AT_ONCE, 1))
    normal = generator.standard_normal((AT_ONCE, runs))
    chi = np.sqrt(generator.chisquare(runs - 1, (AT_ONCE, 1)) / (runs - 1))
    return 1 / runs + (normal - normal.mean(1, keepdims=True)) / (np.sqrt(runs * (runs - 1)) * chi)


def added(
    values: Float64[np.ndarray, "R S"], plain: Float64[np.ndarray, " S"], runs: Float64[np.ndarray, "R S"]
) -> Float64[np.ndarray, " R"]:
    """The mean over runs in each resample: as other people, and as other runs, would have it.

    Args:
        values: of each run, with people drawn anew.
        plain: of each run, with people as they are.
        runs: how much each run counts.
    """
    return values.mean(1) + runs @ plain - plain.mean()


def _weighed(values: Float64[np.ndarray, "S P"], pairs: Float64[np.ndarray, "R P"]) -> Float64[np.ndarray, "R S"]:
    """The mean of each run in each resample."""
    return (pairs @ values.T) / pairs.sum(1, keepdims=True)


def _interval(mean: float, drawn: Float64[np.ndarray, " R"], confidence: float) -> Interval:
    low, high = np.nanquantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(mean, float(low), float(high), confidence)

"""Two methods on the same pairs: differences, their intervals over people and seeds, and tests."""

import itertools
from math import comb

import numpy as np
import pytest

from foveate.errors import DataError
from foveate.evaluate import paired
from foveate.evaluate.paired import Verdicts, compare, holm, mcnemar


def _verdicts(generator, accuracy, seeds=3, people=60, each=10):
    left = np.repeat(np.arange(people), each)
    right = np.where(np.arange(len(left)) % 2, left, (left + 1 + np.arange(len(left)) % 7) % people)
    return Verdicts(generator.random((seeds, len(left))) < accuracy, left, right)


def test_a_clear_gain_has_an_interval_above_zero_and_a_small_p():
    generator = np.random.default_rng(0)
    base, better = _verdicts(generator, 0.7), _verdicts(generator, 0.8)
    found = compare(better, base, _verdicts(generator, 0.9, seeds=2))
    assert found.difference.mean == pytest.approx(better.correct.mean() - base.correct.mean())
    assert 0 < found.difference.low < found.difference.mean < found.difference.high
    assert found.p < 0.01
    assert found.share.low < found.share.mean < found.share.high
    assert found.share.mean == pytest.approx(0.5, abs=0.15)
    back = compare(base, better)
    assert back.difference.mean == -found.difference.mean
    assert back.p < 0.01
    assert back.share is None


def test_no_gain_has_an_interval_around_zero():
    generator = np.random.default_rng(1)
    found = compare(_verdicts(generator, 0.75), _verdicts(generator, 0.75))
    assert found.difference.low < 0 < found.difference.high
    assert found.p > 0.05


def test_the_same_verdicts_differ_in_nothing():
    same = _verdicts(np.random.default_rng(2), 0.75)
    found = compare(same, same, same)
    assert (found.difference.mean, found.difference.low, found.difference.high, found.p) == (0, 0, 0, 1)
    assert found.share is None


def test_intervals_hold_the_true_difference_as_often_as_they_say():
    """People and seeds differ in how much they gain, so an interval over pairs alone would be far too narrow."""
    held, rounds = 0, 60
    for number in range(rounds):
        generator = np.random.default_rng(number)
        base = _verdicts(generator, 0.0, seeds=6, people=40)
        gain = 0.2 + 0.15 * generator.standard_normal(40)[base.left] + 0.03 * generator.standard_normal((6, 1))
        method = Verdicts(generator.random(base.correct.shape) < gain, base.left, base.right)
        found = compare(method, base, seed=number)
        held += found.difference.low <= 0.2 <= found.difference.high
    assert held / rounds > 0.85


def test_a_resample_counts_a_pair_as_often_as_its_people_are_drawn(monkeypatch):
    monkeypatch.setattr(paired, "_AT_ONCE", 3)
    verdicts = Verdicts(np.ones((1, 3), dtype=bool), np.array([4, 4, 9]), np.array([4, 9, 9]))
    same = np.random.default_rng(0)
    times = np.random.default_rng(0).multinomial(2, [0.5, 0.5], size=3)
    found = paired._pair_weights(verdicts, same)
    for resample, (first, second) in enumerate(times):
        assert found[resample].tolist() == [first, first * second, second]


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (5, 0), (7, 3), (3, 7), (4, 4)])
def test_mcnemar_is_the_sum_of_binomial_chances(won, lost):
    method = np.array([True] * won + [False] * lost + [True] * 5)
    base = np.array([False] * won + [True] * lost + [True] * 5)
    count = won + lost
    chances = [comb(count, k) / 2**count for k in range(count + 1)]
    at_most = sum(chance for chance in chances if chance <= chances[won] * (1 + 1e-9)) if count else 1.0
    assert mcnemar(method, base) == pytest.approx(min(1.0, at_most))


def test_holm_multiplies_the_smallest_by_the_number_of_tests_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
    for p in itertools.permutations([0.001, 0.02, 0.5, 0.02]):
        corrected = holm(list(p))
        assert all(after >= before for before, after in zip(p, corrected, strict=True))


def test_verdicts_of_other_pairs_or_seeds_are_refused():
    generator = np.random.default_rng(0)
    one = _verdicts(generator, 0.5)
    with pytest.raises(DataError, match="3 seeds are compared with 2"):
        compare(one, _verdicts(generator, 0.5, seeds=2))
    with pytest.raises(DataError, match="not of the same pairs"):
        compare(one, Verdicts(one.correct, one.right, one.left))

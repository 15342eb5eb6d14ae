"""Two methods on the same pairs: differences, their intervals over people and seeds, and tests."""

import itertools
from math import comb

import numpy as np
import pytest
from scipy.stats import t as student_t
from scipy.stats import ttest_1samp

from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError
from foveate.evaluate import paired
from foveate.evaluate.all_pairs import all_pairs
from foveate.evaluate.paired import Verdicts, compare, compare_areas, comparison, holm, mcnemar, run_weights


def _verdicts(generator, accuracy, seeds=3, people=60, each=10):
    left = np.repeat(np.arange(people), each)
    right = np.where(np.arange(len(left)) % 2, left, (left + 1 + np.arange(len(left)) % 7) % people)
    return Verdicts(generator.random((seeds, len(left))) < accuracy, left, right)


def test_a_clear_gain_has_an_interval_above_zero_and_a_small_p():
    generator = np.random.default_rng(0)
    base, better = (_verdicts(generator, accuracy, seeds=6) for accuracy in (0.7, 0.8))
    found = compare(better, base, _verdicts(generator, 0.9, seeds=4))
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


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_few_seeds_that_differ_by_luck_alone_are_called_sure_as_seldom_as_p_says(seeds):
    """All that is drawn here is how well a run went; p is that of Student's test, far below 5 % too."""
    generator = np.random.default_rng(0)
    weights = np.concatenate([run_weights(seeds, generator) for _ in range(40)])
    gains = generator.standard_normal((400, seeds))
    found = np.array([comparison(float(own.mean()), weights @ own, None, [], 0.95).p for own in gains])
    right = ttest_1samp(gains, 0, axis=1).pvalue
    for level, room in ((0.3, 0.04), (0.05, 0.02), (0.01, 0.008)):
        sure = right < level
        assert abs((found < level).mean() - sure.mean()) < room
    assert np.abs(found - right).max() < 0.04
    assert weights.sum(1) == pytest.approx(1)


def test_the_mean_over_few_seeds_is_spread_as_students_t():
    values = np.array([0.3, -0.1, 0.7, 0.2])
    generator = np.random.default_rng(1)
    drawn = np.concatenate([run_weights(4, generator) for _ in range(100)]) @ values
    scaled = (drawn - values.mean()) / (values.std(ddof=1) / 2)
    for share in (0.005, 0.025, 0.25, 0.75, 0.975, 0.995):
        assert (scaled < student_t.ppf(share, 3)).mean() == pytest.approx(
            share, abs=3 * (share * (1 - share) / 2e4) ** 0.5
        )


def test_one_seed_says_nothing_of_others():
    assert (run_weights(1, np.random.default_rng(0)) == 1).all()


def test_resamples_without_a_number_are_no_proof():
    drawn = np.array([0.1, 0.2, np.nan, np.nan])
    assert comparison(0.1, drawn, None, [], 0.95).p == comparison(-0.1, -drawn, None, [], 0.95).p == 1
    assert comparison(0.1, drawn[:2], None, [], 0.95).p == pytest.approx(2 / 3)


def test_a_resample_counts_a_pair_as_often_as_its_people_are_drawn(monkeypatch):
    monkeypatch.setattr(paired, "AT_ONCE", 3)
    verdicts = Verdicts(np.ones((1, 3), dtype=bool), np.array([4, 4, 9]), np.array([4, 9, 9]))
    same = np.random.default_rng(0)
    times = np.random.default_rng(0).multinomial(2, [0.5, 0.5], size=3)
    found = paired._pair_weights(verdicts, same)
    for resample, (first, second) in enumerate(times):
        assert found[resample].tolist() == [first, first * second, second]


def test_a_pair_that_alone_shows_its_two_people_is_drawn_as_one(monkeypatch):
    monkeypatch.setattr(paired, "AT_ONCE", 50)
    verdicts = Verdicts(np.ones((1, 3), dtype=bool), np.array([0, 2, 4]), np.array([1, 3, 2]))
    times = np.random.default_rng(0).multinomial(5, np.full(5, 0.2), size=50)
    found = paired._pair_weights(verdicts, np.random.default_rng(0))
    assert (found == np.stack([times[:, 0], times[:, 2] * times[:, 3], times[:, 4] * times[:, 2]], 1)).all()


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


def _people(generator, noise, runs=3, people=60, each=4):
    """Runs whose embeddings show who it is through noise, their placements, and their embeddings."""
    truth = np.repeat(np.random.default_rng(9).normal(size=(people, 8)), each, axis=0)
    who = np.repeat(np.arange(people), each)
    pairs = VerificationPairs(
        "set", [b""] * len(who), np.array([0]), np.array([1]), np.array([True]), np.array([0]), who
    )
    seen = [truth + noise * generator.normal(size=truth.shape) for _ in range(runs)]
    return [all_pairs(each, pairs).placements for each in seen], seen, who


def test_the_areas_of_two_methods_are_compared_over_people_and_runs():
    generator = np.random.default_rng(2)
    (blurred, *_), (clear, *_), (sharp, *_) = (_people(generator, noise, runs=6) for noise in (3.0, 2.0, 0.5))
    found = compare_areas(clear, blurred, sharp[:2])

    def area(runs):
        return np.mean([run.same.sum() / run.same_pairs.sum() for run in runs])

    assert found.difference.mean == pytest.approx(area(clear) - area(blurred))
    assert 0 < found.difference.low < found.difference.mean < found.difference.high
    assert found.p < 0.01
    assert found.share.mean == pytest.approx((area(clear) - area(blurred)) / (area(sharp[:2]) - area(blurred)))
    assert compare_areas(blurred, clear).difference.mean == pytest.approx(-found.difference.mean)
    alike = compare_areas(_people(generator, 2.0, runs=6)[0], clear)
    assert alike.difference.low < 0 < alike.difference.high
    with pytest.raises(DataError, match="not of the same pairs"):
        compare_areas(clear, _people(generator, 2.0, runs=6, people=50)[0])
    with pytest.raises(DataError, match="2 seeds are compared with 6"):
        compare_areas(clear[:2], blurred)


def test_the_first_order_spread_is_that_of_people_drawn_anew():
    generator = np.random.default_rng(3)
    (placements, seen, who) = _people(generator, 2.0, runs=1)
    draws = generator.multinomial(60, np.full(60, 1 / 60), size=300).astype(float)
    unit = seen[0] / np.linalg.norm(seen[0], axis=1, keepdims=True)
    left, right = np.triu_indices(len(who), 1)
    score, same = (unit @ unit.T)[left, right], who[left] == who[right]
    exact = []
    for times in draws:
        weight = np.where(same, times[who[left]], times[who[left]] * times[who[right]])
        order = np.argsort(score)
        below = np.cumsum((weight * ~same)[order])
        exact.append((below * (weight * same)[order]).sum() / (weight * same).sum() / (weight * ~same).sum())
    first_order = paired._areas(placements, draws)[:, 0]
    assert np.corrcoef(exact, first_order)[0, 1] > 0.98
    assert np.std(first_order) == pytest.approx(np.std(exact), rel=0.1)

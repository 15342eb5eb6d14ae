"""Two methods on the same pairs: differences, their intervals over people and seeds, and tests."""

import itertools
from math import comb

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError
from foveate.evaluate import paired
from foveate.evaluate.all_pairs import all_pairs
from foveate.evaluate.over_runs import Runs, comparison
from foveate.evaluate.paired import Verdicts, compare, compare_areas, holm, mcnemar


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
def test_where_people_agree_it_is_students_test(seeds):
    """All that is drawn here is how well a run went."""
    for own in np.random.default_rng(0).standard_normal((20, seeds)):
        same = Runs(own, np.tile(own, (50, 1)))
        found, right = comparison(same, None, same), ttest_1samp(own, 0)
        assert found.p == pytest.approx(right.pvalue)
        assert (found.difference.low, found.difference.high) == pytest.approx((*right.confidence_interval(),))


def test_of_one_run_the_draws_of_people_are_all_there_is():
    drawn = np.linspace(-1, 1, 401)[:, None] + 2
    found = comparison(Runs(np.array([2.0]), drawn), None, Runs(np.zeros(1), 0 * drawn))
    assert found.difference.low == pytest.approx(1.05, abs=0.01)
    assert found.difference.high == pytest.approx(2.95, abs=0.01)
    assert found.p == pytest.approx(2 / 402)


def _null(generator, seeds, *, people, pairs, runs):
    """Verdicts of two methods whose pairs, people and runs differ by so much, and that are as good as each other."""
    left = np.repeat(np.arange(120), 4)
    right = np.where(np.arange(len(left)) % 2, left, generator.permutation(left))
    whom = people * generator.standard_normal(120)
    common = whom[left] + whom[right] + pairs * generator.standard_normal(len(left))
    chance = 0.5 + common + runs * generator.standard_normal((seeds, 1))
    method, base = generator.random((2, seeds, len(left))) < np.stack([chance, np.full_like(chance, 0.5)])
    return Verdicts(method, left, right), Verdicts(base, left, right)


@pytest.mark.parametrize("luck", [(0.0, 0.0, 0.0), (0.0, 0.3, 0.0), (0.08, 0.0, 0.0), (0.0, 0.0, 0.04)])
def test_methods_that_are_alike_are_told_apart_as_seldom_as_p_says(luck):
    """Of one set in twenty at 5 %, whether it is people, pairs, runs or single verdicts that differ by luck."""
    generator, rounds = np.random.default_rng(0), 120
    for seeds in (3, 5):
        sure = 0
        for _ in range(rounds):
            method, base = _null(generator, seeds, people=luck[0], pairs=luck[1], runs=luck[2])
            sure += compare(method, base).p < 0.05
        assert 0.01 < sure / rounds < 0.1, (seeds, sure / rounds)


def test_a_share_is_what_the_numbers_do_not_refute_and_none_where_the_headroom_is_not_clear():
    generator = np.random.default_rng(0)

    def runs(mean, error, seeds=6):
        values = mean + error * generator.standard_normal(seeds)
        return Runs(values, values + 0.1 * generator.standard_normal((2000, 1)))

    base = runs(10.0, 0.2)
    share = comparison(runs(2.0, 0.2), runs(14.0, 0.2), base).share
    assert share.mean == pytest.approx(0.5, abs=0.1)
    assert 0.2 < share.low < share.mean < share.high < 0.8
    assert comparison(runs(2.0, 0.2), runs(10.3, 1.0), base).share is None
    two = [Runs(each.plain[:2], each.drawn[:, :2]) for each in (runs(2.0, 1.0), base)]
    unsure = comparison(two[0], runs(14.0, 0.2), two[1])
    assert unsure.difference.low < 0
    assert unsure.share.low < 0  # a gain that may be none may be none of the headroom


def test_accuracies_of_other_people_are_means_over_pairs_that_count_as_often():
    generator = np.random.default_rng(4)
    left, right = generator.integers(0, 6, (2, 40))
    values = generator.random((2, 40))
    place = np.concatenate([left, right])
    times = generator.multinomial(6, np.full(6, 1 / 6), size=30).astype(float)
    found = paired._accuracies(values, place, times)
    for run, plain in enumerate(found.plain):
        assert plain == pytest.approx(values[run].mean())
        weight = np.where(left == right, times[:, left], times[:, left] + times[:, right] - 1)
        assert found.drawn[:, run] == pytest.approx(plain + (weight - 1) @ (values[run] - plain) / 40)


def test_pairs_that_show_everyone_once_are_as_uncertain_as_pairs():
    """Drawn by people, each of them would count twice."""
    generator = np.random.default_rng(5)
    values = generator.random((1, 500))
    times = generator.multinomial(1000, np.full(1000, 1 / 1000), size=4000).astype(float)
    found = paired._accuracies(values, np.arange(1000), times)
    assert found.people.std() == pytest.approx(values.std() / 500**0.5, rel=0.06)


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
    first_order = paired._areas(placements, draws).drawn[:, 0]
    assert np.corrcoef(exact, first_order)[0, 1] > 0.98
    assert np.std(first_order) == pytest.approx(np.std(exact), rel=0.1)

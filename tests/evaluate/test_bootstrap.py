"""Intervals against plain loops, and their coverage in a simulation."""

import inspect

import numpy as np
import pytest
from scipy import stats

from foveate.errors import DataError
from foveate.evaluate import bootstrap
from foveate.evaluate.bootstrap import mean_interval

# Wrong shapes are met here as a user meets them, even when the tests run with annotations checked.
interval = inspect.unwrap(bootstrap.interval)


def test_the_bounds_are_quantiles_of_resampled_means():
    values = np.random.default_rng(0).normal(size=37)
    generator = np.random.default_rng(5)
    means = [np.mean([values[i] for i in generator.integers(37, size=37)]) for _ in range(300)]
    got = interval(values, confidence=0.8, samples=300, seed=5)
    assert got.mean == pytest.approx(np.mean(values))
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(means, [0.1, 0.9])))
    assert got.confidence == 0.8


def test_with_groups_whole_groups_are_drawn_and_weigh_by_their_size():
    generator = np.random.default_rng(0)
    values, groups = generator.normal(size=50), np.array(list("abcdefg"))[generator.integers(7, size=50)]
    members = [values[groups == name] for name in sorted(set(groups.tolist()))]
    draws = np.random.default_rng(9)
    means = [np.concatenate([members[i] for i in draws.integers(7, size=7)]).mean() for _ in range(400)]
    got = interval(values, samples=400, seed=9, groups=groups)
    assert got.mean == pytest.approx(values.mean())
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))


def test_a_group_for_each_value_is_the_same_as_no_groups():
    values = np.random.default_rng(0).random(60)
    assert interval(values, groups=np.arange(60)) == interval(values)


def test_pairs_that_stand_or_fall_together_widen_the_interval():
    values = np.repeat(np.random.default_rng(0).random(40) < 0.7, 25)
    alone, together = interval(values), interval(values, groups=np.repeat(np.arange(40), 25))
    assert together.high - together.low > 3.5 * (alone.high - alone.low)


def test_the_size_of_the_chunks_changes_nothing(monkeypatch):
    values = np.random.default_rng(0).random(101)
    want = interval(values)
    for draws in (1, 1_000, 10_101):
        monkeypatch.setattr(bootstrap, "_DRAWS_AT_ONCE", draws)
        assert interval(values, samples=2000) == want


def test_the_same_seed_gives_the_same_bounds_and_another_seed_others():
    values = np.random.default_rng(0).random(101)
    assert interval(values, seed=3) == interval(values, seed=3)
    assert interval(values, seed=3) != interval(values, seed=4)


def test_the_bootstrap_covers_the_true_accuracy_about_as_often_as_it_says():
    generator = np.random.default_rng(1)
    hits = 0
    for seed in range(400):
        got = interval(generator.random(200) < 0.8, confidence=0.9, samples=300, seed=seed)
        hits += got.low <= 0.8 <= got.high
    assert 0.85 < hits / 400 < 0.94


def test_the_bootstrap_agrees_with_the_normal_interval_of_many_pairs():
    correct = np.arange(6000) % 10 != 0
    got = interval(correct)
    half = 1.959964 * np.sqrt(0.9 * 0.1 / 6000)
    assert (got.mean, got.low, got.high) == pytest.approx((0.9, 0.9 - half, 0.9 + half), abs=6e-4)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_the_interval_over_seeds_is_students(confidence):
    values = np.array([93.1, 93.4, 92.8, 93.9])
    got = mean_interval(values, confidence)
    want = stats.t.interval(confidence, 3, loc=values.mean(), scale=stats.sem(values))
    assert (got.low, got.high) == pytest.approx(want, rel=1e-12)
    assert got.mean == pytest.approx(93.3)


def test_two_seeds_multiply_the_standard_error_by_12_7():
    got = mean_interval(np.array([1.0, 3.0]))
    assert got.high - got.mean == pytest.approx(12.7062047)


def test_a_single_value_or_group_has_a_mean_and_no_bounds():
    for got in (
        mean_interval(np.array([4.0])),
        interval(np.array([4.0])),
        interval(np.array([3.0, 5.0]), groups=np.array(["one", "one"])),
    ):
        assert got.mean == 4.0
        assert np.isnan(got.low)
        assert np.isnan(got.high)


def test_bad_input_is_refused():
    values = np.array([1.0, 0.0, 1.0])
    for function in (interval, mean_interval):
        with pytest.raises(DataError, match="at least one value"):
            function(np.empty(0))
        with pytest.raises(DataError, match="record 1: a value is not finite"):
            function(np.array([1.0, np.nan]))
        with pytest.raises(DataError, match=r"confidence of 95\.0"):
            function(values, confidence=95.0)
    with pytest.raises(DataError, match="0 bootstrap samples"):
        interval(values, samples=0)
    with pytest.raises(DataError, match="each value its group"):
        interval(values, groups=np.arange(2))

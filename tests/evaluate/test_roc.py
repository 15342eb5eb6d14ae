"""The ROC curve against its definitions."""

import inspect

import numpy as np
import pytest

from foveate.errors import DataError
from foveate.evaluate.roc import roc as checked_roc

# Wrong shapes are met here as a user meets them, even when the tests run with annotations checked.
roc = inspect.unwrap(checked_roc)


def scored(pairs=200, seed=0, decimals=None):
    generator = np.random.default_rng(seed)
    same = generator.random(pairs) < 0.4
    scores = generator.normal(size=pairs) + same
    return (scores if decimals is None else scores.round(decimals)), same


@pytest.mark.parametrize("decimals", [None, 1, 0])
def test_every_point_is_the_share_of_pairs_at_or_above_its_threshold(decimals):
    scores, same = scored(decimals=decimals)
    got = roc(scores, same)
    assert list(got.thresholds) == [np.inf, *sorted(set(scores.tolist()), reverse=True)]
    for threshold, false, true in zip(got.thresholds, got.false_accept_rate, got.true_accept_rate, strict=True):
        assert false == np.mean(scores[~same] >= threshold)
        assert true == np.mean(scores[same] >= threshold)


@pytest.mark.parametrize("decimals", [None, 1, 0])
def test_the_area_is_the_share_of_couples_in_order_with_ties_counting_half(decimals):
    scores, same = scored(decimals=decimals)
    couples = [(a > b) + 0.5 * (a == b) for a in scores[same] for b in scores[~same]]
    assert roc(scores, same).auc == np.sum(couples) / len(couples)


def test_separated_scores_have_area_one_equal_scores_one_half_and_reversed_scores_zero():
    same = np.arange(30) % 3 == 0
    assert roc(same.astype(float), same).auc == 1
    assert roc(np.full(30, 0.3), same).auc == 0.5
    assert roc(-same.astype(float), same).auc == 0


@pytest.mark.parametrize("decimals", [None, 1])
def test_true_accepts_come_from_the_largest_set_within_the_limit(decimals):
    scores, same = scored(decimals=decimals)
    for far in [0.0, 1e-9, 0.001, 0.01, 1 / 118, 0.1, 0.25, 0.5, 0.999, 1.0]:
        best, at = 0.0, np.inf
        for threshold in sorted(set(scores.tolist()), reverse=True):
            if np.mean(scores[~same] >= threshold) <= far:
                best, at = np.mean(scores[same] >= threshold), threshold
        assert roc(scores, same).true_accept_at(far) == (best, at)


def test_true_accepts_never_fall_when_more_false_accepts_are_allowed():
    got = roc(*scored(decimals=1))
    rates, thresholds = zip(*[got.true_accept_at(far) for far in np.linspace(0, 1, 101)], strict=True)
    assert (np.diff(rates) >= 0).all()
    assert (np.diff(thresholds[1:]) <= 0).all()
    assert rates[0] < rates[-1] == 1


def test_a_limit_that_is_met_exactly_is_within():
    scores, same = np.arange(1000.0), np.arange(1000) < 500
    got = roc(-scores, ~same)
    assert got.true_accept_at(0.006) == (0.0, -2.0)
    assert got.true_accept_at(0.0059) == (0.0, -1.0)
    assert got.true_accept_at(0.0019) == (0.0, np.inf)


def test_no_stranger_is_let_in_when_the_best_score_is_a_strangers():
    got = roc(np.array([3.0, 2.0, 1.0]), np.array([False, True, False]))
    assert got.true_accept_at(0.1) == (0.0, np.inf)
    assert got.true_accept_at(0.5) == (1.0, 2.0)


def test_the_equal_error_rate_is_where_the_curve_crosses_the_falling_diagonal():
    same = np.array([True, True, False, True, False, False])
    assert roc(np.arange(6.0)[::-1], same).equal_error_rate == pytest.approx(1 / 3)
    assert roc(same.astype(float), same).equal_error_rate == 0
    assert roc(np.zeros(6), same).equal_error_rate == 0.5
    generator = np.random.default_rng(3)
    many = generator.random(200_000) < 0.5
    shifted = roc(generator.normal(size=200_000) + 2 * many, many)
    assert shifted.equal_error_rate == pytest.approx(0.158655, abs=3e-3)  # the normal distribution beyond one sigma


def test_bad_input_is_refused():
    scores, same = scored()
    with pytest.raises(DataError, match="only one kind"):
        roc(scores, np.ones_like(same))
    with pytest.raises(DataError, match="only one kind"):
        roc(scores, np.zeros_like(same))
    with pytest.raises(DataError, match="do not go together"):
        roc(scores[:-1], same)
    with pytest.raises(DataError, match="do not go together"):
        roc(scores, same.astype(int))
    with pytest.raises(DataError, match="between 0 and 1"):
        roc(scores, same).true_accept_at(1.5)
    scores[5] = np.nan
    with pytest.raises(DataError, match="pair 5: 1 scores are not finite"):
        roc(scores, same)

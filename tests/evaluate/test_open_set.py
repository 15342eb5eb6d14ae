"""Open-set identification against a loop over thresholds."""

import numpy as np
import pytest

from foveate.errors import DataError
from foveate.evaluate.open_set import open_set


def _naive(mate, rank, stranger, rate, within):
    """The best of all thresholds whose FPIR is at most the rate; beyond all scores nobody is found."""
    best = 0.0
    for threshold in [*mate, *stranger]:
        if np.mean([score >= threshold for score in stranger]) <= rate:
            found = [score >= threshold and place <= within for score, place in zip(mate, rank, strict=True)]
            best = max(best, float(np.mean(found)))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_rates_are_those_of_the_best_threshold_allowed(seed):
    random = np.random.default_rng(seed)
    mate, stranger = random.integers(3, 12, 20) / 10, random.integers(0, 10, 10) / 10
    rank, rates = random.integers(1, 40, 20), (0.0, 0.01, 0.1, 0.3, 0.35, 1.0)
    found = open_set(mate, rank, stranger, rates=rates, within=20)
    assert found.rates == rates
    assert found.true_positive == tuple(_naive(mate, rank, stranger, rate, 20) for rate in rates)
    wins = [
        (place <= 20) * ((score > other) + 0.5 * (score == other))
        for score, place in zip(mate, rank, strict=True)
        for other in stranger
    ]
    assert found.auc == pytest.approx(np.mean(wins))


def test_a_mate_that_scores_like_the_next_stranger_is_not_found():
    found = open_set(np.array([0.5, 0.6]), np.array([1, 1]), np.array([0.5, 0.4]), rates=(0.0, 0.5))
    assert found.true_positive == (0.5, 1.0)


def test_a_mate_beyond_the_first_faces_is_not_found_however_high_it_scores():
    assert open_set(np.array([0.9]), np.array([21]), np.array([0.1]), rates=(1.0,)).true_positive == (0.0,)


def test_without_one_kind_of_probe_or_with_an_impossible_rate_it_is_refused():
    one = np.array([0.5])
    with pytest.raises(DataError, match="1 mated and 0 unmated probes"):
        open_set(one, np.array([1]), np.array([]))
    with pytest.raises(DataError, match="a score that is no number"):
        open_set(np.array([np.nan]), np.array([0]), one)
    with pytest.raises(DataError, match="cannot be"):
        open_set(one, np.array([1]), one, rates=(1.5,))

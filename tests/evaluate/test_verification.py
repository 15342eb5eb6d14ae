"""Verification against the golden numbers, and against loops written from their definitions."""

import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foveate.errors import DataError, RecipeError
from foveate.evaluate import verification
from foveate.evaluate.faces import summary

# Wrong shapes are met here as a user meets them, even when the tests run with annotations checked.
verify = inspect.unwrap(verification.verify)

PROTOCOLS = ("authors", "insightface")


def noisy_pairs(pairs=120, size=8, folds=4, noise=1.2, seed=0):
    generator = np.random.default_rng(seed)
    left = generator.normal(size=(pairs, size)) + 0.5
    same = np.arange(pairs) % 2 == 0
    other = generator.normal(size=(pairs, size)) + 0.5
    right = np.where(same[:, None], left + noise * generator.normal(size=(pairs, size)), other)
    return left, right, same, np.arange(pairs) // (pairs // folds)


def naive_authors(left, right, same, fold):
    accuracies, best_thresholds = [], []
    thresholds = [step / 10_000 for step in range(-10_000, 10_001)]
    for number in sorted(set(fold.tolist())):
        train = fold != number
        mean = np.mean(np.concatenate([left[train], right[train]]), axis=0)
        scores = []
        for one, two in zip(left, right, strict=True):
            one, two = (one - mean) / np.linalg.norm(one - mean), (two - mean) / np.linalg.norm(two - mean)
            scores.append(one @ two)
        scores = np.array(scores)

        def right_answers(threshold, among, scores=scores):
            return np.sum(scores[among & same] > threshold) + np.sum(scores[among & ~same] < threshold)

        counts = np.array([right_answers(threshold, train) for threshold in thresholds])
        best_thresholds.append(np.mean(np.array(thresholds)[counts == counts.max()]))
        accuracies.append(right_answers(best_thresholds[-1], ~train) / np.sum(~train))
    return np.array(accuracies), np.array(best_thresholds)


def naive_insightface(left, right, same, fold):
    distance = []
    for one, two in zip(left, right, strict=True):
        distance.append(np.sum((one / np.linalg.norm(one) - two / np.linalg.norm(two)) ** 2))
    distance = np.array(distance)
    accuracies, best_thresholds = [], []
    for number in sorted(set(fold.tolist())):
        train = fold != number
        best, chosen = -1.0, None
        for threshold in np.arange(0, 4, 0.01):
            accuracy = np.mean((distance[train] < threshold) == same[train])
            if accuracy > best:
                best, chosen = accuracy, threshold
        best_thresholds.append(chosen)
        accuracies.append(np.mean((distance[~train] < chosen) == same[~train]))
    return np.array(accuracies), np.array(best_thresholds)


def test_the_authors_protocol_gives_the_golden_accuracy_of_every_fold(golden: Path):
    with np.load(golden / "verification_authors.npz") as want:
        got = verify(want["left"], want["right"], want["same"], want["fold"], protocol="authors")
        np.testing.assert_allclose(got.accuracy_by_fold, want["accuracy"], rtol=0, atol=1e-12)


def test_the_insightface_protocol_gives_the_golden_accuracy_of_every_fold(golden: Path):
    with np.load(golden / "verification_insightface.npz") as want:
        embeddings, same = want["embeddings"], want["same"]
        fold = np.arange(len(same)) // (len(same) // 10)
        got = verify(embeddings[0::2], embeddings[1::2], same, fold, protocol="insightface")
        np.testing.assert_allclose(got.accuracy_by_fold, want["accuracy"], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("protocol", "naive"), [("authors", naive_authors), ("insightface", naive_insightface)])
def test_sorted_counts_equal_the_plain_loop_to_the_last_bit(protocol, naive):
    pairs = noisy_pairs()
    got = verify(*pairs, protocol=protocol)
    accuracy, threshold = naive(*pairs)
    np.testing.assert_array_equal(got.accuracy_by_fold, accuracy)
    np.testing.assert_array_equal(got.threshold_by_fold, threshold)
    assert 0.6 < got.accuracy < 1


def test_a_score_on_a_threshold_is_wrong_for_both_kinds_of_pairs_in_the_authors_protocol():
    grid = np.arange(-10_000, 10_001) / 10_000
    alike, unlike = np.array([0.0, 0.5, 0.5]), np.array([0.0, 0.25])
    got = verification._authors_threshold(np.concatenate([alike, unlike]), np.array([True] * 3 + [False] * 2))
    counts = [np.sum(alike > threshold) + np.sum(unlike < threshold) for threshold in grid]
    want = grid[counts == np.max(counts)]
    assert len(want) > 1000
    assert 0.25 not in want
    assert 0.5 not in want
    assert got == want.mean()


def test_a_distance_on_the_threshold_is_a_stranger_and_the_first_best_threshold_wins_in_insightface():
    step = np.arange(0, 4, 0.01)
    distance, same = np.array([step[50], step[70]]), np.array([True, False])
    assert verification._insightface_threshold(distance, same) == step[51]


def test_a_tie_in_the_test_fold_is_wrong_for_the_authors_and_different_for_insightface(monkeypatch):
    monkeypatch.setattr(verification, "_AUTHORS_THRESHOLDS", np.array([0.0]))
    monkeypatch.setattr(verification, "_INSIGHTFACE_THRESHOLDS", np.array([1.0]))
    left, _, same, fold = noisy_pairs()
    nothing, axis = np.zeros_like(left), np.tile(np.eye(8)[0], (len(left), 1))
    assert not verify(nothing, nothing, same, fold, protocol="authors").correct.any()
    np.testing.assert_array_equal(verify(nothing, axis, same, fold, protocol="insightface").correct, ~same)


def test_subtracting_nothing_or_a_common_offset_is_all_the_same_to_the_authors_protocol():
    left, right, same, fold = noisy_pairs()
    plain, moved = (
        verify(left + offset, right + offset, same, fold, protocol="authors") for offset in (0.0, np.arange(8.0))
    )
    np.testing.assert_allclose(plain.scores, moved.scores, rtol=0, atol=1e-12)


def test_insightface_ignores_the_length_of_embeddings_and_the_authors_do_not():
    left, right, same, fold = noisy_pairs()
    length = np.random.default_rng(1).uniform(0.2, 5, size=(len(same), 1))
    for protocol, equal in (("insightface", True), ("authors", False)):
        plain = verify(left, right, same, fold, protocol=protocol)
        longer = verify(left * length, right, same, fold, protocol=protocol)
        assert np.allclose(plain.scores, longer.scores, rtol=0, atol=1e-12) == equal


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_order_of_pairs_within_a_fold_changes_nothing(protocol):
    left, right, same, fold = noisy_pairs()
    order = np.lexsort((np.random.default_rng(2).random(len(fold)), fold))
    assert (fold[order] == fold).all()
    assert (order != np.arange(len(order))).any()
    plain = verify(left, right, same, fold, protocol=protocol)
    mixed = verify(left[order], right[order], same[order], fold, protocol=protocol)
    np.testing.assert_array_equal(mixed.accuracy_by_fold, plain.accuracy_by_fold)
    np.testing.assert_array_equal(mixed.correct, plain.correct[order])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_verdicts_add_up_to_the_accuracy_and_scores_tell_the_kinds_apart(protocol):
    left, right, same, fold = noisy_pairs()
    got = verify(left, right, same, fold, protocol=protocol)
    by_fold = [got.correct[fold == number].mean() for number in range(4)]
    np.testing.assert_array_equal(got.accuracy_by_fold, by_fold)
    assert got.correct.mean() == pytest.approx(got.accuracy)
    assert got.scores[same].mean() > got.scores[~same].mean() + 0.2
    assert np.abs(got.scores).max() <= 1 + 1e-12


def test_the_insightface_score_is_the_cosine_similarity():
    left, right, same, fold = noisy_pairs()
    cosine = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(left, right, strict=True)]
    got = verify(left, right, same, fold, protocol="insightface")
    np.testing.assert_allclose(got.scores, cosine, rtol=0, atol=1e-12)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_half_precision_and_fold_numbers_with_gaps_are_welcome(protocol):
    left, right, same, fold = noisy_pairs()
    left, right = left.astype(np.float16), right.astype(np.float16)
    got = verify(left, right, same, fold * 7 + 3, protocol=protocol)
    want = verify(left.astype(np.float64), right.astype(np.float64), same, fold, protocol=protocol)
    np.testing.assert_array_equal(got.scores, want.scores)
    np.testing.assert_array_equal(got.accuracy_by_fold, want.accuracy_by_fold)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_perfectly_separated_pairs_are_all_right(protocol):
    left, _, same, fold = noisy_pairs()
    got = verify(left, np.where(same[:, None], left, 1 - left), same, fold, protocol=protocol)
    assert got.accuracy == 1
    assert got.standard_error == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_embedding_of_zeros_is_no_division_by_zero(protocol):
    left, right, same, fold = noisy_pairs()
    assert np.isfinite(verify(left * 0, right * 0, same, fold, protocol=protocol).scores).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_pairs_add_means_the_accuracy_whatever_the_sizes_of_folds(protocol):
    left, right, same, _ = noisy_pairs()
    fold = np.array([0] * 8 + [5] * 100 + [9] * 12)
    judged = verify(left, right, same, fold, protocol=protocol)
    assert judged.counted.mean() == pytest.approx(judged.accuracy)
    found = summary(judged)
    assert found["low"] <= found["accuracy"] <= found["high"]
    even = verify(*noisy_pairs(), protocol=protocol)
    assert even.counted.tolist() == even.correct.tolist()


def test_the_standard_error_is_the_sample_deviation_over_the_root_of_the_folds():
    got = verify(*noisy_pairs(), protocol="insightface")
    got = replace(got, accuracy_by_fold=np.array([0.5, 0.7, 0.9, 0.9]))
    assert got.accuracy == pytest.approx(0.75)
    assert got.standard_error == pytest.approx(np.sqrt((0.0625 + 0.0025 + 0.0225 + 0.0225) / 3 / 4))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_embedding_that_is_not_finite_is_refused_with_its_pair(bad):
    left, right, same, fold = noisy_pairs()
    right[17, 3] = bad
    with pytest.raises(DataError, match=r"pair 17: 1 of 120 pairs .* not finite"):
        verify(left, right, same, fold, protocol="insightface")


@pytest.mark.parametrize(("kind", "shown"), [(True, "the same person"), (False, "different people")])
def test_a_fold_with_one_kind_of_pair_is_refused(kind, shown):
    left, right, same, fold = noisy_pairs()
    same[fold == 2] = kind
    with pytest.raises(DataError, match=rf"fold 2: .* show {shown}"):
        verify(left, right, same, fold, protocol="authors")


def test_shapes_that_do_not_match_are_refused():
    left, right, same, fold = noisy_pairs()
    broken = [(left[:-1], right, same, fold), (left, right[:, :-1], same, fold), (left, right, same[:-1], fold)]
    broken += [(left, right, same, fold[:-1]), (left[:, 0], right[:, 0], same, fold)]
    for arrays in broken:
        with pytest.raises(DataError, match="shapes of the pairs do not match"):
            verify(*arrays, protocol="authors")


def test_flags_of_one_and_minus_one_a_single_fold_and_an_unknown_protocol_are_refused():
    left, right, same, fold = noisy_pairs()
    with pytest.raises(DataError, match="not true or false"):
        verify(left, right, np.where(same, 1, -1), fold, protocol="authors")
    with pytest.raises(DataError, match="at least two folds"):
        verify(left, right, same, fold * 0, protocol="authors")
    with pytest.raises(RecipeError, match="no verification protocol 'facenet'"):
        verify(left, right, same, fold, protocol="facenet")
